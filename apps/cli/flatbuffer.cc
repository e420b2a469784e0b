// Owns the byte work of FlatBuffer; see flatbuffer.h for the format.
#include "flatbuffer.h"

#include <algorithm>

namespace deltic::cli {

FlatBuffer::Ref FlatBuffer::String(std::string_view text) {
  Align(4, text.size() + 1);
  reversed_.push_back('\0');
  reversed_.append(text.rbegin(), text.rend());
  Push(static_cast<uint32_t>(text.size()));
  return {Size()};
}

FlatBuffer::Ref FlatBuffer::Refs(const std::vector<Ref>& refs) {
  Align(4, refs.size() * 4);
  for (auto ref = refs.rbegin(); ref != refs.rend(); ++ref) PushRef(*ref);
  Push(static_cast<uint32_t>(refs.size()));
  return {Size()};
}

FlatBuffer::Ref FlatBuffer::Structs(const std::vector<int64_t>& words, size_t words_each) {
  Align(4, words.size() * 8);
  Align(8, words.size() * 8);
  for (auto word = words.rbegin(); word != words.rend(); ++word) Push(*word);
  Push(static_cast<uint32_t>(words.size() / words_each));
  return {Size()};
}

FlatBuffer::Ref FlatBuffer::Int32s(const std::vector<int32_t>& values) {
  Align(4, values.size() * 4);
  for (auto value = values.rbegin(); value != values.rend(); ++value) Push(*value);
  Push(static_cast<uint32_t>(values.size()));
  return {Size()};
}

void FlatBuffer::Add(int slot, Ref target) {
  if (target.from_end == 0) return;
  PushRef(target);
  fields_.push_back({slot, Size()});
}

FlatBuffer::Ref FlatBuffer::EndTable() {
  Align(4, 0);
  Push(int32_t{0});  // the distance to the vtable, known below
  const uint32_t table = Size();
  int slots = 0;
  for (const FieldAt& field : fields_) slots = std::max(slots, field.slot + 1);
  std::vector<uint16_t> offsets(static_cast<size_t>(slots), 0);
  for (const FieldAt& field : fields_) {
    offsets[static_cast<size_t>(field.slot)] = static_cast<uint16_t>(table - field.from_end);
  }
  for (auto offset = offsets.rbegin(); offset != offsets.rend(); ++offset) Push(*offset);
  Push(static_cast<uint16_t>(table - table_end_));
  Push(static_cast<uint16_t>(4 + 2 * slots));
  const uint32_t distance = Size() - table;
  for (uint32_t i = 0; i < 4; ++i) reversed_[table - 1 - i] = static_cast<char>(distance >> (8 * i));
  return {table};
}

std::string FlatBuffer::Finish(Ref root) {
  Align(8, 4);
  PushRef(root);
  std::string bytes(reversed_.rbegin(), reversed_.rend());
  reversed_.clear();
  return bytes;
}

// Pads so that the buffer is aligned once bytes_to_come more are written. Positions count from the end, and the end of
// the finished buffer is 8-aligned, so this is alignment from the start too.
void FlatBuffer::Align(size_t alignment, size_t bytes_to_come) {
  while ((reversed_.size() + bytes_to_come) % alignment != 0) reversed_.push_back('\0');
}

void FlatBuffer::PushRef(Ref target) {
  Align(4, 0);
  Push(static_cast<uint32_t>(Size() + 4 - target.from_end));
}

}  // namespace deltic::cli
