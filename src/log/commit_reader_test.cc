// Tests the cutting of log files into documents, and reading them in both directions.
#include "log/commit_reader.h"

#include <gtest/gtest.h>

#include "storage/fault_store.h"

namespace deltic {
namespace {

std::vector<std::string> Cut(std::string_view text) {
  LogLines lines(text);
  std::vector<std::string> documents;
  while (true) {
    auto line = lines.Next();
    if (!line.ok()) {
      documents.push_back("error: " + line.error().message());
      return documents;
    }
    if (line->text.empty()) return documents;
    documents.push_back(std::to_string(line->number) + ": " + std::string(line->text));
  }
}

using Texts = std::vector<std::string>;

TEST(LogLines, OneDocumentALineWithOrWithoutALastNewline) {
  EXPECT_EQ(Cut(""), Texts{});
  EXPECT_EQ(Cut("{\"a\":1}\n{\"b\":2}"), (Texts{"1: {\"a\":1}", "2: {\"b\":2}"}));
  EXPECT_EQ(Cut("\n{\"a\":1}\r\n\n  {\"b\":2} \n"), (Texts{"2: {\"a\":1}", "4: {\"b\":2}"}));
  EXPECT_EQ(Cut("\xEF\xBB\xBF{\"a\":1}"), Texts{"1: {\"a\":1}"});
}

TEST(LogLines, ADocumentOverSeveralLinesIsTakenWhole) {
  EXPECT_EQ(Cut("{\n  \"a\": {\n    \"s\": \"}\\\"{\"\n  }\n}\n{\"b\":2}\n"),
            (Texts{"1: {\n  \"a\": {\n    \"s\": \"}\\\"{\"\n  }\n}", "6: {\"b\":2}"}));
}

TEST(LogLines, ACutLastLineIsCorrupt) {
  const auto cut = Cut("{\"a\":1}\n{\"add\":{\"path\":\"x");
  ASSERT_EQ(cut.size(), 2u);
  EXPECT_NE(cut[1].find("line 2: the JSON object is cut off"), std::string::npos) << cut[1];
  EXPECT_NE(Cut("{\"a\":{\"b\":1}\n").back().find("cut off"), 0u);
  EXPECT_NE(Cut("{\"a\":{\"b\":1}").back().find("cut off"), std::string::npos) << "behind an inner brace";
  EXPECT_NE(Cut("{").back().find("cut off"), std::string::npos);
  EXPECT_NE(Cut("{\"a\\").back().find("cut off"), std::string::npos);
  EXPECT_NE(Cut("{\"a\":\"x\n\"}\n{\"b\":\"y").back().find("cut off"), std::string::npos);
}

TEST(LogLines, WhatIsNoObjectIsCorrupt) {
  EXPECT_NE(Cut("{\"a\":1}\n[1]\n").back().find("line 2: this is no JSON object"), std::string::npos);
  EXPECT_NE(Cut("PAR1\0\0").back().find("line 1"), std::string::npos);
}

constexpr const char* kCommit =
    "{\"commitInfo\":{\"timestamp\":5,\"operation\":\"WRITE\"}}\n"
    "{\"txn\":{\"appId\":\"a\",\"version\":1}}\n"
    "{\"newThing\":{}}\n"
    "{\"txn\":{\"appId\":\"b\",\"version\":2}}\n";

std::string Name(const Action& action) {
  if (auto* txn = std::get_if<SetTransaction>(&action)) return txn->app_id;
  if (std::holds_alternative<CommitInfo>(action)) return "commitInfo";
  return "?";
}

TEST(LogFileText, VisitsActionsInFileOrderAndStopsWhenTold) {
  ActionParser parser;
  std::string seen;
  ASSERT_TRUE(LogFileText("k", kCommit)
                  .Visit(parser, {},
                         [&](Action&& action) -> Result<bool> {
                           seen += Name(action) + " ";
                           return true;
                         })
                  .ok());
  EXPECT_EQ(seen, "commitInfo a b ");
  seen.clear();
  ASSERT_TRUE(LogFileText("k", kCommit)
                  .Visit(parser, {},
                         [&](Action&& action) -> Result<bool> {
                           seen += Name(action);
                           return false;
                         })
                  .ok());
  EXPECT_EQ(seen, "commitInfo");
}

TEST(LogFileText, ErrorsNameTheFileAndTheLine) {
  ActionParser parser;
  const auto all = [](Action&&) -> Result<bool> { return true; };
  Status status = LogFileText("_delta_log/7.json", "{\"txn\":{\"appId\":\"a\",\"version\":1}}\n{\"txn\":{}}\n")
                      .Visit(parser, {}, all);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kCorrupt);
  EXPECT_EQ(status.error().message().find("_delta_log/7.json line 2: "), 0u) << status.error().message();
}

TEST(ReverseActions, GoesFromTheLastLineToTheFirst) {
  ActionParser parser;
  auto actions = ReverseActions::Make(LogFileText("k", kCommit));
  ASSERT_TRUE(actions.ok());
  std::string seen;
  while (true) {
    auto action = actions->Next(parser, {});
    ASSERT_TRUE(action.ok());
    if (!action->has_value()) break;
    seen += Name(**action) + " ";
  }
  EXPECT_EQ(seen, "b a commitInfo ");
}

TEST(LogFileText, AFileOfNothingWasNotWrittenWhole) {
  auto store = MakeMemoryStore();
  const LogFile file = *ParseLogName("00000000000000000001.json");
  for (const char* text : {"", "\n", " \r\n"}) {
    ASSERT_TRUE(store->Put(file.key, text).ok());
    const auto read = LogFileText::Read(*store, file);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code(), Code::kCorrupt);
    EXPECT_NE(read.error().message().find(file.key), std::string::npos);
  }
}

TEST(ReadCommitInfo, ReadsOnlyTheBeginningOfALargeCommit) {
  auto store = MakeFaultStore(MakeMemoryStore());
  std::string text = kCommit;
  while (text.size() < 200000)
    text += "{\"add\":{\"path\":\"p\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,\"dataChange\":true}}\n";
  ASSERT_TRUE(store->Put("_delta_log/a", text).ok());
  auto info = ReadCommitInfo(*store, {.key = "_delta_log/a", .size_bytes = static_cast<int64_t>(text.size())});
  ASSERT_TRUE(info.ok());
  EXPECT_EQ((*info)->operation, "WRITE");
  EXPECT_EQ(store->Count(StoreCall::kGet), 0);
  EXPECT_EQ(store->Count(StoreCall::kGetRange), 1);
}

TEST(ReadCommitInfo, ACommitWithoutItHasNone) {
  auto store = MakeMemoryStore();
  ASSERT_TRUE(store->Put("_delta_log/a", "{\"txn\":{\"appId\":\"a\",\"version\":1}}\n").ok());
  auto info = ReadCommitInfo(*store, {.key = "_delta_log/a", .size_bytes = 30});
  ASSERT_TRUE(info.ok());
  EXPECT_FALSE(info->has_value());
}

}  // namespace
}  // namespace deltic
