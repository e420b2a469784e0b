// Owns the ObjectStore over HDFS, spoken to by WebHDFS. Commits rest on the renaming of a finished file to a name that
// nothing has, which the namenode does in one step, as Delta's HDFSLogStore does.
//
// List from a name on leaves out names beyond ASCII: the namenode orders bytes with a sign, so those stand elsewhere in
// its pages. A log has none. Without a name to begin with all are listed, in the order of the contract.
//
//   .deltic-UUID.tmp   a file in the making, beside what it will be: as on local disks, so that vacuum knows it
//   .NAME.UUID.tmp     the same of HDFSLogStore: hidden too, and a leftover when its writer is dead
#pragma once

#include <memory>
#include <string_view>

#include "hdfs/hdfs_client.h"
#include "storage/object_store.h"

namespace deltic {

// Touches nothing before the first call.
std::shared_ptr<ObjectStore> MakeHdfsStore(HdfsSettings settings, HdfsWorld world);
// By URL, options, the process's environment and Hadoop's files. Asks no server.
Result<std::shared_ptr<ObjectStore>> OpenHdfs(std::string_view url, const StoreOptions& options);

// Whether a file's name is that of one in the making, ours or HDFSLogStore's. Pure.
bool IsHdfsTempName(std::string_view name);

}  // namespace deltic
