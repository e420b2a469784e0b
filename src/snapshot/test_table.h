// Owns a small Delta log in memory for this folder's tests, written commit by commit. Not part of the library.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/env.h"
#include "log/segment.h"
#include "snapshot/snapshot.h"
#include "storage/fault_store.h"
#include "storage/memory_store.h"

namespace deltic {

inline constexpr const char* kProtocol = R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})";

inline std::string MetadataLine(const std::string& configuration = "", const std::string& id = "t") {
  return R"({"metaData":{"id":")" + id +
         R"(","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[)"
         R"({\"name\":\"x\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},)"
         R"({\"name\":\"p\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":["p"],)"
         R"("configuration":{)" +
         configuration + R"(},"createdTime":1}})";
}

struct TestFile {
  std::string path;
  std::string dv;  // an inline deletion vector's text; "" for none
  int64_t dv_rows = 1;
  std::string p = "a";  // partition value
  int64_t size = 10;
  int64_t rows = 5;  // < 0: no statistics
};

inline std::string DvJson(const TestFile& file) {
  if (file.dv.empty()) return "";
  return fmt::format(
      R"(,"deletionVector":{{"storageType":"i","pathOrInlineDv":"{}","sizeInBytes":4,"cardinality":{}}})", file.dv,
      file.dv_rows);
}

inline std::string Add(const TestFile& file) {
  const std::string stats = file.rows < 0 ? ""
                                          : fmt::format(R"(,"stats":"{{\"numRecords\":{0},\"minValues\":{{\"x\":0}},)"
                                                        R"(\"maxValues\":{{\"x\":{0}}},\"nullCount\":{{\"x\":0}}}}")",
                                                        file.rows);
  return fmt::format(
      R"({{"add":{{"path":"{}","partitionValues":{{"p":"{}"}},"size":{},"modificationTime":1,"dataChange":true{}{}}}}})",
      file.path, file.p, file.size, stats, DvJson(file));
}

inline std::string Remove(const TestFile& file) {
  return fmt::format(R"({{"remove":{{"path":"{}","deletionTimestamp":1,"dataChange":true{}}}}})", file.path,
                     DvJson(file));
}

inline std::string Add(const std::string& path) { return Add(TestFile{.path = path}); }
inline std::string Remove(const std::string& path) { return Remove(TestFile{.path = path}); }

class TestTable : public ::testing::Test {
 protected:
  TestTable() {
    Env env = RealEnv();
    env.now_ms = [this] { return now_ms_; };
    memory_ = MakeMemoryStore("t", env);
    store_ = MakeFaultStore(memory_);
  }

  void Put(const std::string& name, const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    ASSERT_TRUE(memory_->Put("_delta_log/" + name, text).ok());
  }
  void Commit(int64_t version, const std::vector<std::string>& lines) { Put(VersionName(version) + ".json", lines); }
  // Version 0 with protocol and metadata and the given lines.
  void Create(std::vector<std::string> lines = {}) {
    lines.insert(lines.begin(), {kProtocol, MetadataLine()});
    Commit(0, lines);
  }
  void JsonCheckpoint(int64_t version, const std::vector<std::string>& lines) {
    Put(VersionName(version) + ".checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json", lines);
  }

  Result<std::shared_ptr<const Snapshot>> Open(const SnapshotRequest& request = {}) {
    return Snapshot::Open(store_, request);
  }

  // Paths (with '!' and the deletion vector) of the live files, sorted; or the error.
  static std::string Files(const Snapshot& snapshot, const LiveFilesRequest& request = {}) {
    auto cursor = snapshot.LiveFiles(request);
    if (!cursor.ok()) return cursor.error().ToString();
    std::vector<std::string> names;
    while (true) {
      auto file = (*cursor)->Next();
      if (!file.ok()) return file.error().ToString();
      if (!file->has_value()) break;
      names.push_back((*file)->path +
                      ((*file)->deletion_vector ? "!" + (*file)->deletion_vector->path_or_inline_dv : ""));
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }
  std::string Files(std::optional<int64_t> version = {}) {
    auto snapshot = Open({.version = version});
    return snapshot.ok() ? Files(**snapshot) : snapshot.error().ToString();
  }
  std::string OpenError(const SnapshotRequest& request = {}) {
    auto snapshot = Open(request);
    return snapshot.ok() ? "opened" : snapshot.error().ToString();
  }

  int64_t now_ms_ = 1000;
  std::shared_ptr<ObjectStore> memory_;
  std::shared_ptr<FaultStore> store_;
};

inline bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace deltic
