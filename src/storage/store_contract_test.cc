// Owns the running of the stores' contract on the stores of this folder.
#include "storage/fault_store.h"
#include "storage/retry.h"
#include "storage/store_contract_for_test.h"

namespace deltic {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContract,
    testing::Values(StoreMaker{"Local", [](const std::string& folder) { return MakeLocalStore(folder); }},
                    StoreMaker{"Memory", [](const std::string&) { return MakeMemoryStore(); }},
                    StoreMaker{"FaultsOff",
                               [](const std::string& folder) { return MakeFaultStore(MakeLocalStore(folder)); }},
                    StoreMaker{"Retry", [](const std::string&) { return MakeRetryStore(MakeMemoryStore()); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace deltic
