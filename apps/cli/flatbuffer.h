// Owns the encoding of flatbuffers: scalars, strings, vectors, structs and tables, built back to front as the format's
// offsets want it. Knows no schema (arrow_ipc.cc does) and reads nothing. Format: "FlatBuffers internals".
//
//   buffer = root:u32 (offset to the root table), padding, objects
//   table  = vtable distance:i32, fields        vtable = vtable bytes:u16, table bytes:u16, field offset:u16 ...
//   string = length:u32, bytes, 0               vector = length:u32, elements
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace deltic::cli {

// One thread at a time. Strings, vectors and tables are made first, then the tables that point to them; a table's
// fields are added between StartTable and EndTable, with nothing else made in between.
class FlatBuffer {
 public:
  // Where a finished object starts, counted from the buffer's end; 0 means "none".
  struct Ref {
    uint32_t from_end = 0;
  };

  Ref String(std::string_view text);
  Ref Refs(const std::vector<Ref>& refs);
  // Structs of `words` 64-bit words each, words given in order. Narrower members are packed into words by the caller.
  Ref Structs(const std::vector<int64_t>& words, size_t words_each);
  Ref Int32s(const std::vector<int32_t>& values);

  void StartTable() {
    fields_.clear();
    table_end_ = Size();
  }
  template <class T>
  void Add(int slot, T value) {
    static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
    Align(sizeof(T), 0);
    Push(value);
    fields_.push_back({slot, Size()});
  }
  void Add(int slot, Ref target);
  Ref EndTable();

  // The whole buffer, its size a multiple of 8.
  std::string Finish(Ref root);

 private:
  struct FieldAt {
    int slot;
    uint32_t from_end;
  };

  uint32_t Size() const { return static_cast<uint32_t>(reversed_.size()); }
  void Align(size_t alignment, size_t bytes_to_come);
  void PushRef(Ref target);
  template <class T>
  void Push(T value) {
    auto bits = static_cast<uint64_t>(value);
    for (size_t i = sizeof(T); i-- > 0;) reversed_.push_back(static_cast<char>(bits >> (8 * i)));
  }

  std::string reversed_;  // the buffer's bytes, last first
  std::vector<FieldAt> fields_;
  uint32_t table_end_ = 0;
};

}  // namespace deltic::cli
