// Owns the messages of Arrow IPC: the schema's flatbuffer, a batch's nodes and buffers, the footer. See arrow_ipc.h.
// Slices are the subtle part: a C array may start at any offset and so may each child, while IPC buffers start at the
// first row, so every buffer is cut (bytes), shifted (bits) or rebased (list and string offsets) on its way out.
#include "arrow_ipc.h"

#include <bit>
#include <cstring>
#include <deque>

#include "base/error.h"
#include "flatbuffer.h"

namespace deltic::cli {

static_assert(std::endian::native == std::endian::little, "buffers are written as they lie in memory");

namespace {

using Ref = FlatBuffer::Ref;

constexpr int64_t kAlignment = 64;
constexpr int16_t kMetadataV5 = 4;
constexpr char kMagic[] = "ARROW1";
constexpr uint8_t kSchemaMessage = 1;
constexpr uint8_t kRecordBatchMessage = 3;

int64_t Padded(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Message{version, header_type, header, bodyLength}
std::string MakeMessage(uint8_t header_type, Ref header, int64_t body_bytes, FlatBuffer* buffer) {
  buffer->StartTable();
  buffer->Add(3, body_bytes);
  buffer->Add(2, header);
  buffer->Add(0, kMetadataV5);
  buffer->Add(1, header_type);
  return buffer->Finish(buffer->EndTable());
}

// Footer{version, schema, dictionaries, recordBatches}; blocks are {offset, metadata bytes:i32, padding, body bytes}.
std::string MakeFooter(const IpcSchema& ipc_schema, const std::vector<int64_t>& blocks) {
  FlatBuffer buffer;
  const Ref schema = MakeSchema(ipc_schema, &buffer);
  const Ref batches = buffer.Structs(blocks, 3);
  const Ref dictionaries = buffer.Structs({}, 3);
  buffer.StartTable();
  buffer.Add(1, schema);
  buffer.Add(2, dictionaries);
  buffer.Add(3, batches);
  buffer.Add(0, kMetadataV5);
  return buffer.Finish(buffer.EndTable());
}

// Some rows of an array: `start` counts from the buffers' begin, so it holds the array's own offset.
struct Slice {
  const ArrowArray* array;
  int64_t start;
  int64_t length;
};

// The nodes and buffers of one batch, gathered before anything is written because the metadata comes first. Buffers
// that need no change are borrowed from the arrays, which outlive it. One thread at a time.
class BatchBody {
 public:
  Status Append(const IpcField& field, const Slice& rows);

  std::string MakeMetadata(int64_t rows) const {
    FlatBuffer buffer;
    const Ref nodes = buffer.Structs(nodes_, 2);
    std::vector<int64_t> words;
    int64_t offset = 0;
    for (std::string_view piece : buffers_) {
      words.push_back(offset);
      words.push_back(static_cast<int64_t>(piece.size()));
      offset += Padded(static_cast<int64_t>(piece.size()));
    }
    const Ref buffers = buffer.Structs(words, 2);
    const Ref variadic = variadic_counts_.empty() ? Ref() : buffer.Structs(variadic_counts_, 1);
    buffer.StartTable();
    buffer.Add(0, rows);
    buffer.Add(1, nodes);
    buffer.Add(2, buffers);
    buffer.Add(4, variadic);
    return MakeMessage(kRecordBatchMessage, buffer.EndTable(), offset, &buffer);
  }
  int64_t body_bytes() const {
    int64_t bytes = 0;
    for (std::string_view piece : buffers_) bytes += Padded(static_cast<int64_t>(piece.size()));
    return bytes;
  }
  const std::vector<std::string_view>& buffers() const { return buffers_; }

 private:
  void Borrow(const void* bytes, int64_t start, int64_t length) {
    buffers_.push_back(length == 0 ? std::string_view()
                                   : std::string_view(static_cast<const char*>(bytes) + start, size_t(length)));
  }
  void Own(std::string bytes) {
    owned_.push_back(std::move(bytes));
    buffers_.push_back(owned_.back());
  }
  void AppendBits(const void* bits, int64_t start, int64_t length);
  int64_t AppendValidity(const Slice& rows);
  template <class Offset>
  Slice AppendOffsets(const Slice& rows);
  Status AppendViews(const Slice& rows);
  template <class Offset>
  Status AppendBytes(const Slice& rows) {
    const Slice bytes = AppendOffsets<Offset>(rows);
    Borrow(rows.array->buffers[2], bytes.start, bytes.length);
    return {};
  }
  template <class Offset>
  Status AppendList(const IpcField& field, const Slice& rows) {
    Slice elements = AppendOffsets<Offset>(rows);
    elements.array = rows.array->children[0];
    elements.start += elements.array->offset;
    return Append(field.children[0], elements);
  }

  std::vector<int64_t> nodes_;  // {rows, nulls} pairs
  std::vector<std::string_view> buffers_;
  std::vector<int64_t> variadic_counts_;
  std::deque<std::string> owned_;  // a deque: views into it must stay
};

bool Bit(const void* bits, int64_t i) { return (static_cast<const uint8_t*>(bits)[i >> 3] >> (i & 7)) & 1; }

int64_t CountBits(const void* bits, int64_t start, int64_t length) {
  int64_t count = 0;
  int64_t i = 0;
  for (; i < length && (start + i) % 8 != 0; ++i) count += Bit(bits, start + i);
  for (; i + 8 <= length; i += 8) count += std::popcount(static_cast<const uint8_t*>(bits)[(start + i) / 8]);
  for (; i < length; ++i) count += Bit(bits, start + i);
  return count;
}

void BatchBody::AppendBits(const void* bits, int64_t start, int64_t length) {
  if (start % 8 == 0) return Borrow(bits, start / 8, (length + 7) / 8);
  std::string shifted(static_cast<size_t>((length + 7) / 8), '\0');
  const auto* bytes = static_cast<const uint8_t*>(bits) + start / 8;
  const int shift = static_cast<int>(start % 8);
  const int64_t source_bytes = (shift + length + 7) / 8;
  for (int64_t i = 0; i < static_cast<int64_t>(shifted.size()); ++i) {
    const int high = i + 1 < source_bytes ? bytes[i + 1] << (8 - shift) : 0;
    shifted[static_cast<size_t>(i)] = static_cast<char>((bytes[i] >> shift) | high);
  }
  Own(std::move(shifted));
}

// Answers the nulls. A column without nulls has an empty validity buffer.
int64_t BatchBody::AppendValidity(const Slice& rows) {
  const ArrowArray& array = *rows.array;
  const void* bits = array.buffers[0];
  int64_t nulls = 0;
  if (array.null_count != 0 && bits != nullptr && rows.length > 0) {
    nulls = rows.length - CountBits(bits, rows.start, rows.length);
  }
  if (nulls == 0) {
    Borrow(nullptr, 0, 0);
  } else {
    AppendBits(bits, rows.start, rows.length);
  }
  return nulls;
}

// Writes length + 1 offsets that begin at 0. Answers the range they cover in what they point to.
template <class Offset>
Slice BatchBody::AppendOffsets(const Slice& rows) {
  const auto* offsets = static_cast<const Offset*>(rows.array->buffers[1]);
  if (rows.length == 0 || offsets == nullptr) {
    Own(std::string(sizeof(Offset), '\0'));
    return {nullptr, 0, 0};
  }
  offsets += rows.start;
  const Offset first = offsets[0];
  const int64_t bytes = (rows.length + 1) * static_cast<int64_t>(sizeof(Offset));
  if (first == 0) {
    Borrow(offsets, 0, bytes);
  } else {
    std::string rebased(static_cast<size_t>(bytes), '\0');
    for (int64_t i = 0; i <= rows.length; ++i) {
      const Offset offset = offsets[i] - first;
      std::memcpy(rebased.data() + i * static_cast<int64_t>(sizeof(Offset)), &offset, sizeof(Offset));
    }
    Own(std::move(rebased));
  }
  return {nullptr, first, static_cast<int64_t>(offsets[rows.length] - first)};
}

// Views point into whole data buffers, so those go out as they are. The C array's last buffer holds their sizes.
Status BatchBody::AppendViews(const Slice& rows) {
  const ArrowArray& array = *rows.array;
  Borrow(array.buffers[1], rows.start * 16, rows.length * 16);
  const int64_t data_buffers = array.n_buffers - 3;
  if (data_buffers < 0) return Internal("a view array with {} buffers", array.n_buffers);
  const auto* sizes = static_cast<const int64_t*>(array.buffers[array.n_buffers - 1]);
  for (int64_t i = 0; i < data_buffers; ++i) Borrow(array.buffers[2 + i], 0, sizes[i]);
  variadic_counts_.push_back(data_buffers);
  return {};
}

Status BatchBody::Append(const IpcField& field, const Slice& rows) {
  const ArrowArray& array = *rows.array;
  if (array.n_children != static_cast<int64_t>(field.children.size())) {
    return Internal("column {}: {} children where the schema has {}", field.name, array.n_children,
                    field.children.size());
  }
  if (field.layout == Layout::kNull) {
    nodes_.insert(nodes_.end(), {rows.length, rows.length});
    return {};
  }
  const size_t node = nodes_.size();
  nodes_.insert(nodes_.end(), {rows.length, 0});
  nodes_[node + 1] = AppendValidity(rows);
  switch (field.layout) {
    case Layout::kNull:
      break;
    case Layout::kBits:
      AppendBits(array.buffers[1], rows.start, rows.length);
      break;
    case Layout::kFixed:
      Borrow(array.buffers[1], rows.start * field.width, rows.length * field.width);
      break;
    case Layout::kBytes:
      return field.width == 4 ? AppendBytes<int32_t>(rows) : AppendBytes<int64_t>(rows);
    case Layout::kViews:
      return AppendViews(rows);
    case Layout::kList:
      return field.width == 4 ? AppendList<int32_t>(field, rows) : AppendList<int64_t>(field, rows);
    case Layout::kFixedList: {
      const ArrowArray* child = array.children[0];
      return Append(field.children[0], {child, child->offset + rows.start * field.width, rows.length * field.width});
    }
    case Layout::kStruct:
      for (size_t i = 0; i < field.children.size(); ++i) {
        const ArrowArray* child = array.children[i];
        DELTIC_CHECK(Append(field.children[i], {child, child->offset + rows.start, rows.length}));
      }
      break;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ArrowIpcWriter>> ArrowIpcWriter::Start(const ArrowSchema& schema, IpcFormat format,
                                                              Output* out) {
  DELTIC_TRY(IpcSchema parsed, ParseIpcSchema(schema));
  std::unique_ptr<ArrowIpcWriter> writer(new ArrowIpcWriter(std::move(parsed), format, out));
  if (format == IpcFormat::kFile) writer->Put(std::string_view("ARROW1\0\0", 8));
  FlatBuffer buffer;
  const Ref root = MakeSchema(writer->schema_, &buffer);
  writer->PutMetadata(MakeMessage(kSchemaMessage, root, 0, &buffer), 0);
  return writer;
}

Status ArrowIpcWriter::Write(const ArrowArray& batch) {
  if (batch.n_children != static_cast<int64_t>(schema_.fields.size())) {
    return Internal("a batch of {} columns where the schema has {}", batch.n_children, schema_.fields.size());
  }
  // A batch's own validity has no place in IPC: a row that is null as a whole would lose that. Scans make none.
  if (batch.null_count != 0 && batch.buffers[0] != nullptr &&
      CountBits(batch.buffers[0], batch.offset, batch.length) != batch.length) {
    return Internal("a batch with rows that are null as a whole");
  }
  BatchBody body;
  for (size_t i = 0; i < schema_.fields.size(); ++i) {
    const ArrowArray* child = batch.children[i];
    DELTIC_CHECK(body.Append(schema_.fields[i], {child, child->offset + batch.offset, batch.length}));
  }
  batches_.push_back(PutMetadata(body.MakeMetadata(batch.length), body.body_bytes()));
  static constexpr char kZeros[kAlignment] = {};
  for (std::string_view piece : body.buffers()) {
    Put(piece);
    Put(std::string_view(kZeros, static_cast<size_t>(Padded(int64_t(piece.size())) - int64_t(piece.size()))));
  }
  return out_->failed() ? out_->Flush() : Status();
}

Status ArrowIpcWriter::Finish() {
  Put(std::string_view("\xff\xff\xff\xff\0\0\0\0", 8));
  if (format_ == IpcFormat::kFile) {
    std::vector<int64_t> blocks;
    for (const Block& block : batches_) {
      // metaDataLength is a 32-bit member followed by padding: one little-endian word.
      blocks.insert(blocks.end(), {block.offset, block.metadata_bytes, block.body_bytes});
    }
    const std::string footer = MakeFooter(schema_, blocks);
    Put(footer);
    const auto size = static_cast<int32_t>(footer.size());
    Put(std::string_view(reinterpret_cast<const char*>(&size), 4));
    Put(kMagic);
  }
  return out_->Flush();
}

void ArrowIpcWriter::Put(std::string_view bytes) {
  out_->Write(bytes);
  position_ += static_cast<int64_t>(bytes.size());
}

// Pads the metadata so that the body begins on a 64-byte boundary: a mapped file then gives aligned buffers.
ArrowIpcWriter::Block ArrowIpcWriter::PutMetadata(const std::string& flatbuffer, int64_t body_bytes) {
  const int64_t begin = position_;
  const int64_t end = Padded(begin + 8 + static_cast<int64_t>(flatbuffer.size()));
  const auto metadata_bytes = static_cast<int32_t>(end - begin - 8);
  Put("\xff\xff\xff\xff");
  Put(std::string_view(reinterpret_cast<const char*>(&metadata_bytes), 4));
  Put(flatbuffer);
  Put(std::string(static_cast<size_t>(end - position_), '\0'));
  return {begin, metadata_bytes + 8, body_bytes};
}

}  // namespace deltic::cli
