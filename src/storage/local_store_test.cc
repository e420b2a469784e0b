// Owns the tests of what only the local store has: files, folders, links, permissions and crash leftovers.
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "storage/local_file.h"
#include "storage/object_store.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

namespace fs = std::filesystem;

class LocalStore : public testing::Test {
 protected:
  LocalStore() : store_(MakeLocalStore(folder_.path())) {}

  void MakeFile(const std::string& name, const std::string& bytes) {
    fs::create_directories(fs::path(folder_.path() + "/" + name).parent_path());
    std::ofstream(folder_.path() + "/" + name, std::ios::binary) << bytes;
  }
  std::vector<std::string> ListKeys(std::string_view folder) {
    std::vector<std::string> keys;
    const Status status = store_->List(folder, "", [&](const ObjectMeta& meta) {
      keys.push_back(meta.key);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    return keys;
  }
  int FilesOnDisk() {
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) count += entry.is_regular_file();
    return count;
  }

  TempFolderForTest folder_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(LocalStore, LeftoversOfACrashAreNeitherListedNorInTheWay) {
  MakeFile("_delta_log/.deltic-0123.tmp", "half a com");
  MakeFile("_delta_log/00000000000000000000.json", "{}");
  EXPECT_EQ(ListKeys("_delta_log/"), std::vector<std::string>{"_delta_log/00000000000000000000.json"});
  EXPECT_TRUE(store_
                  ->ListRecursive("",
                                  [](const ObjectMeta& meta) {
                                    EXPECT_EQ(meta.key, "_delta_log/00000000000000000000.json");
                                    return true;
                                  })
                  .ok());
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/00000000000000000001.json", "{}"), PutOutcome::kWritten);
}

TEST_F(LocalStore, LeftoversAreListedToWhoeverAsksForThemAndCanBeDeleted) {
  MakeFile("_delta_log/.deltic-0123.tmp", "half");
  MakeFile("_delta_log/00000000000000000000.json", "{}");
  std::vector<std::string> leftovers;
  const auto gather = [&](const ObjectMeta& meta) {
    leftovers.push_back(meta.key);
    return true;
  };
  ASSERT_TRUE(store_->ListLeftovers("_delta_log/", gather).ok());
  EXPECT_EQ(leftovers, std::vector<std::string>{"_delta_log/.deltic-0123.tmp"});
  ASSERT_TRUE(store_->Delete(leftovers[0]).ok());
  leftovers.clear();
  ASSERT_TRUE(store_->ListLeftovers("_delta_log/", gather).ok());
  EXPECT_TRUE(leftovers.empty());
}

TEST_F(LocalStore, ManyFilesOfSeveralFoldersAreDeletedAndEachFailureIsItsOwn) {
  for (const char* name : {"a/1", "a/2", "b/c/1", "b/c/2", "3", "folder/x"}) MakeFile(name, "bytes");
  const std::vector<Status> outcomes =
      store_->DeleteMany({"a/1", "b/c/1", "a/2", "a/gone", "gone/1", "3/no-folder", "3", "folder", "../a", "b/c/2"});
  ASSERT_EQ(outcomes.size(), 10U);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (i != 7 && i != 8) {
      EXPECT_TRUE(outcomes[i].ok()) << i << ": " << outcomes[i].error().ToString();
    }
  }
  EXPECT_EQ(outcomes[7].error().code(), Code::kInvalidArgument);
  EXPECT_EQ(outcomes[8].error().code(), Code::kInvalidArgument);
  EXPECT_EQ(FilesOnDisk(), 1);
  EXPECT_EQ(ListKeys("folder/"), std::vector<std::string>{"folder/x"});
}

TEST_F(LocalStore, NothingIsLeftBehindByWinnersOrLosers) {
  ASSERT_EQ(*store_->PutIfAbsent("a", "1"), PutOutcome::kWritten);
  ASSERT_EQ(*store_->PutIfAbsent("a", "2"), PutOutcome::kExists);
  ASSERT_TRUE(store_->Put("a", "3").ok());
  EXPECT_EQ(FilesOnDisk(), 1);
}

TEST_F(LocalStore, ALoserThatGetsPastTheFirstLookStillLosesAndCleansUp) {
  const std::string path = folder_.path() + "/x";
  auto file = TempFile::Create(path, RealEnv());
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Write("late").ok());
  MakeFile("x", "early");
  EXPECT_EQ(*file->TakeIfFree(), PutOutcome::kExists);
  file->Remove();
  EXPECT_EQ(*store_->Get("x"), "early");
  EXPECT_EQ(FilesOnDisk(), 1);
}

TEST_F(LocalStore, ADanglingLinkAtTheKeyIsSomethingThatExists) {
  ASSERT_EQ(symlink("nowhere", (folder_.path() + "/x").c_str()), 0);
  EXPECT_EQ(*store_->PutIfAbsent("x", "1"), PutOutcome::kExists);
  EXPECT_TRUE(ListKeys("").empty());
  EXPECT_EQ(store_->Get("x").error().code(), Code::kNotFound);
}

TEST_F(LocalStore, FailedWritesLeaveNothingAndSayWhy) {
  // A limit on file size makes write(2) fail midway, as a full disk does.
  struct rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit low = before;
  low.rlim_cur = 4'096;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &low), 0);
  const std::string bytes(10'000, 'x');
  const Status put = store_->Put("a", bytes);
  auto put_if_absent = store_->PutIfAbsent("b", bytes);
  {
    auto multipart = store_->StartMultipart("c");
    EXPECT_TRUE(multipart.ok());
    EXPECT_EQ((*multipart)->Write(bytes).error().code(), Code::kUnavailable);
    EXPECT_FALSE((*multipart)->Complete().ok());
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().code(), Code::kUnavailable);
  EXPECT_NE(put.error().message().find(folder_.path() + "/a"), std::string::npos) << put.error().message();
  EXPECT_FALSE(put_if_absent.ok());
  EXPECT_EQ(FilesOnDisk(), 0);
}

TEST_F(LocalStore, LinksToFilesAreFollowedAndOtherThingsAreNoObjects) {
  MakeFile("real/data", "12345");
  ASSERT_EQ(symlink("real/data", (folder_.path() + "/link").c_str()), 0);
  ASSERT_EQ(symlink("real", (folder_.path() + "/folder_link").c_str()), 0);
  ASSERT_EQ(mkfifo((folder_.path() + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(ListKeys(""), std::vector<std::string>{"link"});
  EXPECT_EQ(*store_->Get("link"), "12345");
  EXPECT_EQ(store_->Head("link")->size_bytes, 5);
  EXPECT_EQ(*store_->Get("folder_link/data"), "12345");
  EXPECT_EQ(store_->Get("pipe").error().code(), Code::kNotFound);  // and does not wait for a writer
  std::vector<std::string> keys;
  EXPECT_TRUE(store_
                  ->ListRecursive("",
                                  [&](const ObjectMeta& meta) {
                                    keys.push_back(meta.key);
                                    return true;
                                  })
                  .ok());
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{"link", "real/data"}));
}

TEST_F(LocalStore, EntriesShowFilesInTheMakingAndNoLinksToFolders) {
  MakeFile("real/data", "12345");
  MakeFile(".deltic-0123.tmp", "half");
  ASSERT_EQ(symlink("real/data", (folder_.path() + "/link").c_str()), 0);
  ASSERT_EQ(symlink("real", (folder_.path() + "/folder_link").c_str()), 0);
  ASSERT_EQ(symlink("nowhere", (folder_.path() + "/dangling").c_str()), 0);
  ASSERT_EQ(mkfifo((folder_.path() + "/pipe").c_str(), 0600), 0);
  std::vector<std::string> keys;
  ASSERT_TRUE(store_
                  ->ListEntries("",
                                [&](const FolderEntry& entry) {
                                  keys.push_back(entry.key);
                                  return true;
                                })
                  .ok());
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{".deltic-0123.tmp", "link", "real/"}));
}

TEST_F(LocalStore, EmptyFoldersAreDeletedAndTheRootIsNot) {
  fs::create_directories(folder_.path() + "/a/b");
  EXPECT_FALSE(*store_->DeleteEmptyFolder("a/"));
  EXPECT_TRUE(*store_->DeleteEmptyFolder("a/b/"));
  EXPECT_TRUE(*store_->DeleteEmptyFolder("a/"));
  EXPECT_EQ(store_->DeleteEmptyFolder("").error().code(), Code::kInvalidArgument);
  MakeFile("file", "x");
  EXPECT_FALSE(*store_->DeleteEmptyFolder("file/"));
  EXPECT_EQ(*store_->Get("file"), "x");
}

TEST_F(LocalStore, ErrorsOfTheFileSystemBecomeCodesThatNameThePath) {
  MakeFile("file", "x");
  EXPECT_EQ(store_->Put("file/below", "x").error().code(), Code::kNotFound);
  EXPECT_EQ(store_->List("file/", "", [](const ObjectMeta&) { return true; }).error().code(), Code::kInvalidArgument);
  fs::create_directory(folder_.path() + "/sub");
  EXPECT_EQ(store_->Put("sub", "x").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(store_->Delete("sub").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(store_->Get(std::string(5'000, 'n')).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(store_->Put(".deltic-mine", "x").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(FilesOnDisk(), 1);
  if (geteuid() == 0) GTEST_SKIP() << "root may do everything: permissions are not tested";
  fs::permissions(folder_.path() + "/sub", fs::perms::none);
  auto bytes = store_->Get("sub/x");
  EXPECT_EQ(bytes.error().code(), Code::kPermissionDenied);
  EXPECT_NE(bytes.error().message().find("sub/x"), std::string::npos);
  EXPECT_EQ(store_->Put("sub/x", "x").error().code(), Code::kPermissionDenied);
  fs::permissions(folder_.path() + "/sub", fs::perms::owner_all);
}

TEST_F(LocalStore, ErrnoValuesMapToWhatACallerCanDo) {
  EXPECT_EQ(FileError(ENOENT, "reading", "x").code(), Code::kNotFound);
  EXPECT_EQ(FileError(EACCES, "reading", "x").code(), Code::kPermissionDenied);
  EXPECT_EQ(FileError(EROFS, "reading", "x").code(), Code::kPermissionDenied);
  EXPECT_EQ(FileError(ENOSPC, "reading", "x").code(), Code::kUnavailable);
  EXPECT_EQ(FileError(EIO, "reading", "x").code(), Code::kUnavailable);
  EXPECT_EQ(FileError(EMFILE, "reading", "x").code(), Code::kUnavailable);
  EXPECT_EQ(FileError(EIO, "reading", "/t/x").message(), "reading /t/x: Input/output error");
}

TEST_F(LocalStore, FilesThatTellNoSizeAreReadToTheirEnd) {
  auto store = MakeLocalStore("/proc/self");
  auto status = store->Get("status");
  ASSERT_TRUE(status.ok());
  EXPECT_GT(status->size(), 100u);
}

TEST_F(LocalStore, NewFilesHaveTheModeThatTheUmaskLeaves) {
  ASSERT_TRUE(store_->Put("x", "1").ok());
  struct stat state = {};
  ASSERT_EQ(stat((folder_.path() + "/x").c_str(), &state), 0);
  const mode_t mask = umask(0);
  umask(mask);
  EXPECT_EQ(state.st_mode & 0777, 0666 & ~mask);
}

TEST_F(LocalStore, AThousandSmallFilesAreListedAndReadQuickly) {
  for (int i = 0; i < 1'000; ++i) MakeFile("log/" + std::to_string(10'000 + i) + ".json", std::string(1'000, 'x'));
  size_t bytes = 0;
  for (const std::string& key : ListKeys("log/")) bytes += store_->Get(key)->size();
  EXPECT_EQ(bytes, 1'000'000u);
}

TEST(OpenStore, PathsAndFileUrlsLeadToTheSamePlace) {
  for (std::string_view location : {"/data/a b/t", "/data/a b/t/", "//data/./a b//t", "file:/data/a%20b/t",
                                    "file:///data/a%20b/t/", "file://localhost/data/a%20b/t", "FILE:///data/a%20b/t"}) {
    auto store = OpenLocalStore(location);
    ASSERT_TRUE(store.ok()) << location << ": " << store.error().ToString();
    EXPECT_EQ((*store)->uri(), "file:///data/a%20b/t/") << location;
    EXPECT_EQ((*store)->LocalPath("x"), "/data/a b/t/x");
  }
  // A path is taken as it is: '%' in it is only a character.
  EXPECT_EQ(*(*OpenLocalStore("/data/a%20b"))->LocalPath("x"), "/data/a%20b/x");
}

TEST(OpenStore, RelativePathsBeginAtTheWorkingFolder) {
  const std::string here = fs::current_path().string();
  EXPECT_EQ(*(*OpenLocalStore("t"))->LocalPath("x"), here + "/t/x");
  EXPECT_EQ(*(*OpenLocalStore("./t"))->LocalPath("x"), here + "/t/x");
  EXPECT_EQ(*(*OpenLocalStore("."))->LocalPath("x"), here + "/x");
  EXPECT_EQ(*(*OpenLocalStore("../t"))->LocalPath("x"), here + "/../t/x");
  EXPECT_EQ(*(*OpenLocalStore("/"))->LocalPath("x"), "/x");
}

TEST(OpenStore, OtherLocationsAreRefusedWithoutRepeatingTheirSecrets) {
  auto s3 = OpenLocalStore("s3://key:secret@bucket/t");
  ASSERT_FALSE(s3.ok());
  EXPECT_EQ(s3.error().code(), Code::kUnsupported);
  EXPECT_NE(s3.error().message().find("'s3'"), std::string::npos);
  EXPECT_EQ(s3.error().message().find("secret"), std::string::npos);
  for (std::string_view location : {"", "file:", "file:t", "file://", "file://host/t", "file:///a%2"}) {
    auto store = OpenLocalStore(location);
    ASSERT_FALSE(store.ok()) << location;
    EXPECT_EQ(store.error().code(), Code::kInvalidArgument) << location;
  }
}

}  // namespace
}  // namespace deltic
