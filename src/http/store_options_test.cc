// Owns the tests of settings that stores share. What options mean is tested with the stores.
#include "http/store_options.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(ForMetadataService, ItIsAskedPlainlyBrieflyAndByNoProxy) {
  const HttpSettings given{.proxy_url = "http://proxy:3128", .proxy_excludes = "a", .user_agent = "me"};
  const HttpSettings settings = ForMetadataService(given);
  EXPECT_TRUE(settings.allow_http);
  EXPECT_EQ(settings.connect_timeout_ms, 1'000);
  EXPECT_EQ(settings.idle_timeout_ms, 2'000);
  EXPECT_EQ(settings.proxy_excludes, "*");
  EXPECT_EQ(settings.user_agent, "me");
}

}  // namespace
}  // namespace deltic
