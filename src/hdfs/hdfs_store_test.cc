// Owns the tests of the HDFS store's meaning of answers, on scripted namenodes and datanodes. The contract of stores
// runs on a real cluster (hdfs_contract_test.cc).
#include "hdfs/hdfs_store.h"

#include <gtest/gtest.h>

#include "http/fake_client_for_test.h"

namespace deltic {
namespace {

std::string Refusal(const std::string& name, const std::string& message = "no\n\tat java.x(Y.java:1)") {
  std::string text = R"({"RemoteException": {"exception": ")" + name + R"(", "message": ")";
  for (const char c : message) text += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
  return text + "\"}}";
}

class Hdfs : public testing::Test {
 protected:
  Hdfs() { Open({{"hdfs_user", "me"}}); }

  void Open(std::map<std::string, std::string> options) {
    options.emplace("webhdfs_endpoint", "http://nn1:9870,http://nn2:9870");
    options.emplace("max_retries", "3");
    const StoreOptions given(options, nullptr);
    auto settings =
        MakeHdfsSettings({.scheme = "hdfs", .authority = "lake", .path = "/data/t"}, HadoopConfig({}, given), given);
    ASSERT_TRUE(settings.ok()) << settings.error().ToString();
    client_ = std::make_shared<FakeClient>();
    HdfsWorld world{.client = client_};
    world.env.now_ms = [] { return int64_t{1'700'000'000'000}; };
    world.env.random = [] { return uint64_t{0}; };
    world.sleep_ms = [](int64_t) {};
    store_ = MakeHdfsStore(std::move(*settings), std::move(world));
  }
  FakeClient& Redirect(const std::string& to = "http://dn1:9864/webhdfs/v1/x?op=X&secret-token=1") {
    return client_->Answer(307, "", {{"location", to}});
  }
  std::string Url(size_t i) const { return client_->asked().at(i).url; }

  std::shared_ptr<FakeClient> client_;
  std::shared_ptr<ObjectStore> store_;
};

constexpr const char* kTemp = "/webhdfs/v1/data/t/.deltic-00000000-0000-4000-8000-000000000000.tmp";

TEST_F(Hdfs, ACommitIsAFinishedFileThatIsRenamed) {
  Redirect().Answer(201).Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "bytes"), PutOutcome::kWritten);
  EXPECT_EQ(Url(0), std::string("http://nn1:9870") + kTemp + "?op=CREATE&overwrite=false&user.name=me");
  EXPECT_EQ(client_->asked()[0].body, "") << "the namenode gets no data";
  EXPECT_EQ(client_->asked()[1].body, "bytes");
  EXPECT_EQ(Url(1), "http://dn1:9864/webhdfs/v1/x?op=X&secret-token=1");
  EXPECT_EQ(Url(2), std::string("http://nn1:9870") + kTemp +
                        "?op=RENAME&destination=%2Fdata%2Ft%2F1.json&renameoptions=NONE&user.name=me");
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Hdfs, AConditionalPutSaysWhatTheRenameSays) {
  Redirect().Answer(201).Answer(403, Refusal("FileAlreadyExistsException")).Answer(200, R"({"boolean": true})");
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kExists);
  EXPECT_EQ(client_->asked().back().method, "DELETE") << "what was written is taken away";
  // HttpFS answers a boolean.
  Redirect().Answer(201).Answer(200, R"({"boolean": true})");
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kWritten);
  Redirect().Answer(201).Answer(200, R"({"boolean": false})").Answer(200, R"({"boolean": true})");
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kExists);
  Redirect().Answer(201).Answer(403, Refusal("AccessControlException")).Answer(200, R"({"boolean": true})");
  EXPECT_EQ(store_->PutIfAbsent("1.json", "x").error().code(), Code::kPermissionDenied);
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Hdfs, ARenameWhoseAnswerWasLostIsDoneAgainOnlyWhenItCannotHaveHappened) {
  Redirect().Answer(201).Lost().Answer(200, R"({"boolean": true})");
  Redirect().Answer(201).Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kWritten) << "its source was there to be deleted";
  Redirect().Answer(201).Answer(500).Answer(200, R"({"boolean": false})");
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kUnknown) << "its source is gone";
  Redirect().Answer(201).Lost().Lost();
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kUnknown);
  Redirect().Answer(201).Answer(404, Refusal("FileNotFoundException"));
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Hdfs, DataThatWasLostIsWrittenUnderANewName) {
  Redirect().Lost().Answer(200, R"({"boolean": true})");
  Redirect().Answer(201).Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kWritten);
  EXPECT_EQ(client_->asked()[2].method, "DELETE");
  EXPECT_EQ(client_->left(), 0u);
  // A request that came twice meets itself.
  Redirect().Answer(403, Refusal("FileAlreadyExistsException")).Answer(200, R"({"boolean": true})");
  Redirect().Answer(201).Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kWritten);
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Hdfs, ADatanodeThatDoesNotAnswerIsLeftOut) {
  Redirect().Refused();
  Redirect("http://dn2:9864/x").Answer(200, "bytes");
  EXPECT_EQ(*store_->Get("a"), "bytes");
  EXPECT_NE(Url(2).find("&excludedatanodes=dn1%3A9864"), std::string::npos) << Url(2);
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Hdfs, AStandbyNamenodeIsLeftForTheOther) {
  client_->Answer(403, Refusal("StandbyException", "Operation category READ is not supported in state standby"));
  Redirect("http://dn2:9864/x").Answer(200, "bytes");
  EXPECT_EQ(*store_->Get("a"), "bytes");
  EXPECT_TRUE(Url(0).starts_with("http://nn1:9870/")) << Url(0);
  EXPECT_TRUE(Url(1).starts_with("http://nn2:9870/")) << Url(1);
  client_->Answer(200, R"({"FileStatus": {"pathSuffix": "", "type": "FILE", "length": 5, "modificationTime": 7}})");
  EXPECT_EQ(store_->Head("a")->modified_ms, 7);
  EXPECT_TRUE(Url(3).starts_with("http://nn2:9870/")) << "it is remembered";
  client_->Refused().Answer(200, R"({"boolean": true})");
  EXPECT_TRUE(store_->Delete("a").ok());
  EXPECT_TRUE(Url(5).starts_with("http://nn1:9870/")) << "one that is down is left too";
  for (int i = 0; i < 4; ++i) client_->Answer(403, Refusal("StandbyException", "standby"));
  EXPECT_EQ(store_->Get("a").error().code(), Code::kUnavailable);
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Hdfs, FailuresAreWhatTheCallerCanActOn) {
  const auto code = [&](int status, const std::string& name) {
    client_->Answer(status, Refusal(name));
    const auto answer = store_->Get("a/b");
    EXPECT_EQ(client_->left(), 0u) << name;
    EXPECT_NE(answer.error().message().find("hdfs://lake/data/t/a/b"), std::string::npos) << answer.error().message();
    EXPECT_EQ(answer.error().message().find("java"), std::string::npos) << answer.error().message();
    return answer.error().code();
  };
  EXPECT_EQ(code(404, "FileNotFoundException"), Code::kNotFound);
  EXPECT_EQ(code(403, "AccessControlException"), Code::kPermissionDenied);
  EXPECT_EQ(code(403, "SafeModeException"), Code::kUnavailable);
  EXPECT_EQ(code(403, "IOException"), Code::kUnavailable);
  EXPECT_EQ(code(400, "IllegalArgumentException"), Code::kInvalidArgument);
  EXPECT_EQ(code(403, "DSQuotaExceededException"), Code::kPermissionDenied);
  EXPECT_EQ(code(404, ""), Code::kNotFound);
  client_->Answer(401, "", {{"www-authenticate", "Negotiate"}});
  EXPECT_NE(store_->Get("a").error().message().find("kinit"), std::string::npos);
  client_->Answer(403, Refusal("AccessControlException", "/data/t/a (is not a directory)"));
  EXPECT_EQ(store_->Get("a/b").error().code(), Code::kNotFound);
}

TEST_F(Hdfs, OddNamesAreEncoded) {
  Redirect().Answer(200, "x");
  ASSERT_TRUE(store_->Get("a b/p=%2F+#?&\xC3\xA4.json").ok());
  EXPECT_EQ(Url(0), "http://nn1:9870/webhdfs/v1/data/t/a%20b/p%3D%252F%2B%23%3F%26%C3%A4.json?op=OPEN&user.name=me");
}

TEST_F(Hdfs, CredentialsGoToNamenodesAndAreInNoMessage) {
  Open({{"hdfs_delegation_token", "secret-delegation"}});
  Redirect().Answer(403, Refusal("AccessControlException"));
  const auto denied = store_->Get("a");
  EXPECT_TRUE(Url(0).ends_with("?op=OPEN&delegation=secret-delegation")) << Url(0);
  for (int i = 0; i < 4; ++i) client_->Lost();
  const auto lost = store_->Get("a");
  Open({{"hdfs_basic_user", "me"}, {"hdfs_basic_password", "secret-word"}});
  Redirect("http://nn1:9870/gateway/x").Answer(200, "1");
  Redirect("http://dn1:9864/x").Answer(200, "1");
  ASSERT_TRUE(store_->Get("a").ok());
  ASSERT_TRUE(store_->Get("a").ok());
  EXPECT_EQ(client_->asked()[0].headers.at("Authorization"), "Basic bWU6c2VjcmV0LXdvcmQ=");
  EXPECT_EQ(client_->asked()[1].headers.count("Authorization"), 1u) << "a gateway sends on to itself";
  EXPECT_EQ(client_->asked()[3].headers.count("Authorization"), 0u);
  for (const Error& error : {denied.error(), lost.error()}) {
    EXPECT_EQ(error.message().find("secret"), std::string::npos) << error.message();
  }
  EXPECT_EQ(store_->uri().find("secret"), std::string::npos);
}

TEST_F(Hdfs, ARedirectThatLeadsOutOfTlsIsRefused) {
  Open({{"webhdfs_endpoint", "https://nn1:9871"}});
  Redirect("http://dn1:9864/x?secret-token");
  const auto refused = store_->Get("a");
  EXPECT_EQ(refused.error().code(), Code::kCorrupt);
  EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
  Redirect("file:///etc/x");
  EXPECT_EQ(store_->Get("a").error().code(), Code::kCorrupt);
}

TEST_F(Hdfs, RangesThatAreNotThereAreCorrupt) {
  const std::string status =
      R"({"FileStatus": {"pathSuffix": "", "type": "FILE", "length": 5, "modificationTime": 7}})";
  client_->Answer(403, Refusal("IOException", "Offset=6 out of the range [0, 5); OPEN, path=/x")).Answer(200, status);
  EXPECT_EQ(store_->GetRange("a", {.offset = 6, .length = 1}).error().code(), Code::kCorrupt);
  Redirect().Answer(200, "45").Answer(200, status);
  EXPECT_EQ(store_->GetRange("a", {.offset = 3, .length = 3}).error().code(), Code::kCorrupt);
  EXPECT_TRUE(Url(2).ends_with("?op=OPEN&offset=3&length=3&user.name=me")) << Url(2);
}

std::string File(const std::string& name, const std::string& type = "FILE") {
  return R"({"pathSuffix": ")" + name + R"(", "type": ")" + type + R"(", "length": 1, "modificationTime": 2})";
}
std::string Page(const std::string& files, int remaining) {
  return R"({"DirectoryListing": {"partialListing": {"FileStatuses": {"FileStatus": [)" + files +
         R"(]}}, "remainingEntries": )" + std::to_string(remaining) + "}}";
}

TEST_F(Hdfs, ListingsFollowTheirPagesAndHideFilesInTheMaking) {
  const std::string temp = ".b.00000000-0000-4000-8000-000000000000.tmp";
  const auto script = [&] {
    client_->Answer(200, Page(File("\xC3\xA4") + "," + File(temp) + "," + File("a\xC3\xA4") + "," + File("a"), 3))
        .Answer(200, Page(File("b") + "," + File("c", "DIRECTORY") + "," + File("d", "SYMLINK"), 0));
  };
  std::string seen;
  const auto visit = [&](const ObjectMeta& meta) {
    seen += meta.key + " ";
    return true;
  };
  script();
  ASSERT_TRUE(store_->List("l/", "", visit).ok());
  EXPECT_EQ(seen, "l/a l/a\xC3\xA4 l/b l/\xC3\xA4 ");
  EXPECT_EQ(Url(0), "http://nn1:9870/webhdfs/v1/data/t/l?op=LISTSTATUS_BATCH&user.name=me");
  EXPECT_TRUE(Url(1).ends_with("&startAfter=a&user.name=me")) << Url(1);
  seen.clear();
  script();
  ASSERT_TRUE(store_->ListLeftovers("l/", visit).ok());
  EXPECT_EQ(seen, "l/" + temp + " ");
  seen.clear();
  script();
  ASSERT_TRUE(store_
                  ->ListEntries("l/",
                                [&](const FolderEntry& entry) {
                                  seen += entry.key + " ";
                                  return true;
                                })
                  .ok());
  EXPECT_EQ(seen, "l/" + temp + " l/a l/a\xC3\xA4 l/b l/c/ l/\xC3\xA4 ");
  client_->Answer(200, Page("", 0));
  ASSERT_TRUE(store_->List("_delta_log/", "00000000000000000010", visit).ok());
  EXPECT_TRUE(Url(6).ends_with("&startAfter=0000000000000000001&user.name=me")) << Url(6);
}

TEST_F(Hdfs, ServersWithoutPagesListAtOnce) {
  client_->Answer(400, Refusal("IllegalArgumentException", "Invalid value for webhdfs parameter"))
      .Answer(200, R"({"FileStatuses": {"FileStatus": [)" + File("b") + "," + File("a") + "]}}");
  std::string seen;
  ASSERT_TRUE(store_
                  ->List("l/", "",
                         [&](const ObjectMeta& meta) {
                           seen += meta.key + " ";
                           return true;
                         })
                  .ok());
  EXPECT_EQ(seen, "l/a l/b ");
}

TEST_F(Hdfs, ListingsThatAreNoneAreRefused) {
  client_->Answer(200, "{}").Answer(200, Page(File("b") + "," + File("a"), 0)).Answer(200, Page(File(""), 0));
  const auto visit = [](const ObjectMeta&) { return true; };
  EXPECT_EQ(store_->List("l/", "", visit).error().code(), Code::kCorrupt);
  EXPECT_EQ(store_->List("l/", "", visit).error().code(), Code::kUnsupported) << "out of order";
  EXPECT_EQ(store_->List("l/", "", visit).error().code(), Code::kInvalidArgument) << "a file";
  client_->Answer(200, R"({"FileStatus": {"pathSuffix": "", "type": "FILE", "length": -1, "modificationTime": 2}})");
  EXPECT_EQ(store_->Head("a").error().code(), Code::kCorrupt);
}

TEST_F(Hdfs, AnAppendThatWasLostFailsTheWrite) {
  Redirect().Answer(201);
  Redirect().Lost().Answer(200, R"({"boolean": true})");
  auto write = store_->StartMultipart("data");
  ASSERT_TRUE((*write)->Write(std::string(32 << 20, 'x')).ok());
  EXPECT_EQ((*write)->Write(std::string(32 << 20, 'x')).error().code(), Code::kUnavailable);
  EXPECT_FALSE((*write)->Complete().ok());
  write->reset();
  EXPECT_EQ(client_->asked().back().method, "DELETE");
  EXPECT_EQ(client_->left(), 0u);
}

TEST(HdfsTempName, IsToldFromOtherNames) {
  EXPECT_TRUE(IsHdfsTempName(".deltic-d2c639aa-8816-431a-aaf6-d3fe2512ff61.tmp"));
  EXPECT_TRUE(IsHdfsTempName(".0.json.d2c639aa-8816-431a-aaf6-d3fe2512ff61.tmp"));
  for (const char* name : {"0.json", ".0.json.tmp", "0.json.d2c639aa-8816-431a-aaf6-d3fe2512ff61.tmp",
                           ".d2c639aa-8816-431a-aaf6-d3fe2512ff61.tmp", ".0.json.d2c639aa-8816-431a-aaf6-d3fe2512ff61",
                           ".0.json.d2c639aa-8816-431a-aaf6-d3fe2512ffxx.tmp"}) {
    EXPECT_FALSE(IsHdfsTempName(name)) << name;
  }
}

}  // namespace
}  // namespace deltic
