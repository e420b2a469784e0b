// Owns the writing of deletion vectors: files of them, their descriptors, and the add action of a data file that gets
// one. Decides no rows and commits nothing.
// Protocol: "Deletion Vector Descriptor Schema", "Deletion Vector File Storage Format", "Per-file Statistics".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "base/env.h"
#include "deltic/result.h"
#include "dv/row_set.h"
#include "features/features.h"
#include "storage/object_store.h"

namespace deltic {

// Writes vectors one after another into a new file `[prefix/]deletion_vector_<uuid>.bin` of the table (a further one
// after each GiB, for a descriptor's offset has 31 bits). Holds one vector's bytes in memory, however many there are.
// Vectors are never put inline: Spark's readers want them in files, and the log is read more often than they are.
// Unless Finish was answered ok, its destructor leaves no file behind. One thread at a time.
class DeletionVectorWriter {
 public:
  // The store must outlive it. Of `config` it uses delta.randomizeFilePrefixes.
  DeletionVectorWriter(ObjectStore& store, const Env& env, const TableConfig& config);
  ~DeletionVectorWriter();
  DeletionVectorWriter(const DeletionVectorWriter&) = delete;
  DeletionVectorWriter& operator=(const DeletionVectorWriter&) = delete;

  // The descriptor under which the rows will be read; good once Finish has answered ok. Internal for an empty set.
  Result<DeletionVectorDescriptor> Add(const RowSet& rows);
  // Makes all of them durable. Without a vector it makes no file.
  Status Finish();
  // The files made so far: whoever does not commit them after all deletes them.
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  Status Open();
  Status Close();

  ObjectStore& store_;
  const Env env_;
  const int32_t prefix_length_;  // 0: none
  std::vector<std::string> keys_;
  std::unique_ptr<MultipartWrite> file_;
  std::string place_;   // of the open file, as a descriptor says it
  int64_t offset_ = 0;  // where the next entry goes
  bool finished_ = false;
};

// The add action by which `live` goes on with `vector` in place of the one it has, as Spark writes it: statistics say
// tightBounds = false, numRecords goes on counting all rows of the file, all else stays. dataChange is true.
// `physical_rows` is for a file whose statistics do not tell numRecords, which a vector needs: Unsupported when neither
// tells them. Corrupt for statistics that are no JSON object; Internal for more deleted rows than there are.
Result<AddFile> WithDeletionVector(const AddFile& live, const DeletionVectorDescriptor& vector,
                                   std::optional<int64_t> physical_rows = std::nullopt);

}  // namespace deltic
