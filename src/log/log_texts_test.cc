// Tests the reading of many log files behind a network: together, once, within bounds.
#include "log/log_texts.h"

#include <gtest/gtest.h>

#include "storage/fault_store.h"
#include "storage/request_log.h"

namespace deltic {
namespace {

class LogTextsTest : public ::testing::Test {
 protected:
  LogFile Put(int64_t version, const std::string& text) {
    LogFile file{.version = version, .from_version = version};
    file.key = std::string(kLogFolder) + VersionName(version) + ".json";
    file.size_bytes = static_cast<int64_t>(text.size());
    EXPECT_TRUE(memory_->Put(file.key, text).ok());
    return file;
  }
  std::vector<LogFile> PutMany(int64_t count) {
    std::vector<LogFile> files;
    for (int64_t v = 0; v < count; ++v) files.push_back(Put(v, "{\"a\":" + std::to_string(v) + "}"));
    return files;
  }

  std::shared_ptr<ObjectStore> memory_ = MakeMemoryStore();
  std::shared_ptr<FaultStore> faults_ = MakeFaultStore(memory_);
  std::shared_ptr<RequestLog> log_ = MakeRequestLog(faults_);
};

TEST_F(LogTextsTest, ExpectedFilesComeInOneRoundTripEachOnce) {
  const std::vector<LogFile> files = PutMany(40);
  const int64_t round_trips = FewestRoundTrips(*log_, 1, [&] {
    LogTexts texts(log_);
    texts.Expect(files);
    for (int again = 0; again < 2; ++again) {
      for (const LogFile& file : files) {
        auto text = texts.Read(file);
        ASSERT_TRUE(text.ok());
        EXPECT_EQ(text->text(), "{\"a\":" + std::to_string(file.version) + "}");
      }
    }
    EXPECT_EQ(log_->Requests().size(), 40U) << log_->Text();
  });
  EXPECT_EQ(round_trips, 1) << log_->Text();
}

TEST_F(LogTextsTest, NothingIsReadThatNobodyAskedFor) {
  const std::vector<LogFile> files = PutMany(3);
  LogTexts texts(log_);
  texts.Expect(files);
  EXPECT_TRUE(log_->Requests().empty());
  ASSERT_TRUE(texts.Read(Put(7, "{}")).ok());  // brings the expected ones along
  EXPECT_EQ(log_->Requests().size(), 4U);
}

TEST_F(LogTextsTest, AFailureIsThatOfTheFileThatIsAskedFor) {
  const std::vector<LogFile> files = PutMany(3);
  LogTexts texts(log_);
  texts.Expect({files[1], files[2]});
  ASSERT_TRUE(memory_->Delete(files[1].key).ok());
  EXPECT_TRUE(texts.Read(files[0]).ok());
  EXPECT_EQ(texts.Read(files[1]).error().code(), Code::kNotFound);
  EXPECT_TRUE(texts.Read(files[2]).ok());
  // What is there later is found later.
  Put(1, "{}");
  EXPECT_TRUE(texts.Read(files[1]).ok());
  EXPECT_EQ(texts.Read(Put(9, " \n")).error().code(), Code::kCorrupt);
}

TEST_F(LogTextsTest, WhatIsKeptHasABound) {
  std::vector<LogFile> files;
  for (int64_t v = 0; v < 12; ++v) files.push_back(Put(v, std::string(4 << 20, 'x')));
  LogTexts texts(MakeRequestLog(memory_));
  const auto log = MakeRequestLog(memory_);
  LogTexts bounded(log);
  bounded.Expect(files);
  ASSERT_TRUE(bounded.ReadText(files[0]).ok());
  EXPECT_LE(log->Requests().size(), 8U);  // 32 MiB
  for (const LogFile& file : files) ASSERT_TRUE(bounded.ReadText(file).ok());
  log->Clear();
  for (const LogFile& file : files) ASSERT_TRUE(bounded.ReadText(file).ok());
  EXPECT_GE(log->Requests().size(), 8U);  // no more than 16 MiB were still there
}

TEST_F(LogTextsTest, NearStoresAreReadOneByOneAndNothingIsKept) {
  const std::vector<LogFile> files = PutMany(3);
  LogTexts texts(faults_);
  texts.Expect(files);
  ASSERT_TRUE(texts.Read(files[0]).ok());
  ASSERT_TRUE(texts.Read(files[0]).ok());
  EXPECT_EQ(faults_->Count(StoreCall::kGet), 2);
}

}  // namespace
}  // namespace deltic
