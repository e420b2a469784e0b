// Owns the reading of every deletion vector of the shared corpus: files and descriptors that other writers made. Skips,
// and says so, where the corpus is not there. Whether whole tables read right is tests/conformance's to prove.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "dv/byte_reader.h"
#include "dv/deletion_vector.h"

namespace deltic {
namespace {

namespace fs = std::filesystem;

// ../shared/corpus as seen from the project, looked for from this file and from the working folder upwards.
std::optional<fs::path> FindCorpus() {
  for (fs::path from : {fs::absolute(__FILE__).parent_path(), fs::current_path()}) {
    for (; from.has_relative_path(); from = from.parent_path()) {
      if (fs::is_directory(from / "shared" / "corpus")) return from / "shared" / "corpus";
    }
  }
  return std::nullopt;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Corpus, EveryEntryOfEveryDeletionVectorFileParses) {
  const auto corpus = FindCorpus();
  if (!corpus) GTEST_SKIP() << "no ../shared/corpus beside this project: nothing to read";
  int entries = 0;
  for (const auto& file : fs::recursive_directory_iterator(*corpus)) {
    const std::string name = file.path().filename().string();
    if (!file.is_regular_file() || name.find("deletion_vector_") == std::string::npos || !name.ends_with(".bin"))
      continue;
    const std::string bytes = ReadFile(file.path());
    ByteReader reader(bytes);
    ASSERT_EQ(reader.TakeLittle<uint8_t>(), 1) << file.path();
    while (reader.left() > 0) {
      const auto size = reader.TakeBig<uint32_t>();
      ASSERT_TRUE(size) << file.path();
      const auto entry = reader.TakeBytes(*size);
      ASSERT_TRUE(entry) << file.path();
      ASSERT_TRUE(reader.TakeBytes(4)) << file.path();
      auto vector = ParseDeletionVector(*entry);
      ASSERT_TRUE(vector.ok()) << file.path() << ": " << vector.error().ToString();
      EXPECT_GT((*vector)->cardinality(), 0);
      EXPECT_EQ((*vector)->ToRows().size(), static_cast<size_t>((*vector)->cardinality()));
      ++entries;
    }
  }
  EXPECT_GT(entries, 0);
}

TEST(Corpus, EveryDescriptorInACommitIsReadOrFailsLoudly) {
  const auto corpus = FindCorpus();
  if (!corpus) GTEST_SKIP() << "no ../shared/corpus beside this project: nothing to read";
  int read = 0, refused = 0;
  for (const auto& file : fs::recursive_directory_iterator(*corpus)) {
    const fs::path folder = file.path().parent_path();
    if (!file.is_regular_file() || folder.filename() != "_delta_log" || file.path().extension() != ".json") continue;
    auto store = MakeLocalStore(fs::canonical(folder.parent_path()).string());
    std::istringstream lines(ReadFile(file.path()));
    for (std::string line; std::getline(lines, line);) {
      if (line.find("deletionVector") == std::string::npos) continue;
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_object() || !json.contains("add") || !json["add"].is_object()) continue;
      const auto& add = json["add"];
      if (!add.contains("deletionVector") || !add["deletionVector"].is_object()) continue;
      const auto& dv = add["deletionVector"];
      DeletionVectorDescriptor descriptor;
      descriptor.storage_type = dv.at("storageType").get<std::string>().at(0);
      descriptor.path_or_inline_dv = dv.at("pathOrInlineDv");
      if (dv.contains("offset") && !dv["offset"].is_null()) descriptor.offset = dv["offset"].get<int32_t>();
      descriptor.size_in_bytes = dv.at("sizeInBytes");
      descriptor.cardinality = dv.at("cardinality");
      auto vector = ReadDeletionVector(*store, descriptor);
      if (vector.ok()) {
        ++read;
        continue;
      }
      // Three tables of Spark's own tests name their files in a way that only those tests know.
      const std::string table = folder.parent_path().parent_path().filename().string();
      EXPECT_TRUE(table.starts_with("table-with-dv-")) << file.path() << ": " << vector.error().ToString();
      ++refused;
    }
  }
  std::printf("[          ] %d deletion vectors read, %d refused\n", read, refused);
  EXPECT_GT(read, 50);
}

}  // namespace
}  // namespace deltic
