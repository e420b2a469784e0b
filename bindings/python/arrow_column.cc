// Owns the layout of growing Arrow arrays: validity bitmaps, offsets, values. See arrow_column.h.
#include "arrow_column.h"

#include <memory>
#include <utility>

namespace deltic::python {
namespace {

// What an exported ArrowArray owns.
struct ArrayOwner {
  std::vector<uint8_t> validity, values;
  std::vector<int32_t> offsets;
  std::vector<int64_t> wide_offsets;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;

  static void Release(ArrowArray* array) {
    if (array->release == nullptr) return;
    auto* self = static_cast<ArrayOwner*>(array->private_data);
    for (auto& child : self->children) {
      if (child.release != nullptr) child.release(&child);
    }
    array->release = nullptr;
    delete self;
  }
};

void SetBit(std::vector<uint8_t>& bits, int64_t at, bool value) {
  const auto byte = static_cast<size_t>(at / 8);
  if (byte >= bits.size()) bits.resize(byte + 1, 0);
  if (value) bits[byte] = static_cast<uint8_t>(bits[byte] | (1U << (at % 8)));
}

bool HasOffsets(std::string_view format) { return format == "u" || format == "z" || format == "+l"; }

}  // namespace

ArrowColumn::ArrowColumn(std::string name, std::string format, bool nullable, std::vector<ArrowColumn> children)
    : name_(std::move(name)), format_(std::move(format)), nullable_(nullable), children_(std::move(children)) {
  if (HasOffsets(format_)) offsets_.push_back(0);
  if (format_ == "U") wide_offsets_.push_back(0);
}

int64_t ArrowColumn::text_bytes() const {
  int64_t bytes = format_ == "u" || format_ == "z" || format_ == "U" ? static_cast<int64_t>(values_.size()) : 0;
  for (const auto& child : children_) bytes += child.text_bytes();
  return bytes;
}

size_t ArrowColumn::width() const {
  switch (format_[0]) {
    case 'c':
      return 1;
    case 's':
      return 2;
    case 'i':
    case 'f':
      return 4;
    case 'd':  // decimal128
      return 16;
    case 't':  // "tdD" is a date of 32 bits; "tsu:" a moment of 64
      return format_ == "tdD" ? 4 : 8;
    default:
      return 8;
  }
}

void ArrowColumn::AppendValid(bool valid) {
  SetBit(validity_, length_++, valid);
  if (!valid) ++null_count_;
}

void ArrowColumn::AppendNull() {
  if (format_ == "b") {
    SetBit(values_, length_, false);
  } else if (HasOffsets(format_)) {
    offsets_.push_back(offsets_.back());
  } else if (format_ == "U") {
    wide_offsets_.push_back(wide_offsets_.back());
  } else if (format_ == "+s") {
    for (auto& child : children_) child.AppendNull();
  } else {
    values_.resize(values_.size() + width(), 0);
  }
  AppendValid(false);
}

void ArrowColumn::AppendBool(bool value) {
  SetBit(values_, length_, value);
  AppendValid(true);
}

void ArrowColumn::AppendText(std::string_view value) {
  values_.insert(values_.end(), value.begin(), value.end());
  if (format_ == "U") {
    wide_offsets_.push_back(static_cast<int64_t>(values_.size()));
  } else {
    offsets_.push_back(static_cast<int32_t>(values_.size()));
  }
  AppendValid(true);
}

void ArrowColumn::AppendNested(bool valid) {
  if (format_ == "+l") offsets_.push_back(static_cast<int32_t>(children_[0].length_));
  AppendValid(valid);
}

SchemaCopy ArrowColumn::Schema() const {
  std::vector<SchemaCopy> children;
  children.reserve(children_.size());
  for (const auto& child : children_) children.push_back(child.Schema());
  return {format_, name_, nullable_ ? ARROW_FLAG_NULLABLE : 0, std::move(children)};
}

ArrowArray ArrowColumn::Take() {
  auto owner = std::make_unique<ArrayOwner>();
  ArrowArray out{.length = length_, .null_count = null_count_};
  owner->validity = std::exchange(validity_, {});
  owner->values = std::exchange(values_, {});
  owner->offsets = std::exchange(offsets_, {});
  owner->wide_offsets = std::exchange(wide_offsets_, {});
  if (HasOffsets(format_)) offsets_.push_back(0);
  if (format_ == "U") wide_offsets_.push_back(0);
  length_ = null_count_ = 0;
  owner->buffers.push_back(out.null_count == 0 ? nullptr : owner->validity.data());
  if (HasOffsets(format_)) owner->buffers.push_back(owner->offsets.data());
  if (format_ == "U") owner->buffers.push_back(owner->wide_offsets.data());
  if (format_[0] != '+') {
    static const uint8_t kNothing[16] = {};  // some readers look at the address of an empty buffer
    owner->buffers.push_back(owner->values.empty() ? kNothing : owner->values.data());
  }
  for (auto& child : children_) owner->children.push_back(child.Take());
  for (auto& child : owner->children) owner->pointers.push_back(&child);
  out.n_buffers = static_cast<int64_t>(owner->buffers.size());
  out.buffers = owner->buffers.data();
  out.n_children = static_cast<int64_t>(owner->children.size());
  out.children = owner->pointers.data();
  out.release = ArrayOwner::Release;
  out.private_data = owner.release();
  return out;
}

}  // namespace deltic::python
