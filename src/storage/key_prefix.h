// Owns the place of a store's keys below a prefix of its bucket, container or file system: a key of the store to the
// whole name and back; and the rule for folders. Knows no store and asks none.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "deltic/result.h"

namespace deltic {

// "warehouse/t" or "": neither begins nor ends with '/'. Immutable, safe to share.
class KeyPrefix {
 public:
  explicit KeyPrefix(std::string prefix) : prefix_(std::move(prefix)) {}

  // "warehouse/t/part-0.parquet" of "part-0.parquet"; "warehouse/t/" of the folder "".
  std::string Full(std::string_view key) const;
  // What the names of everything below have in common, percent-encoded: "warehouse/t/"; "" without a prefix.
  std::string Encoded() const;
  // The key of a whole name that begins with the prefix, as in its listing; "" for the prefix itself.
  std::string_view KeyOf(std::string_view full) const;

 private:
  std::string prefix_;
};

// InvalidArgument for a folder that is neither "" nor a key that '/' follows.
Status CheckFolder(std::string_view folder);

}  // namespace deltic
