// Owns the proof that a clone has its source's files by the right names, copies only what is new, never touches what is
// at the target, and leaves nothing behind when a step fails. Interop with Spark is tests/clone's.
#include "clone/clone.h"

#include <gtest/gtest.h>

#include <set>

#include "clone/clone_files.h"
#include "snapshot/file_place.h"
#include "snapshot/test_table.h"

namespace deltic {
namespace {

constexpr const char* kDvProtocol =
    R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],)"
    R"("writerFeatures":["deletionVectors","appendOnly","invariants"]}})";
// deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin, as in the protocol's example.
constexpr const char* kDvKey = "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";

std::string AddWithVector(const std::string& path) {
  return R"({"add":{"path":")" + path +
         R"(","partitionValues":{"p":"a"},"size":10,"modificationTime":1,"dataChange":true,)"
         R"("stats":"{\"numRecords\":5}","tags":{"keep":"me"},"baseRowId":7,"deletionVector":{"storageType":"u",)"
         R"("pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":2}}})";
}

class CloneTest : public TestTable {
 protected:
  void SetUp() override {
    TestTable::Commit(0, {kDvProtocol, MetadataLine("\"my\":\"prop\"", "source-id"), Add("p=a%25/x"), Add("y")});
    TestTable::Commit(1, {AddWithVector("z")});
    for (const char* key : {"p=a%/x", "y", "z", kDvKey}) {
      ASSERT_TRUE(memory_->Put(key, std::string("bytes of ") + key).ok());
    }
  }

  CloneContext Context() {
    CloneContext context;
    context.commit.env = RealEnv();
    context.commit.sleep_ms = [](int64_t) {};
    context.commit.upkeep = false;
    return context;
  }
  Result<Cloned> Do(const std::shared_ptr<ObjectStore>& target, const CloneRequest& request) {
    DELTIC_TRY(const auto source, Snapshot::Open(memory_, {.version = request.version}));
    const auto replaced = Snapshot::Open(target);
    return CloneTable(source, target, replaced.ok() ? *replaced : nullptr, request, Context());
  }
  static std::string ErrorOf(const Result<Cloned>& done) { return done.ok() ? "cloned" : done.error().ToString(); }

  // By path.
  static std::map<std::string, AddFile> FilesOf(const std::shared_ptr<ObjectStore>& store) {
    std::map<std::string, AddFile> files;
    const auto snapshot = Snapshot::Open(store);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    if (!snapshot.ok()) return files;
    const auto cursor = (*snapshot)->LiveFiles({.all_fields = true});
    while (true) {
      auto file = (*cursor)->Next();
      if (!file.ok() || !*file) return files;
      files.emplace((*file)->path, **file);
    }
  }
  static std::set<std::string> KeysOf(ObjectStore& store) {
    std::set<std::string> keys;
    EXPECT_TRUE(store
                    .ListRecursive("",
                                   [&](const ObjectMeta& object) {
                                     keys.insert(object.key);
                                     return true;
                                   })
                    .ok());
    return keys;
  }
  static constexpr const char* kFirst = "_delta_log/00000000000000000000.json";
};

TEST_F(CloneTest, AShallowCloneNamesTheSourcesFiles) {
  const auto source = MakeLocalStore("/data/my table");
  const auto target = MakeMemoryStore("target");
  EXPECT_EQ(RootUri(*source), "file:/data/my%20table");
  EXPECT_EQ(RootName(*source), "file:/data/my table");
  const auto done = Do(target, {.shallow = true});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->outcome.source_files, 3);
  EXPECT_EQ(done->outcome.source_version, 1);
  EXPECT_EQ(done->outcome.files_copied, 0);
  EXPECT_EQ(KeysOf(*target), std::set<std::string>{kFirst});
  const auto files = FilesOf(target);
  ASSERT_EQ(files.size(), 3);
  EXPECT_TRUE(files.contains("memory://t/p=a%25/x"));
  const AddFile& z = files.at("memory://t/z");
  EXPECT_EQ(z.deletion_vector->storage_type, 'p');
  EXPECT_EQ(z.deletion_vector->path_or_inline_dv, std::string("memory://t/") + kDvKey);
  EXPECT_EQ(z.deletion_vector->offset, 4);
  EXPECT_FALSE(z.base_row_id);
  EXPECT_EQ(z.tags, (StringMap{{"keep", "me"}}));
}

TEST_F(CloneTest, AbsolutePathsAreSpelledAsJavaSpellsThem) {
  // Asked of java.net.URI: Spark does not find the files of a path that is encoded otherwise.
  EXPECT_EQ(EncodeUriPath("/a b%41#?/p=x:1+2&c,;$@!'()*~_-.Z"), "/a%20b%2541%23%3F/p=x:1+2&c,;$@!'()*~_-.Z");
  EXPECT_EQ(EncodeUriPath("/\xC3\xBC[]{}|\\^`\"<>"), "/\xC3\xBC%5B%5D%7B%7D%7C%5C%5E%60%22%3C%3E");
  EXPECT_EQ(EncodeUriPath("\xC2\xA0\xE2\x80\x83\xE2\x82\xAC\x01\xFF"), "%C2%A0%E2%80%83\xE2\x82\xAC%01%FF");
}

TEST_F(CloneTest, ADeepCloneCopiesDataAndVectorsToTheSamePlaces) {
  const auto target = MakeMemoryStore("target");
  const auto done = Do(target, {});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->outcome.files_copied, 3);
  EXPECT_EQ(done->outcome.bytes_copied, 30);
  EXPECT_EQ(KeysOf(*target), (std::set<std::string>{kFirst, "p=a%/x", "y", "z", kDvKey}));
  for (const char* key : {"p=a%/x", "y", "z", kDvKey}) EXPECT_EQ(*target->Get(key), *memory_->Get(key));
  const auto files = FilesOf(target);
  const AddFile& z = files.at("z");
  EXPECT_EQ(z.deletion_vector->storage_type, 'u');
  EXPECT_EQ(z.deletion_vector->path_or_inline_dv, "ab^-aqEH.-t@S}K{vb[*k^");
  EXPECT_EQ(files.at("p=a%25/x").tags, (StringMap{{kClonedFromTag, "source-id/p=a%25/x"}}));
  const auto again = Do(target, {});
  EXPECT_TRUE(Has(ErrorOf(again), "AlreadyExists")) << ErrorOf(again);
  const auto ignored = Do(target, {.mode = CloneMode::kIgnore});
  ASSERT_TRUE(ignored.ok());
  EXPECT_FALSE(ignored->outcome.cloned);
}

TEST_F(CloneTest, AnotherCloneOfTheSameSourceCopiesOnlyWhatIsNew) {
  const auto target = MakeMemoryStore("target");
  ASSERT_TRUE(Do(target, {}).ok());
  TestTable::Commit(2, {Remove("y"), Add("new")});
  ASSERT_TRUE(memory_->Put("new", "bytes of new").ok());
  const auto done = Do(target, {.mode = CloneMode::kReplace});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->outcome.files_copied, 1);
  EXPECT_EQ(done->outcome.files_kept, 2);
  EXPECT_EQ(done->outcome.files_removed, 1);
  const auto files = FilesOf(target);
  EXPECT_EQ(files.size(), 3);
  EXPECT_TRUE(files.contains("new") && files.contains("z") && files.contains("p=a%25/x"));
  // What was removed is still there for the clone's older versions; taken in again it is a file of its own.
  EXPECT_TRUE(KeysOf(*target).contains("y"));
  const auto back = Do(target, {.mode = CloneMode::kReplace, .version = 1});
  ASSERT_TRUE(back.ok()) << ErrorOf(back);
  EXPECT_EQ(back->outcome.files_copied, 1);
  EXPECT_FALSE(FilesOf(target).contains("y"));
  EXPECT_EQ(FilesOf(target).size(), 3);
}

TEST_F(CloneTest, AShallowCloneThatIsReplacedKeepsItsFiles) {
  const auto target = MakeMemoryStore("target");
  ASSERT_TRUE(Do(target, {.shallow = true}).ok());
  TestTable::Commit(2, {Remove("y"), Add("new")});
  const auto done = Do(target, {.shallow = true, .mode = CloneMode::kReplace});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->outcome.files_kept, 2);
  EXPECT_EQ(done->outcome.files_removed, 1);
  EXPECT_EQ(FilesOf(target).size(), 3);
}

TEST_F(CloneTest, WhatTheCloneDeletedComesBackWithoutACopy) {
  const auto target = MakeMemoryStore("target");
  ASSERT_TRUE(Do(target, {}).ok());
  // The clone marked rows of y.
  AddFile marked = FilesOf(target).at("y");
  RemoveFile gone{.path = "y", .deletion_timestamp = 1, .partition_values = {{"p", "a"}}, .size = 10};
  marked.deletion_vector =
      DeletionVectorDescriptor{.storage_type = 'i', .path_or_inline_dv = "abcde", .size_in_bytes = 4, .cardinality = 1};
  Intent intent;
  intent.base = Snapshot::Open(target).value();
  intent.operation.name = "DELETE";
  intent.actions = {gone, marked};
  ASSERT_TRUE(deltic::Commit(intent, Context().commit).ok());
  const auto done = Do(target, {.mode = CloneMode::kReplace});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->outcome.files_copied, 0);
  EXPECT_FALSE(FilesOf(target).at("y").deletion_vector);
  EXPECT_EQ(FilesOf(target).size(), 3);
}

TEST_F(CloneTest, ACopyInAnotherTablesFolderIsCopiedAgain) {
  // What Spark makes of a shallow clone of a deep one: our tag on a file elsewhere.
  const auto target = MakeMemoryStore("target");
  ASSERT_TRUE(Do(target, {}).ok());
  AddFile elsewhere = FilesOf(target).at("y");
  RemoveFile gone{.path = "y", .deletion_timestamp = 1, .partition_values = {{"p", "a"}}, .size = 10};
  elsewhere.path = "file:/elsewhere/y";
  Intent intent;
  intent.base = Snapshot::Open(target).value();
  intent.operation.name = "WRITE";
  intent.actions = {gone, elsewhere};
  ASSERT_TRUE(deltic::Commit(intent, Context().commit).ok());
  const auto done = Do(target, {.mode = CloneMode::kReplace});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->outcome.files_copied, 1);
  EXPECT_FALSE(FilesOf(target).contains("file:/elsewhere/y"));
}

TEST_F(CloneTest, FilesAtTheTargetAreNeverOverwritten) {
  const auto target = MakeMemoryStore("target");
  ASSERT_TRUE(target->Put("y", "somebody's").ok());
  ASSERT_TRUE(target->Put(kDvKey, "somebody's").ok());
  const auto done = Do(target, {});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(*target->Get("y"), "somebody's");
  EXPECT_EQ(*target->Get(kDvKey), "somebody's");
  const auto files = FilesOf(target);
  EXPECT_FALSE(files.contains("y"));
  for (const auto& [path, file] : files) {
    const auto place = PlaceOfDataFile(target, path);
    ASSERT_TRUE(place.ok() && target->Head(place->key).ok()) << path;
    if (!file.deletion_vector) continue;
    const auto vector = PlaceOfVector(target, *file.deletion_vector);
    ASSERT_TRUE(vector.ok() && *vector);
    EXPECT_EQ(*target->Get((*vector)->key), std::string("bytes of ") + kDvKey);
  }
}

TEST_F(CloneTest, ATableIsNotClonedOntoItself) {
  const auto source = Open().value();
  const auto done = CloneTable(source, source->store(), source, {.mode = CloneMode::kReplace}, Context());
  EXPECT_TRUE(Has(ErrorOf(done), "cannot be cloned onto itself")) << ErrorOf(done);
}

TEST_F(CloneTest, ATableIsNotClonedIntoAnother) {
  const auto inside = Do(MakeMemoryStore("t/inside"), {});
  EXPECT_TRUE(Has(ErrorOf(inside), "memory://t/inside/ lies inside of memory://t/")) << ErrorOf(inside);
  EXPECT_TRUE(Has(ErrorOf(inside), "VACUUM of the outer table would delete")) << ErrorOf(inside);
  EXPECT_TRUE(Do(MakeMemoryStore("t2"), {}).ok());
}

TEST_F(CloneTest, AFileThatIsGoneIsNamedAndNothingIsLeft) {
  ASSERT_TRUE(memory_->Delete("z").ok());
  const auto target = MakeMemoryStore("target");
  const auto done = Do(target, {});
  EXPECT_TRUE(Has(ErrorOf(done), "NotFound: copying memory://t/z")) << ErrorOf(done);
  EXPECT_TRUE(KeysOf(*target).empty());
}

TEST_F(CloneTest, WhereverAStepFailsThereIsNoCloneAndNoFile) {
  for (int step = 0;; ++step) {
    const auto inner = MakeMemoryStore("target");
    const auto target = MakeFaultStore(inner);
    const auto source = Snapshot::Open(memory_).value();
    // Once, then storage is well again: copies can be deleted.
    target->SetPlan({.crash_after_calls = step});
    CloneRequest request{.parallel_copies = 1};
    const auto done = CloneTable(source, target, nullptr, request, Context());
    if (done.ok()) {
      EXPECT_EQ(FilesOf(inner).size(), 3);
      EXPECT_GT(step, 3);
      return;
    }
    const auto keys = KeysOf(*inner);
    if (done.error().code() == Code::kCommitUnknown) {
      EXPECT_EQ(keys.size(), keys.contains(kFirst) ? 5 : 4) << step;  // nobody knows, so nothing is taken away
      continue;
    }
    EXPECT_FALSE(keys.contains(kFirst)) << step;
    // What could not be deleted, for storage was gone, is named.
    for (const std::string& key : keys) EXPECT_TRUE(Has(ErrorOf(done), key)) << step << " " << ErrorOf(done);
  }
}

TEST_F(CloneTest, ConcurrentWritersAreNotReplacedUnseen) {
  const auto target = MakeMemoryStore("target");
  ASSERT_TRUE(Do(target, {}).ok());
  const auto replaced = Snapshot::Open(target).value();
  Intent intent;
  intent.base = replaced;
  intent.operation.name = "WRITE";
  intent.blind_append = true;
  intent.actions = {AddFile{.path = "other", .partition_values = {{"p", "a"}}, .size = 1}};
  ASSERT_TRUE(deltic::Commit(intent, Context().commit).ok());
  TestTable::Commit(2, {Add("new")});
  ASSERT_TRUE(memory_->Put("new", "bytes of new").ok());
  const auto done = CloneTable(Open().value(), target, replaced, {.mode = CloneMode::kReplace}, Context());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kConflict) << ErrorOf(done);
  EXPECT_FALSE(KeysOf(*target).contains("new"));
}

}  // namespace
}  // namespace deltic
