// Owns the making of files in HDFS: written under a temporary name beside their own, then renamed in one step. Knows no
// keys: paths of the file system.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "hdfs/hdfs_client.h"
#include "storage/object_store.h"

namespace deltic {

// Fails, or makes a file that nobody knows: its path is the answer.
Result<std::string> WriteHdfsTemp(HdfsClient& client, const std::string& path, std::string_view bytes);
// Best effort: what cannot be deleted is a leftover like that of a dead writer.
void DeleteHdfsTemp(HdfsClient& client, const std::string& temp);

enum class HdfsReplace : uint8_t { kNever, kAllowed };
enum class HdfsRename : uint8_t {
  kDone,
  kExists,   // something has the name, and kept it
  kGone,     // the temporary file is not there: it was renamed before, or deleted
  kUnknown,  // the answer was lost
};
Result<HdfsRename> RenameHdfsTemp(HdfsClient& client, const std::string& temp, const std::string& path,
                                  HdfsReplace replace);

// A file written in pieces: created with the first, appended to with the others. Keeps `store` alive, whose client it
// uses. `key` is for messages.
struct HdfsUploadTarget {
  std::string key;
  std::string path;
};
std::unique_ptr<MultipartWrite> MakeHdfsUpload(std::shared_ptr<ObjectStore> store, HdfsClient& client,
                                               HdfsUploadTarget target);

}  // namespace deltic
