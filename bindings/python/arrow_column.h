// Owns ArrowColumn: an Arrow array while it grows, value by value, and its handing over as Arrow C data. For what the
// package makes itself (facts about files); rows of tables come from the engine as they are. Knows nothing of Delta.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bindings.h"

namespace deltic::python {

// One array and those below it. `format` is Arrow's ("The Arrow C data interface", "Data type description"). Booleans
// ("b"), numbers of a fixed width, texts and bytes ("u", "z" with 32-bit offsets, "U" with 64-bit ones), structs ("+s")
// and lists ("+l") can grow; an array with 32-bit offsets must not pass 2 GB of text. One thread at a time.
class ArrowColumn {
 public:
  ArrowColumn(std::string name, std::string format, bool nullable = true, std::vector<ArrowColumn> children = {});

  ArrowColumn& child(size_t i) { return children_[i]; }
  int64_t length() const { return length_; }
  // Bytes of text so far, the children's included.
  int64_t text_bytes() const;

  void AppendNull();
  void AppendBool(bool value);
  void AppendText(std::string_view value);
  template <class T>
  void AppendFixed(T value) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    values_.insert(values_.end(), bytes, bytes + sizeof value);
    AppendValid(true);
  }
  // One struct, or one list of what was appended to the child since the last one; null if not `valid`.
  void AppendNested(bool valid = true);

  SchemaCopy Schema() const;
  // The array as it is now; this column is empty afterwards.
  ArrowArray Take();

 private:
  void AppendValid(bool valid);
  size_t width() const;  // bytes of a value of fixed width

  std::string name_, format_;
  bool nullable_;
  std::vector<ArrowColumn> children_;
  int64_t length_ = 0;
  int64_t null_count_ = 0;
  std::vector<uint8_t> validity_, values_;
  std::vector<int32_t> offsets_;
  std::vector<int64_t> wide_offsets_;
};

}  // namespace deltic::python
