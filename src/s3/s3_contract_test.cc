// Owns the running of the stores' contract on a real S3 server: the one that DELTIC_TEST_S3 names (http://host:port;
// tests/stores starts some). The bucket "deltic-contract" must be there. Without a server only the log store around a
// store in memory is held to the contract.
#include <cstdlib>

#include "base/env.h"
#include "s3/dynamo_log_store.h"
#include "s3/memory_commit_table_for_test.h"
#include "s3/s3_store.h"
#include "storage/store_contract_for_test.h"

namespace deltic {
namespace {

std::shared_ptr<ObjectStore> MakeTestStore(const std::string&) {
  const char* endpoint = std::getenv("DELTIC_TEST_S3");
  const StoreOptions options({{"aws_endpoint", endpoint},
                              {"aws_access_key_id", "deltic-id"},
                              {"aws_secret_access_key", "deltic-secret"},
                              {"allow_http", "true"}},
                             nullptr);
  const std::string folder = std::to_string(RealEnv().random());
  auto store = OpenS3("s3://deltic-contract/contract/" + folder, options);
  return store.ok() ? *store : nullptr;
}

std::shared_ptr<ObjectStore> MakeLockedStore(const std::string& name) {
  return MakeDynamoLogStore(MakeMemoryStore(name), std::make_shared<MemoryTable>(), MemoryTable::kUrl, RealEnv());
}

std::vector<StoreMaker> Makers() {
  std::vector<StoreMaker> makers{StoreMaker{"Locked", MakeLockedStore}};
  if (std::getenv("DELTIC_TEST_S3") != nullptr) makers.push_back(StoreMaker{"S3", MakeTestStore});
  return makers;
}

INSTANTIATE_TEST_SUITE_P(S3, StoreContract, testing::ValuesIn(Makers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace deltic
