// Owns which bytes of a Parquet file a scan will read, told by the file's footer: for reading them ahead. A guess that
// costs time when it is wrong, never rows. Reads nothing itself.
#pragma once

#include <duckdb.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"

namespace duckdb {
class BaseFileReader;
}

namespace deltic {

// What a scan reads of each file, as its first files showed.
struct ScanColumns {
  std::set<std::string> names;  // top-level columns, by their names in the file
  bool filtered = false;        // row groups may be passed over
};

// Of a file that is opened, with its columns and filters set: what it reads, and where that is. A column of which only
// some fields are read is left out.
ScanColumns ColumnsOf(duckdb::BaseFileReader& reader);
std::vector<ByteRange> RangesOf(duckdb::BaseFileReader& reader, const ScanColumns& columns);

// Of a file that is not opened yet, by its last bytes. Empty when they do not hold the whole footer, or when it cannot
// be told which of several row groups a filter will keep.
std::vector<ByteRange> RangesOf(const ObjectMeta& meta, std::string_view tail, const ScanColumns& columns);

}  // namespace deltic
