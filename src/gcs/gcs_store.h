// Owns the ObjectStore over Google Cloud Storage, by its JSON API. Commits rest on ifGenerationMatch=0, which the
// service has always honoured: an object is made only where there is none.
// Source of the rules: Google, "Cloud Storage JSON API".
#pragma once

#include <memory>

#include "gcs/gcs_client.h"
#include "storage/object_store.h"

namespace deltic {

// Touches nothing before the first call.
std::shared_ptr<ObjectStore> MakeGcsStore(GcsSettings settings, GcsWorld world);
// By URL, options and the process's environment. Reads the file of credentials, and asks no service.
Result<std::shared_ptr<ObjectStore>> OpenGcs(std::string_view url, const StoreOptions& options);

}  // namespace deltic
