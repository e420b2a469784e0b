// Tests snapshots over the tables of other writers in ../shared/corpus, where that folder is present: the count of live
// files, and the refusals. Skips, saying so, where the corpus is not. DELTIC_CORPUS names another place for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> Corpus() {
  if (const char* named = std::getenv("DELTIC_CORPUS")) return fs::path(named);
  for (fs::path folder = fs::current_path(); folder != folder.root_path(); folder = folder.parent_path()) {
    if (fs::is_directory(folder / "shared" / "corpus" / "golden")) return folder / "shared" / "corpus";
  }
  return std::nullopt;
}

bool HasParquetInLog(const fs::path& table) {
  for (const auto& entry : fs::recursive_directory_iterator(table / "_delta_log")) {
    if (entry.path().extension() == ".parquet") return true;
  }
  return false;
}

// Counts by streaming, and checks that the totals agree.
Result<int64_t> CountFiles(const std::string& table) {
  DELTIC_TRY(auto store, OpenLocalStore(table));
  DELTIC_TRY(auto snapshot, Snapshot::Open(store));
  DELTIC_TRY(auto cursor, snapshot->LiveFiles({.all_fields = true}));
  int64_t count = 0;
  while (true) {
    DELTIC_TRY(const auto file, cursor->Next());
    if (!file) break;
    ++count;
  }
  DELTIC_TRY(const SnapshotTotals totals, snapshot->Totals());
  EXPECT_EQ(totals.num_files, count) << table;
  DELTIC_TRY(const auto history, snapshot->History({}));
  DELTIC_TRY(const int64_t timestamp, snapshot->TimestampMs());
  if (!history.empty() && history[0].version == snapshot->version()) {
    EXPECT_EQ(history[0].timestamp_ms, timestamp) << table;
  }
  DELTIC_CHECK(snapshot->Domains());
  DELTIC_TRY(const auto same, snapshot->Advance());
  EXPECT_EQ(same, snapshot) << table;
  return count;
}

// A deletion vector that is absent, or a template path in it, is found when rows are read, not here.
bool ErrorIsInTheData(const nlohmann::json& meta) {
  return meta["outcome_note"].get<std::string>().find("DV") != std::string::npos;
}

TEST(Corpus, EveryTableHasTheExpectedFilesOrIsRefused) {
  const std::optional<fs::path> corpus = Corpus();
  if (!corpus) GTEST_SKIP() << "the corpus of other writers' tables is not here (../shared/corpus)";
  const bool engine = GetEngine().ok();
  int tried = 0, skipped = 0;
  std::vector<fs::path> metas;
  for (const auto& entry : fs::recursive_directory_iterator(*corpus)) {
    if (entry.path().filename() == "meta.json") metas.push_back(entry.path());
  }
  std::sort(metas.begin(), metas.end());
  for (const fs::path& path : metas) {
    const nlohmann::json meta = nlohmann::json::parse(std::ifstream(path));
    const fs::path table = path.parent_path() / "delta";
    const std::string name = fs::relative(path.parent_path(), *corpus).string();
    if (!engine && HasParquetInLog(table)) {
      ++skipped;
      continue;
    }
    ++tried;
    const Result<int64_t> count = CountFiles(table.string());
    const std::string outcome = meta["expected_outcome"];
    if (outcome == "reads") {
      // The two soft tables were made to show that one file may be written /x, file:/x and file:///x: none is left.
      const int64_t expected = meta.value("soft", false) ? 0 : meta["active_files"].get<int64_t>();
      ASSERT_TRUE(count.ok()) << name << ": " << count.error().ToString();
      EXPECT_EQ(*count, expected) << name;
    } else if (!ErrorIsInTheData(meta)) {
      EXPECT_FALSE(count.ok()) << name << " must be " << outcome << ": " << meta["outcome_note"];
      if (!count.ok() && outcome == "refused") {
        EXPECT_EQ(count.error().code(), Code::kUnsupported) << name << ": " << count.error().ToString();
      }
    }
  }
  std::cout << tried << " tables opened, " << skipped << " left out because the engine is not built\n";
}

}  // namespace
}  // namespace deltic
