// Owns the running of the stores' contract on a server of Google's JSON API: the one that DELTIC_TEST_GCS names
// (fake-gcs-server as http://host:port; tests/stores starts it). The bucket "deltic-contract" must be there.
#include <cstdlib>

#include "gcs/gcs_store.h"
#include "storage/store_contract_for_test.h"

namespace deltic {
namespace {

std::shared_ptr<ObjectStore> MakeTestStore(int64_t chunk_bytes) {
  auto settings =
      MakeGcsSettings({.bucket = "deltic-contract", .prefix = "con tract/" + std::to_string(RealEnv().random())},
                      StoreOptions({{"google_base_url", std::getenv("DELTIC_TEST_GCS")},
                                    {"allow_http", "true"},
                                    {"google_skip_signature", "true"}},
                                   nullptr));
  if (!settings.ok()) return nullptr;
  settings->chunk_bytes = chunk_bytes;
  auto client = MakeHttpClient(settings->http);
  return client.ok() ? MakeGcsStore(*settings, {.client = *client}) : nullptr;
}

std::vector<StoreMaker> Makers() {
  if (std::getenv("DELTIC_TEST_GCS") == nullptr) return {};
  return {StoreMaker{"Gcs", [](const std::string&) { return MakeTestStore(16 << 20); }}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);
INSTANTIATE_TEST_SUITE_P(Gcs, StoreContract, testing::ValuesIn(Makers()),
                         [](const auto& info) { return info.param.name; });

TEST(GcsServer, LargeObjectsAreMadeOfPiecesAndStayAbsentUntilTheyAreWhole) {
  if (std::getenv("DELTIC_TEST_GCS") == nullptr) GTEST_SKIP() << "DELTIC_TEST_GCS names no server";
  const auto store = MakeTestStore(256 << 10);
  std::string bytes;
  for (int i = 0; i < 1'000'003; ++i) bytes.push_back(static_cast<char>(i * 31 + i / 256));
  for (const bool if_absent : {false, true, false, true}) {
    const bool there = store->Head("large").ok();
    auto write = store->StartMultipart("large");
    ASSERT_TRUE(write.ok());
    for (size_t at = 0; at < bytes.size(); at += 300'000) {
      const Status status = (*write)->Write(std::string_view(bytes).substr(at, 300'000));
      ASSERT_TRUE(status.ok()) << status.error().ToString();
    }
    const auto meta = if_absent ? (*write)->CompleteIfAbsent() : (*write)->Complete();
    ASSERT_EQ(meta.ok(), !(there && if_absent));
    if (meta.ok()) {
      EXPECT_EQ(meta->size_bytes, 1'000'003);
    } else {
      EXPECT_EQ(meta.error().code(), Code::kAlreadyExists);
    }
    EXPECT_EQ(*store->Get("large"), bytes);
    EXPECT_EQ(*store->GetRange("large", {.offset = 262'100, .length = 100}), bytes.substr(262'100, 100));
    const auto tail = store->GetTail("large", {.length = 9});
    ASSERT_TRUE(tail.ok());
    EXPECT_EQ(tail->bytes, bytes.substr(bytes.size() - 9));
    EXPECT_EQ(tail->meta.size_bytes, 1'000'003);
    if (if_absent && !there) break;
  }
  ASSERT_TRUE(store->Delete("large").ok());
  // Two uploads that both found nothing there: the one that ends first wins.
  auto one = store->StartMultipart("large");
  auto two = store->StartMultipart("large");
  for (auto* write : {&one, &two}) ASSERT_TRUE((**write)->Write(bytes).ok());
  ASSERT_TRUE((*two)->CompleteIfAbsent().ok());
  EXPECT_EQ((*one)->CompleteIfAbsent().error().code(), Code::kAlreadyExists);
}

}  // namespace
}  // namespace deltic
