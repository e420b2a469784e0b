// Owns the running of the stores' contract on a real Azure server: the one that DELTIC_TEST_AZURE names (Azurite as
// http://host:port/devstoreaccount1; tests/stores starts it). The container "deltic-contract" must be there.
#include <cstdlib>

#include "azure/azure_store.h"
#include "storage/store_contract_for_test.h"

namespace deltic {
namespace {

std::shared_ptr<ObjectStore> MakeTestStore(const std::string&) {
  const char* endpoint = std::getenv("DELTIC_TEST_AZURE");
  const StoreOptions options({{"azure_storage_endpoint", endpoint}, {"use_emulator", "true"}}, nullptr);
  auto store = OpenAzure("az://deltic-contract/contract/" + std::to_string(RealEnv().random()), options);
  return store.ok() ? *store : nullptr;
}

std::vector<StoreMaker> Makers() {
  if (std::getenv("DELTIC_TEST_AZURE") == nullptr) return {};
  return {StoreMaker{"Azure", MakeTestStore}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);
INSTANTIATE_TEST_SUITE_P(Azure, StoreContract, testing::ValuesIn(Makers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace deltic
