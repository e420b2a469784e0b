// Owns the ObjectStore over Azure's Blob service, which Data Lake Storage Gen2 accounts speak too. Commits rest on
// conditional puts (If-None-Match: *), which the service has always honoured.
// Source of the rules: Microsoft, "Blob service REST API".
#pragma once

#include <memory>

#include "azure/azure_client.h"
#include "storage/object_store.h"

namespace deltic {

// Touches nothing before the first call.
std::shared_ptr<ObjectStore> MakeAzureStore(AzureSettings settings, AzureWorld world);
// By URL, options and the process's environment.
Result<std::shared_ptr<ObjectStore>> OpenAzure(std::string_view url, const StoreOptions& options);

}  // namespace deltic
