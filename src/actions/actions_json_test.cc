// Tests of the action codec: each action there and back, what other writers do differently, each refusal, the corpus.
#include "actions/actions_json.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace deltic {
namespace {

template <class T>
T ParseAs(std::string_view line, const ActionKinds& kinds = {}) {
  ActionParser parser;
  auto action = parser.Parse(line, kinds);
  if (!action.ok()) {
    ADD_FAILURE() << action.error().message();
    return {};
  }
  if (!action->has_value() || !std::holds_alternative<T>(**action)) {
    ADD_FAILURE() << "another action, or none: " << line;
    return {};
  }
  return std::get<T>(std::move(**action));
}

void ExpectNothing(std::string_view line, const ActionKinds& kinds = {}) {
  ActionParser parser;
  const auto action = parser.Parse(line, kinds);
  ASSERT_TRUE(action.ok()) << action.error().message();
  EXPECT_FALSE(action->has_value()) << line;
}

void ExpectCorrupt(std::string_view line, std::string_view part_of_message) {
  ActionParser parser;
  const auto action = parser.Parse(line);
  ASSERT_FALSE(action.ok()) << line;
  EXPECT_EQ(action.error().code(), Code::kCorrupt);
  EXPECT_NE(action.error().message().find(part_of_message), std::string::npos) << action.error().message();
}

constexpr std::string_view kFullAdd =
    R"j({"add":{"path":"p=a%20b/f.parquet","partitionValues":{"p":"a b","q":null},"size":12,"modificationTime":1700000000000,)j"
    R"j("dataChange":false,"stats":"{\"numRecords\":3}","tags":{"k":"v"},"deletionVector":{"storageType":"u",)j"
    R"j("pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6},"baseRowId":0,)j"
    R"j("defaultRowCommitVersion":5,"clusteringProvider":"liquid"}})j";
constexpr std::string_view kSmallAdd =
    R"j({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true}})j";

TEST(ActionParser, ReadsEveryMemberOfAnAdd) {
  const auto add = ParseAs<AddFile>(kFullAdd);
  EXPECT_EQ(add.path, "p=a%20b/f.parquet");
  EXPECT_EQ(add.partition_values, (PartitionValues{{"p", "a b"}, {"q", std::nullopt}}));
  EXPECT_EQ(add.size, 12);
  EXPECT_EQ(add.modification_time, 1700000000000);
  EXPECT_FALSE(add.data_change);
  EXPECT_EQ(add.stats, R"j({"numRecords":3})j");
  EXPECT_EQ(add.tags, (StringMap{{"k", "v"}}));
  ASSERT_TRUE(add.deletion_vector);
  EXPECT_EQ(add.deletion_vector->UniqueId(), "uab^-aqEH.-t@S}K{vb[*k^@4");
  EXPECT_EQ(add.deletion_vector->size_in_bytes, 40);
  EXPECT_EQ(add.deletion_vector->cardinality, 6);
  EXPECT_EQ(add.base_row_id, 0);
  EXPECT_EQ(add.default_row_commit_version, 5);
  EXPECT_EQ(add.clustering_provider, "liquid");
}

TEST(ActionParser, ReadsTheOtherActions) {
  const auto remove = ParseAs<RemoveFile>(
      R"j({"remove":{"path":"a","deletionTimestamp":9,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{"p":""},"size":3}})j");
  EXPECT_EQ(remove.deletion_timestamp, 9);
  EXPECT_EQ(remove.extended_file_metadata, true);
  EXPECT_EQ(remove.partition_values, (PartitionValues{{"p", ""}}));
  EXPECT_EQ(remove.size, 3);
  EXPECT_EQ(ParseAs<RemoveFile>(R"j({"remove":{"path":"a","dataChange":true}})j").deletion_timestamp, std::nullopt);
  const auto metadata = ParseAs<Metadata>(
      R"j({"metaData":{"id":"i","name":null,"description":"d","format":{"provider":"parquet","options":{}},"schemaString":"{}",)j"
      R"j("partitionColumns":["p","q"],"createdTime":7,"configuration":{"delta.appendOnly":"true","n":null}}})j");
  EXPECT_EQ(metadata.id, "i");
  EXPECT_EQ(metadata.name, std::nullopt);
  EXPECT_EQ(metadata.description, "d");
  EXPECT_EQ(metadata.schema_string, "{}");
  EXPECT_EQ(metadata.partition_columns, (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(metadata.created_time, 7);
  EXPECT_EQ(metadata.configuration, (StringMap{{"delta.appendOnly", "true"}}));
  const auto protocol = ParseAs<Protocol>(
      R"j({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["a"],"writerFeatures":[]}})j");
  EXPECT_EQ(protocol.min_reader_version, 3);
  EXPECT_EQ(protocol.min_writer_version, 7);
  EXPECT_EQ(protocol.reader_features, std::vector<std::string>{"a"});
  EXPECT_EQ(protocol.writer_features, std::vector<std::string>{});
  EXPECT_EQ(ParseAs<Protocol>(R"j({"protocol":{"minReaderVersion":1,"minWriterVersion":2,"readerFeatures":null}})j")
                .reader_features,
            std::nullopt);
  EXPECT_EQ(ParseAs<AddCdcFile>(R"j({"cdc":{"path":"c","partitionValues":{},"size":5,"dataChange":false}})j").size, 5);
  EXPECT_EQ(ParseAs<SetTransaction>(R"j({"txn":{"appId":"x","version":4,"lastUpdated":6}})j").last_updated, 6);
  const auto domain =
      ParseAs<DomainMetadata>(R"j({"domainMetadata":{"domain":"d","configuration":"{\"a\":1}","removed":true}})j");
  EXPECT_EQ(domain.configuration, R"j({"a":1})j");
  EXPECT_TRUE(domain.removed);
  EXPECT_EQ(
      ParseAs<Sidecar>(R"j({"sidecar":{"path":"s","sizeInBytes":5,"modificationTime":6,"tags":{}}})j").size_in_bytes,
      5);
  EXPECT_EQ(ParseAs<CheckpointMetadata>(R"j({"checkpointMetadata":{"version":5,"tags":{"x":"y"}}})j").version, 5);
}

TEST(ActionParser, KeepsTheWholeCommitInfoWhateverItsMembersAre) {
  const auto info = ParseAs<CommitInfo>(
      R"j({"commitInfo": {"operationParameters":{"a":[1,{"b":null}],"c":1.5},"timestamp":11,"inCommitTimestamp":12,"operation":"WRITE","z":"\u00e4"} })j");
  EXPECT_EQ(
      info.json,
      R"j({"operationParameters":{"a":[1,{"b":null}],"c":1.5},"timestamp":11,"inCommitTimestamp":12,"operation":"WRITE","z":"\u00e4"})j");
  EXPECT_EQ(info.timestamp, 11);
  EXPECT_EQ(info.in_commit_timestamp, 12);
  EXPECT_EQ(info.operation, "WRITE");
  const auto odd =
      ParseAs<CommitInfo>(R"j({"commitInfo":{"timestamp":{"x":1},"operation":[],"inCommitTimestamp":null,"b":"c"}})j");
  EXPECT_EQ(odd.timestamp, std::nullopt);
  EXPECT_EQ(odd.operation, std::nullopt);
  EXPECT_EQ(ParseAs<CommitInfo>(R"j({"commitInfo":{}})j").json, "{}");
}

TEST(ActionParser, TakesStatisticsThatAreJsonInsteadOfAString) {
  const auto add = ParseAs<AddFile>(
      R"j({"add":{"stats":{ "numRecords": 3 } ,"path":"a","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true}})j");
  EXPECT_EQ(add.stats, R"j({ "numRecords": 3 })j");
}

TEST(ActionParser, ToleratesNumbersAndFlagsWrittenAnotherWay) {
  const auto add = ParseAs<AddFile>(
      R"j({"add":{"path":"a","partitionValues":{"p":1,"q":true,"r":1.50},"size":1.0,"modificationTime":"1700000000000","dataChange":"true","tags":{"k":1,"o":{"a":1}}}})j");
  EXPECT_EQ(add.size, 1);
  EXPECT_EQ(add.modification_time, 1700000000000);
  EXPECT_TRUE(add.data_change);
  EXPECT_EQ(add.partition_values, (PartitionValues{{"p", "1"}, {"q", "true"}, {"r", "1.50"}}));
  EXPECT_EQ(add.tags, (StringMap{{"k", "1"}, {"o", R"j({"a":1})j"}}));
  EXPECT_EQ(ParseAs<SetTransaction>(R"j({"txn":{"appId":"x","version":9223372036854775807}})j").version, INT64_MAX);
  EXPECT_EQ(ParseAs<SetTransaction>(R"j({"txn":{"appId":"x","version":-1}})j").version, -1);
}

TEST(ActionParser, TakesKeysInAnyOrderAndEscapedAndIgnoresUnknownOnes) {
  const auto add = ParseAs<AddFile>(
      R"j({"add":{"dataChange":true,"new":{"path":"b"},"size":1,"p\u0061th":"\u00e4\"","modificationTime":2,"partitionValues":{}}})j");
  EXPECT_EQ(add.path, "\xC3\xA4\"");
  EXPECT_EQ(ParseAs<SetTransaction>(R"j({"other":{"a":[1,2,{}]},"txn":{"version":1,"appId":"x"},"more":1})j").app_id,
            "x");
}

TEST(ActionParser, TakesNullsAsAbsent) {
  EXPECT_EQ(ParseAs<SetTransaction>(
                R"j({"add":null,"remove":null,"txn":{"appId":"x","version":1,"lastUpdated":null},"protocol":null})j")
                .last_updated,
            std::nullopt);
  const auto add = ParseAs<AddFile>(
      R"j({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true,"stats":null,"tags":null,"deletionVector":null,"baseRowId":null}})j");
  EXPECT_EQ(add.stats, std::nullopt);
  EXPECT_FALSE(add.deletion_vector);
  ExpectNothing(R"j({"add":null})j");
  ExpectCorrupt(R"j({"txn":{"appId":null,"version":1}})j", "txn: appId is missing");
}

TEST(ActionParser, SkipsBlankLinesAndUnknownActions) {
  ExpectNothing("");
  ExpectNothing(" \r");
  ExpectNothing("\xEF\xBB\xBF");
  ExpectNothing("{}");
  ExpectNothing(R"j({"futureAction":{"a":{"b":[]}}})j");
}

TEST(ActionParser, TakesAByteOrderMarkBlanksAndCarriageReturnsAroundALine) {
  EXPECT_EQ(ParseAs<AddFile>("\xEF\xBB\xBF \t" + std::string(kSmallAdd) + " \r\n").path, "a");
  EXPECT_EQ(
      ParseAs<SetTransaction>("{\r\n  \"txn\" : {\r\n    \"appId\" : \"x\",\r\n \"version\" : 1\r\n  }\r\n}").version,
      1);
}

TEST(ActionParser, SkipsUnwantedActionsWithoutLookingInside) {
  ActionKinds kinds = ActionKinds::None();
  kinds.protocol = true;
  ExpectNothing(kFullAdd, kinds);
  ExpectNothing(R"j( { "add" : { not even JSON } } )j", kinds);
  // Behind a null or an unknown key the wanted action is still found.
  EXPECT_EQ(ParseAs<Protocol>(R"j({"add":null,"protocol":{"minReaderVersion":1,"minWriterVersion":2}})j", kinds)
                .min_writer_version,
            2);
  EXPECT_EQ(ParseAs<Protocol>(R"j({"x":{},"protocol":{"minReaderVersion":1,"minWriterVersion":2}})j", kinds)
                .min_writer_version,
            2);
  ExpectNothing(R"j({"x":1,"add":{"path":1}})j", kinds);
}

TEST(ActionParser, RefusesAnActionThatHidesBehindAnUnwantedOneOnItsLine) {
  ActionKinds kinds = ActionKinds::None();
  kinds.add = true;
  const std::string info = R"({"commitInfo":{"operation":"a } in \"text\" {"}})";
  const std::string add =
      R"({"add":{"path":"p","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}})";
  ActionParser parser;
  EXPECT_TRUE(parser.Parse(info, kinds).ok());
  for (const char* between : {"", " ", "\t", "x", ",", "\""}) {
    EXPECT_FALSE(parser.Parse(info + between + add, kinds).ok()) << between;
  }
}

TEST(ActionParser, NamesTheMemberThatIsMissing) {
  ExpectCorrupt(R"j({"add":{"partitionValues":{},"size":1,"modificationTime":2,"dataChange":true}})j",
                "add: path is missing");
  ExpectCorrupt(R"j({"add":{"path":"a","size":1,"modificationTime":2,"dataChange":true}})j",
                "add: partitionValues is missing");
  ExpectCorrupt(R"j({"add":{"path":"a","partitionValues":{},"modificationTime":2,"dataChange":true}})j",
                "size is missing");
  ExpectCorrupt(R"j({"remove":{"dataChange":true}})j", "remove: path is missing");
  ExpectCorrupt(R"j({"metaData":{"id":"x","partitionColumns":[]}})j", "metaData: schemaString is missing");
  ExpectCorrupt(R"j({"metaData":{"schemaString":"{}","partitionColumns":[]}})j", "metaData: id is missing");
  ExpectCorrupt(R"j({"protocol":{"minReaderVersion":1}})j", "protocol: minWriterVersion is missing");
  ExpectCorrupt(
      R"j({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true,"deletionVector":{"storageType":"u"}}})j",
      "add: deletionVector: pathOrInlineDv is missing");
}

TEST(ActionParser, NamesTheMemberThatHasTheWrongType) {
  const auto add_with = [](std::string_view member) {
    return R"j({"add":{"path":"a","partitionValues":{},"modificationTime":2,"dataChange":true,)j" +
           std::string(member) + "}}";
  };
  ExpectCorrupt(add_with(R"j("size":"x")j"), "add: size: must be a whole number");
  ExpectCorrupt(add_with(R"j("size":1.5)j"), "add: size");
  ExpectCorrupt(add_with(R"j("size":1e300)j"), "add: size");
  ExpectCorrupt(add_with(R"j("size":99999999999999999999)j"), "add: size");
  ExpectCorrupt(add_with(R"j("size":{})j"), "add: size");
  ExpectCorrupt(add_with(R"j("size":"")j"), "add: size");
  ExpectCorrupt(add_with(R"j("size":-1)j"), "negative");
  ExpectCorrupt(add_with(R"j("size":1,"tags":[])j"), "add: tags: must be a JSON object");
  ExpectCorrupt(add_with(R"j("size":1,"deletionVector":"x")j"), "add: deletionVector: must be a JSON object");
  ExpectCorrupt(
      add_with(
          R"j("size":1,"deletionVector":{"storageType":"x","pathOrInlineDv":"","sizeInBytes":1,"cardinality":1})j"),
      "storageType");
  ExpectCorrupt(
      add_with(
          R"j("size":1,"deletionVector":{"storageType":"u","pathOrInlineDv":"","sizeInBytes":5000000000,"cardinality":1})j"),
      "sizeInBytes");
  ExpectCorrupt(R"j({"add":{"path":1,"partitionValues":{},"size":1,"modificationTime":2,"dataChange":true}})j",
                "add: path: must be a string");
  ExpectCorrupt(R"j({"add":{"path":"","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true}})j",
                "path is empty");
  ExpectCorrupt(R"j({"add":{"path":"a","partitionValues":{"p":{}},"size":1,"modificationTime":2,"dataChange":true}})j",
                "partitionValues: p");
  ExpectCorrupt(R"j({"add":{"path":"a","partitionValues":[],"size":1,"modificationTime":2,"dataChange":true}})j",
                "partitionValues");
  ExpectCorrupt(R"j({"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":2,"dataChange":1}})j",
                "dataChange");
  ExpectCorrupt(R"j({"protocol":{"minReaderVersion":1,"minWriterVersion":2,"readerFeatures":[1]}})j", "readerFeatures");
  ExpectCorrupt(R"j({"protocol":{"minReaderVersion":1,"minWriterVersion":2,"readerFeatures":"a"}})j", "readerFeatures");
  ExpectCorrupt(R"j({"protocol":{"minReaderVersion":4294967297,"minWriterVersion":2}})j", "32 bits");
  ExpectCorrupt(R"j({"add":[]})j", "add is not a JSON object");
  ExpectCorrupt(R"j({"add":"x"})j", "add is not a JSON object");
}

TEST(ActionParser, RefusesWhatCouldMeanTwoThings) {
  ExpectCorrupt(R"j({"txn":{"appId":"x","version":1},"protocol":{"minReaderVersion":1,"minWriterVersion":2}})j",
                "both txn and protocol");
  ExpectCorrupt(R"j({"txn":{"appId":"x","version":1,"version":2}})j", "version is there twice");
  ExpectCorrupt(
      R"j({"add":{"path":"a","partitionValues":{"p":"1","p":"2"},"size":1,"modificationTime":2,"dataChange":true}})j",
      "p is there twice");
  ExpectCorrupt(std::string(kSmallAdd) + std::string(kSmallAdd), "goes on");
}

TEST(ActionParser, RefusesEveryLineThatIsCutShort) {
  ActionParser parser;
  for (size_t length = 1; length < kFullAdd.size(); ++length) {
    const auto action = parser.Parse(kFullAdd.substr(0, length));
    ASSERT_FALSE(action.ok()) << kFullAdd.substr(0, length);
    EXPECT_EQ(action.error().code(), Code::kCorrupt);
    ActionKinds kinds = ActionKinds::None();
    EXPECT_FALSE(parser.Parse(kFullAdd.substr(0, length), kinds).ok() && kFullAdd[length - 1] != '}');
  }
  EXPECT_TRUE(parser.Parse(kFullAdd).ok());
}

TEST(ActionParser, RefusesWhatIsNotAJsonObject) {
  for (const char* line : {"x", "[]", "1", "\"add\"", "null", "{", "}", "{add}", "{\"add\"}", "{\"add\":}", "\x80"}) {
    ExpectCorrupt(line, "");
  }
  ExpectCorrupt("{\"txn\":{\"appId\":\"\xFF\",\"version\":1}}", "JSON");
  ExpectCorrupt("{\"txn\":{\"appId\":\"\\x\",\"version\":1}}", "");
  ExpectCorrupt("{\"txn\":{\"appId\":\"x\" \"version\":1}}", "");
}

TEST(ActionParser, ReusesItsBuffersAfterErrorsAndAfterLongLines) {
  ActionParser parser;
  const std::string long_path(100000, 'x');
  AddFile add;
  add.path = long_path;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(parser.Parse(R"j({"add":{"path":"a"}})j").ok());
    auto action = parser.Parse(ToJson(Action(add)));
    ASSERT_TRUE(action.ok());
    EXPECT_EQ(std::get<AddFile>(**action).path, long_path);
    EXPECT_TRUE(parser.Parse(kSmallAdd).ok());
  }
}

TEST(ToJson, WritesKeysInTheProtocolsOrderAndLeavesAbsentOnesOut) {
  EXPECT_EQ(ToJson(Action(ParseAs<AddFile>(kFullAdd))), kFullAdd);
  Metadata metadata;
  metadata.id = "i";
  metadata.schema_string = R"j({"type":"struct"})j";
  EXPECT_EQ(
      ToJson(Action(metadata)),
      R"j({"metaData":{"id":"i","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\"}","partitionColumns":[],"configuration":{}}})j");
  EXPECT_EQ(ToJson(Action(CommitInfo{.json = R"j({"a":1})j"})), R"j({"commitInfo":{"a":1}})j");
  Protocol protocol{3, 7, std::vector<std::string>{"a", "b"}, std::vector<std::string>{}};
  EXPECT_EQ(
      ToJson(Action(protocol)),
      R"j({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["a","b"],"writerFeatures":[]}})j");
}

TEST(ToJson, EscapesWhatJsonAsksFor) {
  SetTransaction txn;
  txn.app_id = std::string("\"\\\n\t\x01\0/\xC3\xA4", 9);
  EXPECT_EQ(ToJson(Action(txn)), "{\"txn\":{\"appId\":\"\\\"\\\\\\n\\t\\u0001\\u0000/\xC3\xA4\",\"version\":0}}");
  EXPECT_EQ(ParseAs<SetTransaction>(ToJson(Action(txn))).app_id, txn.app_id);
}

// Where the shared test tables are: DELTIC_CORPUS, else beside the project.
std::filesystem::path CorpusFolder() {
  if (const char* folder = std::getenv("DELTIC_CORPUS")) return folder;
  return std::filesystem::path(__FILE__).parent_path() / "../../../shared/corpus";
}

TEST(Corpus, EveryActionOfEveryCommitParsesAndComesBackWithTheSameValues) {
  if (!std::filesystem::exists(CorpusFolder())) GTEST_SKIP() << "no corpus: set DELTIC_CORPUS to its folder";
  ActionParser parser;
  ActionKinds protocol_only = ActionKinds::None();
  protocol_only.protocol = true;
  int64_t parsed = 0, without_schema = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CorpusFolder())) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".json") || name[0] == '.' || entry.path().parent_path().filename() != "_delta_log") continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    std::vector<std::string> lines;
    if (text.str().substr(0, 2) == "{\n") {  // a few are pretty printed: objects begin and end at the margin
      std::string document;
      for (std::string line; std::getline(text, line);) {
        document += line + "\n";
        if (line == "}") lines.push_back(std::exchange(document, ""));
      }
    } else {
      for (std::string line; std::getline(text, line);) lines.push_back(line);
    }
    for (const std::string& line : lines) {
      const auto action = parser.Parse(line);
      if (!action.ok() && line.find("schemaString") == std::string::npos &&
          line.find("metaData") != std::string::npos) {
        EXPECT_NE(action.error().message().find("schemaString is missing"), std::string::npos);
        ++without_schema;
        continue;
      }
      ASSERT_TRUE(action.ok()) << entry.path() << ": " << action.error().message() << "\n" << line;
      const auto narrow = parser.Parse(line, protocol_only);
      ASSERT_TRUE(narrow.ok());
      EXPECT_EQ(narrow->has_value(), action->has_value() && std::holds_alternative<Protocol>(**action));
      if (!action->has_value()) continue;
      ++parsed;
      if (parsed > 5000) continue;  // one table repeats the same action 300,000 times
      const auto original = nlohmann::json::parse(line);
      const auto written = nlohmann::json::parse(ToJson(**action));
      ASSERT_EQ(written.begin().key(), original.begin().key());
      for (const auto& [key, value] : written.begin().value().items()) {
        auto object = original.begin().value();
        if (object[key].is_object() && key == "deletionVector" && object[key]["offset"].is_null())
          object[key].erase("offset");
        if (!object.contains(key)) {
          EXPECT_TRUE(value.empty() || key == "format") << key << " was made up in " << line;
        } else if (!object[key].is_null()) {
          EXPECT_EQ(value, object[key]) << entry.path();
        }
      }
    }
  }
  EXPECT_GT(parsed, 300000);
  EXPECT_GE(without_schema, 4);
}

}  // namespace
}  // namespace deltic
