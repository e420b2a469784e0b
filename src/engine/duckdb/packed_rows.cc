// Owns the codec's loops; see the header. They go column by column over a batch of rows, so that each knows its type,
// and have no branch that depends on a value but for NULL and long texts: a value is stored as eight bytes whatever it
// needs, and what is too much is written over by the next one.
#include "engine/duckdb/packed_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "engine/duckdb/number_types.h"

namespace deltic {
namespace {

using duckdb::data_ptr_t;
using duckdb::data_t;
using duckdb::FlatVector;
using duckdb::hugeint_t;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::PhysicalType;
using duckdb::string_t;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

static_assert(std::endian::native == std::endian::little, "numbers are stored by their low bytes");

constexpr uint8_t kNull = 15;
constexpr uint8_t kSixteenBytes = 9;
constexpr uint8_t kByteLength = 13;
constexpr uint8_t kWordLength = 14;
// Of a batch: what the processor's nearest memory holds.
constexpr size_t kBatchBytes = 64 << 10;

constexpr std::array<uint64_t, 16> kMasks = [] {
  std::array<uint64_t, 16> masks{};
  for (size_t bytes = 1; bytes < 16; ++bytes)
    masks[bytes] = bytes < 8 ? (uint64_t{1} << (8 * bytes)) - 1 : ~uint64_t{0};
  return masks;
}();

uint64_t Fold(int64_t value) { return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63); }
int64_t Unfold(uint64_t folded) { return static_cast<int64_t>(folded >> 1 ^ (uint64_t{0} - (folded & 1))); }

template <class T>
uint64_t ToBits(T value) {
  if constexpr (std::is_same_v<T, double>) {
    return __builtin_bswap64(std::bit_cast<uint64_t>(value));
  } else if constexpr (std::is_same_v<T, float>) {
    return __builtin_bswap32(std::bit_cast<uint32_t>(value));
  } else if constexpr (std::is_signed_v<T>) {
    return Fold(value);
  } else {
    return value;
  }
}
template <class T>
T FromBits(uint64_t bits) {
  if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<double>(__builtin_bswap64(bits));
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<float>(__builtin_bswap32(static_cast<uint32_t>(bits)));
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<T>(Unfold(bits));
  } else {
    return static_cast<T>(bits);
  }
}

uint8_t BytesOf(uint64_t bits) { return static_cast<uint8_t>((std::bit_width(bits) + 7) / 8); }

bool FitsType(const LogicalType& type) {
  switch (type.InternalType()) {
    case PhysicalType::VARCHAR:
      return true;
    case PhysicalType::STRUCT: {
      const auto& children = duckdb::StructType::GetChildTypes(type);
      return std::all_of(children.begin(), children.end(), [](const auto& child) { return FitsType(child.second); });
    }
    default:
      return WithNumberType(type.InternalType(), [](auto) {});
  }
}

// Of a column that is flat at every depth when it has a depth.
Vector& At(duckdb::DataChunk& chunk, const std::vector<idx_t>& path) {
  Vector* vector = &chunk.data[path[0]];
  for (size_t depth = 1; depth < path.size(); ++depth)
    vector = duckdb::StructVector::GetEntries(*vector)[path[depth]].get();
  return *vector;
}

uint32_t TextBytes(uint8_t nibble, uint32_t length) {
  return length + (nibble == kByteLength ? 1 : nibble == kWordLength ? 4 : 0);
}

}  // namespace

bool PackedRowFormat::Fits(const duckdb::vector<LogicalType>& types) {
  return std::all_of(types.begin(), types.end(), FitsType);
}

PackedRowFormat::PackedRowFormat(const duckdb::vector<LogicalType>& types) : columns_(types.size()) {
  for (idx_t column = 0; column < types.size(); ++column) Add(types[column], {column});
  head_bytes_ = (nibbles_ + 1) / 2;
  fixed_bytes_ += head_bytes_;
}

void PackedRowFormat::Add(const LogicalType& type, std::vector<idx_t> path) {
  const PhysicalType physical = type.InternalType();
  const Leaf leaf{.path = path, .type = physical, .nibble = nibbles_++};
  if (physical == PhysicalType::VARCHAR) {
    texts_.push_back(leaf);
    return;
  }
  numbers_.push_back(leaf);
  if (physical != PhysicalType::STRUCT) {
    fixed_bytes_ += physical == PhysicalType::INT128 ? 16 : 8;
    return;
  }
  const auto& children = duckdb::StructType::GetChildTypes(type);
  for (idx_t child = 0; child < children.size(); ++child) {
    path.push_back(child);
    Add(children[child].second, path);
    path.pop_back();
  }
}

RowPacker::RowPacker(const PackedRowFormat& format)
    : format_(format),
      stride_(format.fixed_bytes_ + kPackedSlack),
      batch_(std::clamp<idx_t>(kBatchBytes / stride_, 1, STANDARD_VECTOR_SIZE)),
      number_values_(format.numbers_.size()),
      text_values_(format.texts_.size()),
      fixed_(stride_ * batch_ + kPackedSlack),
      ends_(batch_),
      sizes_(batch_),
      texts_(format.texts_.size() * batch_) {}

void RowPacker::Open(duckdb::DataChunk& chunk) {
  const idx_t count = chunk.size();
  for (idx_t column = 0; column < format_.columns_; ++column) {
    if (chunk.data[column].GetType().InternalType() == PhysicalType::STRUCT) chunk.data[column].Flatten(count);
  }
  for (size_t i = 0; i < number_values_.size(); ++i) {
    At(chunk, format_.numbers_[i].path).ToUnifiedFormat(count, number_values_[i]);
  }
  for (size_t i = 0; i < text_values_.size(); ++i) {
    At(chunk, format_.texts_[i].path).ToUnifiedFormat(count, text_values_[i]);
  }
}

void RowPacker::Load(idx_t first, idx_t count) {
  first_ = first;
  count_ = count;
  for (idx_t row = 0; row < count; ++row) {
    uint8_t* head = fixed_.data() + row * stride_;
    std::memset(head, 0, format_.head_bytes_);
    ends_[row] = head + format_.head_bytes_;
  }
  for (size_t i = 0; i < number_values_.size(); ++i) {
    const auto& leaf = format_.numbers_[i];
    if (leaf.type == PhysicalType::STRUCT) {
      LoadStructs(number_values_[i], leaf.nibble);
    } else {
      WithNumberType(leaf.type,
                     [&]<class T>(std::type_identity<T>) { LoadNumbers<T>(number_values_[i], leaf.nibble); });
    }
  }
  for (idx_t row = 0; row < count; ++row) {
    sizes_[row] = static_cast<uint64_t>(ends_[row] - (fixed_.data() + row * stride_));
  }
  for (size_t i = 0; i < text_values_.size(); ++i) {
    LoadTexts(text_values_[i], format_.texts_[i].nibble, texts_.data() + i * batch_);
  }
}

template <class Put>
void RowPacker::LoadValues(const UnifiedVectorFormat& values, size_t nibble, const Put& put) {
  for (idx_t row = 0; row < count_; ++row) {
    const idx_t at = values.sel->get_index(first_ + row);
    if (values.validity.RowIsValid(at)) {
      put(row, at);
    } else {
      SetNibble(row, nibble, kNull);
    }
  }
}

template <class T>
void RowPacker::LoadNumbers(const UnifiedVectorFormat& values, size_t nibble) {
  const T* data = UnifiedVectorFormat::GetData<T>(values);
  LoadValues(values, nibble, [&](idx_t row, idx_t at) {
    uint64_t bits;
    if constexpr (std::is_same_v<T, hugeint_t>) {
      const hugeint_t value = data[at];
      const auto low = static_cast<int64_t>(value.lower);
      if (value.upper != low >> 63) {
        std::memcpy(ends_[row], &value.lower, 8);
        std::memcpy(ends_[row] + 8, &value.upper, 8);
        SetNibble(row, nibble, kSixteenBytes);
        ends_[row] += 16;
        return;
      }
      bits = Fold(low);
    } else {
      bits = ToBits(data[at]);
    }
    std::memcpy(ends_[row], &bits, 8);
    SetNibble(row, nibble, BytesOf(bits));
    ends_[row] += BytesOf(bits);
  });
}

void RowPacker::LoadStructs(const UnifiedVectorFormat& values, size_t nibble) {
  LoadValues(values, nibble, [](idx_t, idx_t) {});
}

void RowPacker::LoadTexts(const UnifiedVectorFormat& values, size_t nibble, string_t* texts) {
  const auto* data = UnifiedVectorFormat::GetData<string_t>(values);
  LoadValues(values, nibble, [&](idx_t row, idx_t at) {
    texts[row] = data[at];
    const auto length = static_cast<uint32_t>(data[at].GetSize());
    const auto kind = static_cast<uint8_t>(length <= string_t::INLINE_LENGTH ? length
                                           : length < 256                    ? kByteLength
                                                                             : kWordLength);
    SetNibble(row, nibble, kind);
    sizes_[row] += TextBytes(kind, length);
  });
}

void RowPacker::Store(idx_t row, data_ptr_t to) const {
  const uint8_t* from = fixed_.data() + row * stride_;
  const uint8_t* end = ends_[row];
  while (from < end) {
    std::memcpy(to, from, 16);
    from += 16;
    to += 16;
  }
  to -= from - end;
  for (size_t i = 0; i < text_values_.size(); ++i) {
    const uint8_t kind = Nibble(row, format_.texts_[i].nibble);
    if (kind == kNull) continue;
    const string_t& text = texts_[i * batch_ + row];
    const auto length = static_cast<uint32_t>(text.GetSize());
    if (kind <= string_t::INLINE_LENGTH) {
      std::memcpy(to, text.GetData(), string_t::INLINE_LENGTH);  // which are its own, used or not
      to += length;
      continue;
    }
    if (kind == kByteLength) {
      *to++ = static_cast<data_t>(length);
    } else {
      std::memcpy(to, &length, 4);
      to += 4;
    }
    std::memcpy(to, text.GetData(), length);
    to += length;
  }
}

void RowUnpacker::Unpack(const data_t* const* rows, idx_t count, duckdb::DataChunk& chunk) {
  rows_ = rows;
  count_ = count;
  for (idx_t row = 0; row < count; ++row) {
    __builtin_prefetch(rows[row]);
    __builtin_prefetch(rows[row] + 64);
    at_[row] = rows[row] + format_.head_bytes_;
  }
  for (const auto& leaf : format_.numbers_) {
    Vector& out = At(chunk, leaf.path);
    if (leaf.type == PhysicalType::STRUCT) {
      UnpackStructs(leaf.nibble, out);
    } else {
      WithNumberType(leaf.type, [&]<class T>(std::type_identity<T>) { UnpackNumbers<T>(leaf.nibble, out); });
    }
  }
  for (const auto& leaf : format_.texts_) UnpackTexts(leaf.nibble, At(chunk, leaf.path));
  chunk.SetCardinality(count);
}

template <class T>
void RowUnpacker::UnpackNumbers(size_t nibble, Vector& out) {
  T* values = FlatVector::GetData<T>(out);
  for (idx_t row = 0; row < count_; ++row) {
    const uint8_t bytes = Nibble(row, nibble);
    uint64_t bits;
    std::memcpy(&bits, at_[row], 8);
    if (bytes == kNull) {
      FlatVector::Validity(out).SetInvalid(row);
      values[row] = T();
      continue;
    }
    if constexpr (std::is_same_v<T, hugeint_t>) {
      if (bytes == kSixteenBytes) {
        values[row].lower = bits;
        std::memcpy(&values[row].upper, at_[row] + 8, 8);
        at_[row] += 16;
        continue;
      }
      const int64_t low = Unfold(bits & kMasks[bytes]);
      values[row].lower = static_cast<uint64_t>(low);
      values[row].upper = low >> 63;
    } else {
      values[row] = FromBits<T>(bits & kMasks[bytes]);
    }
    at_[row] += bytes;
  }
}

void RowUnpacker::UnpackStructs(size_t nibble, Vector& out) {
  for (idx_t row = 0; row < count_; ++row) {
    if (Nibble(row, nibble) == kNull) FlatVector::Validity(out).SetInvalid(row);
  }
}

void RowUnpacker::UnpackTexts(size_t nibble, Vector& out) {
  auto* values = FlatVector::GetData<string_t>(out);
  for (idx_t row = 0; row < count_; ++row) {
    const uint8_t kind = Nibble(row, nibble);
    const data_t*& at = at_[row];
    if (kind <= string_t::INLINE_LENGTH) {
      uint64_t first;
      uint32_t rest;
      std::memcpy(&first, at, 8);
      std::memcpy(&rest, at + 8, 4);
      first &= kMasks[kind];
      rest &= static_cast<uint32_t>(kMasks[kind > 8 ? kind - 8 : 0]);
      std::array<char, string_t::INLINE_LENGTH> bytes;
      std::memcpy(bytes.data(), &first, 8);
      std::memcpy(bytes.data() + 8, &rest, 4);
      string_t text(kind);
      std::memcpy(text.GetPrefixWriteable(), bytes.data(), bytes.size());
      values[row] = text;
      at += kind;
      continue;
    }
    if (kind == kNull) {
      FlatVector::Validity(out).SetInvalid(row);
      values[row] = string_t();
      continue;
    }
    uint32_t length = *at;
    if (kind == kWordLength) std::memcpy(&length, at, 4);
    at += kind == kWordLength ? 4 : 1;
    values[row] = string_t(reinterpret_cast<const char*>(at), length);
    at += length;
  }
}

}  // namespace deltic
