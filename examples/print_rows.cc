// Owns an example: the rows of a Delta table, read from the Arrow C stream by hand, with no Arrow library at all.
// Does not print nested columns (it says their format instead). In real work, hand the stream to an Arrow library.
//
//   example_print_rows TABLE [FILTER]
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "deltic/table.h"

namespace {

bool Valid(const ArrowArray& column, int64_t row) {
  const auto* bits = static_cast<const uint8_t*>(column.buffers[0]);  // null when there are no nulls
  return bits == nullptr || ((bits[row / 8] >> (row % 8)) & 1) != 0;
}

template <class T>
T At(const ArrowArray& column, int64_t row) {
  return static_cast<const T*>(column.buffers[1])[row];
}

template <class Offset>
std::string_view TextAt(const ArrowArray& column, int64_t row) {
  const auto* offsets = static_cast<const Offset*>(column.buffers[1]);
  const auto* bytes = static_cast<const char*>(column.buffers[2]);
  return {bytes + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row])};
}

// Arrow's format strings: one letter for a primitive type, "u" and "U" for text with 32 and 64 bit offsets.
void PrintValue(std::ostream& out, std::string_view format, const ArrowArray& column, int64_t row_of_batch) {
  const int64_t row = row_of_batch + column.offset;
  if (!Valid(column, row)) {
    out << "NULL";
  } else if (format == "l") {
    out << At<int64_t>(column, row);
  } else if (format == "i") {
    out << At<int32_t>(column, row);
  } else if (format == "s") {
    out << At<int16_t>(column, row);
  } else if (format == "c") {
    out << static_cast<int>(At<int8_t>(column, row));
  } else if (format == "g") {
    out << At<double>(column, row);
  } else if (format == "f") {
    out << At<float>(column, row);
  } else if (format == "b") {
    out << (((static_cast<const uint8_t*>(column.buffers[1])[row / 8] >> (row % 8)) & 1) != 0 ? "true" : "false");
  } else if (format == "tdD") {
    out << "day " << At<int32_t>(column, row);
  } else if (format.substr(0, 3) == "tsu") {
    out << At<int64_t>(column, row) << " us";
  } else if (format == "u") {
    out << TextAt<int32_t>(column, row);
  } else if (format == "U") {
    out << TextAt<int64_t>(column, row);
  } else {
    out << "<" << format << ">";
  }
}

// Ends the stream's structures on every way out, as the Arrow C interface asks of the one who consumes them.
template <class T>
struct Released {
  T value{};
  ~Released() {
    if (value.release != nullptr) value.release(&value);
  }
};

int Fail(const std::string& message) {
  std::cerr << "error: " << message << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return Fail("usage: example_print_rows TABLE [FILTER]");
  auto table = deltic::Table::Open(argv[1]);
  if (!table.ok()) return Fail(table.error().ToString());

  deltic::ScanOptions options;
  if (argc > 2) options.where = argv[2];
  Released<ArrowArrayStream> stream;
  auto status = table->Scan(options, &stream.value);
  if (!status.ok()) return Fail(status.error().ToString());

  Released<ArrowSchema> schema;
  if (stream.value.get_schema(&stream.value, &schema.value) != 0)
    return Fail(stream.value.get_last_error(&stream.value));
  for (int64_t i = 0; i < schema.value.n_children; ++i)
    std::cout << (i > 0 ? "\t" : "") << schema.value.children[i]->name;
  std::cout << "\n";

  int64_t rows = 0;
  for (;;) {
    Released<ArrowArray> batch;
    if (stream.value.get_next(&stream.value, &batch.value) != 0)
      return Fail(stream.value.get_last_error(&stream.value));
    if (batch.value.release == nullptr) break;  // the end of the stream
    for (int64_t row = 0; row < batch.value.length; ++row) {
      for (int64_t i = 0; i < batch.value.n_children; ++i) {
        if (i > 0) std::cout << "\t";
        PrintValue(std::cout, schema.value.children[i]->format, *batch.value.children[i], row + batch.value.offset);
      }
      std::cout << "\n";
    }
    rows += batch.value.length;
  }
  std::cerr << rows << " rows of version " << table->version() << "\n";
  return 0;
}
