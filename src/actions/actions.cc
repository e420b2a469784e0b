// Owns the parts of action values that are more than fields.
#include "actions/actions.h"

namespace deltic {

std::string DeletionVectorDescriptor::UniqueId() const {
  std::string id = storage_type + path_or_inline_dv;
  if (offset) id += "@" + std::to_string(*offset);
  return id;
}

RemoveFile ToRemove(const AddFile& file, int64_t now_ms) {
  return {.path = file.path,
          .deletion_timestamp = now_ms,
          .data_change = true,
          .extended_file_metadata = true,
          .partition_values = file.partition_values,
          .size = file.size,
          .stats = {},
          .tags = file.tags,
          .deletion_vector = file.deletion_vector,
          .base_row_id = file.base_row_id,
          .default_row_commit_version = file.default_row_commit_version};
}

}  // namespace deltic
