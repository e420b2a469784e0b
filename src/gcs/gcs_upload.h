// Owns a large object's upload in pieces (resumable uploads): one piece in memory at a time. Source: Google,
// "Resumable uploads".
#pragma once

#include <memory>
#include <string>

#include "gcs/gcs_client.h"
#include "storage/object_store.h"

namespace deltic {

struct GcsUploadTarget {
  std::string key;     // of the store
  std::string object;  // in the bucket
};
// Keeps `store` alive, whose client it uses.
std::unique_ptr<MultipartWrite> MakeGcsUpload(std::shared_ptr<ObjectStore> store, GcsClient& client,
                                              GcsUploadTarget target);

}  // namespace deltic
