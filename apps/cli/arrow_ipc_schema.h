// Owns the types of Arrow IPC: a column's type read from the C interface's format strings, and the Schema flatbuffer.
// Does not touch data (arrow_ipc.cc does). Formats: "The Arrow C data interface", section "Data type description";
// Arrow's Schema.fbs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "deltic/arrow.h"
#include "deltic/result.h"
#include "flatbuffer.h"

namespace deltic::cli {

// How the buffers of a type are laid out.
enum class Layout : uint8_t {
  kNull,       // no buffers
  kBits,       // validity, bits
  kFixed,      // validity, values of `width` bytes
  kBytes,      // validity, offsets of `width` bytes, bytes
  kViews,      // validity, 16-byte views, any number of data buffers
  kList,       // validity, offsets of `width` bytes; one child
  kFixedList,  // validity; one child, `width` elements a row
  kStruct,     // validity; children
};

// Numbers of the union Type in Arrow's Schema.fbs.
enum class TypeId : uint8_t {
  kNull = 1,
  kInt = 2,
  kFloatingPoint = 3,
  kBinary = 4,
  kUtf8 = 5,
  kBool = 6,
  kDecimal = 7,
  kDate = 8,
  kTime = 9,
  kTimestamp = 10,
  kInterval = 11,
  kList = 12,
  kStruct = 13,
  kFixedSizeBinary = 15,
  kFixedSizeList = 16,
  kMap = 17,
  kDuration = 18,
  kLargeBinary = 19,
  kLargeUtf8 = 20,
  kLargeList = 21,
  kBinaryView = 23,
  kUtf8View = 24,
};

// A column's type as the encoding needs it. A value.
struct IpcField {
  std::string name;
  bool nullable = true;
  Layout layout = Layout::kNull;
  int64_t width = 0;
  TypeId type = TypeId::kNull;
  // The type's parameters, in the order of its table in Schema.fbs; what they mean depends on the type.
  int32_t a = 0;
  int32_t b = 0;
  int32_t c = 0;
  std::string timezone;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<IpcField> children;
};

struct IpcSchema {
  std::vector<IpcField> fields;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// Unsupported, naming the column, for dictionaries, unions, run-end encoding and list views.
Result<IpcSchema> ParseIpcSchema(const ArrowSchema& schema);

// The Schema table.
FlatBuffer::Ref MakeSchema(const IpcSchema& schema, FlatBuffer* buffer);

}  // namespace deltic::cli
