// Owns the writing of a large object in parts. A small one is put at once, when it is complete.
#pragma once

#include <memory>
#include <string>

#include "s3/s3_client.h"
#include "storage/object_store.h"

namespace deltic {

// `store` keeps the client alive. `key` is the store's, `full_key` the bucket's.
std::unique_ptr<MultipartWrite> MakeS3Upload(std::shared_ptr<ObjectStore> store, S3Client& client, std::string key,
                                             std::string full_key);

}  // namespace deltic
