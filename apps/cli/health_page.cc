// Owns the layout of the health page.
#include "health_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "bars.h"

namespace deltic::cli {

namespace {

constexpr int kLabelWidth = 15;
constexpr int kNarrow = 56;  // below it the bytes of a bin leave their place to the bars
constexpr int kWidestBar = 40;

int WidthOf(const Terminal& terminal) { return terminal.columns > 0 ? terminal.columns : 80; }

std::string RoundBytes(int64_t bytes) {
  std::string text = HumanBytes(bytes);
  const size_t zero = text.find(".0 ");
  return zero == std::string::npos ? text : text.erase(zero, 2);
}

void PrintLine(std::string_view what, const std::string& value, const Terminal& terminal, Output* out) {
  const std::string padding(what.size() < kLabelWidth ? kLabelWidth - what.size() : 1, ' ');
  out->Write(terminal.Bold(what) + padding + value + "\n");
}

// Words, each line beginning with so many spaces.
void PrintWrapped(std::string_view text, size_t indent, const Terminal& terminal, Output* out) {
  const int room = std::max(WidthOf(terminal) - static_cast<int>(indent), 20);
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out->Write(std::string(indent, ' ') + line + "\n");
    line.clear();
  };
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    begin = end + 1;
    if (!line.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > room) flush();
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  flush();
}

std::string Range(const std::vector<FileSizeBin>& bins, size_t i) {
  if (i + 1 == bins.size()) return RoundBytes(bins[i].from_bytes) + " or more";
  return fmt::format("under {}", RoundBytes(bins[i + 1].from_bytes));
}

void PrintSizes(const TableHealth& health, const Terminal& terminal, Output* out) {
  const auto& bins = health.file_sizes;
  const auto has_files = [](const FileSizeBin& bin) { return bin.num_files > 0; };
  const auto first = std::find_if(bins.begin(), bins.end(), has_files);
  if (first == bins.end()) return;
  const auto last = std::find_if(bins.rbegin(), bins.rend(), has_files).base();
  int64_t most = 0;
  size_t range_width = 0, files_width = 5, bytes_width = 5;
  for (auto bin = first; bin != last; ++bin) {
    most = std::max(most, bin->num_files);
    range_width = std::max(range_width, Range(bins, static_cast<size_t>(bin - bins.begin())).size());
    files_width = std::max(files_width, GroupedNumber(bin->num_files).size());
    bytes_width = std::max(bytes_width, HumanBytes(bin->size_bytes).size());
  }
  const bool narrow = WidthOf(terminal) < kNarrow;
  out->Write("\n" + terminal.Bold("File sizes") + "\n");
  const int taken = static_cast<int>(2 + range_width + 2 + files_width + 2 + (narrow ? 0 : bytes_width + 2));
  const int room = std::clamp(WidthOf(terminal) - taken - 1, 0, kWidestBar);
  out->Write(terminal.Dim(fmt::format("  {:<{}}  {:>{}}", "", range_width, "files", files_width) +
                          (narrow ? "" : fmt::format("  {:>{}}", "bytes", bytes_width))) +
             "\n");
  for (auto bin = first; bin != last; ++bin) {
    std::string line = fmt::format("  {:<{}}  {:>{}}", Range(bins, static_cast<size_t>(bin - bins.begin())),
                                   range_width, GroupedNumber(bin->num_files), files_width);
    if (!narrow) line += fmt::format("  {:>{}}", HumanBytes(bin->size_bytes), bytes_width);
    const std::string bar = Bar(bin->num_files, most, room, terminal.utf8);
    out->Write(line + (bar.empty() ? "" : "  " + bar) + "\n");
  }
}

std::string PartitionText(const PartitionSummary& partition) {
  std::string text;
  for (const auto& [name, value] : partition.values) {
    text += (text.empty() ? "" : ", ") + Printable(name) + "=" + (value ? Printable(*value) : "NULL");
  }
  return text;
}

std::string LogText(const TableHealth& health) {
  const std::string checkpoint = health.checkpoint_version
                                     ? fmt::format("checkpoint of version {} ({})", *health.checkpoint_version,
                                                   HumanBytes(health.checkpoint_bytes))
                                     : "no checkpoint";
  return fmt::format("{}, {} commits after it ({})", checkpoint, GroupedNumber(health.num_commits_since_checkpoint),
                     HumanBytes(health.commit_bytes_since_checkpoint));
}

}  // namespace

Json HealthJson(const TableHealth& health) {
  Json json;
  json["smallest_file_bytes"] = health.smallest_file_bytes;
  json["largest_file_bytes"] = health.largest_file_bytes;
  json["file_sizes"] = Json::array();
  for (const auto& bin : health.file_sizes) {
    json["file_sizes"].push_back(
        {{"from_bytes", bin.from_bytes}, {"num_files", bin.num_files}, {"size_bytes", bin.size_bytes}});
  }
  json["target_file_bytes"] = health.target_file_bytes;
  json["small_file_limit_bytes"] = health.small_file_limit_bytes;
  json["num_small_files"] = health.num_small_files;
  json["small_files_bytes"] = health.small_files_bytes;
  json["num_files_after_compaction"] = health.num_files_after_compaction;
  json["num_files_half_deleted"] = health.num_files_half_deleted;
  json["num_files_without_row_count"] = health.num_files_without_row_count;
  json["num_files_without_bounds"] = health.num_files_without_bounds;
  json["num_partitions"] = JsonOrNull(health.num_partitions);
  json["largest_partition"] = nullptr;
  if (health.largest_partition) {
    Json values = Json::object();
    for (const auto& [name, value] : health.largest_partition->values) values[name] = JsonOrNull(value);
    json["largest_partition"] = {{"values", values},
                                 {"num_files", health.largest_partition->num_files},
                                 {"size_bytes", health.largest_partition->size_bytes}};
  }
  json["checkpoint_version"] = JsonOrNull(health.checkpoint_version);
  json["checkpoint_bytes"] = health.checkpoint_bytes;
  json["num_commits_since_checkpoint"] = health.num_commits_since_checkpoint;
  json["commit_bytes_since_checkpoint"] = health.commit_bytes_since_checkpoint;
  json["has_checksum"] = health.has_checksum;
  const bool known = health.num_removed_files.has_value();
  json["num_removed_files"] = JsonOrNull(health.num_removed_files);
  json["removed_files_bytes"] = known ? Json(health.removed_files_bytes) : Json(nullptr);
  json["num_removed_files_expired"] = known ? Json(health.num_removed_files_expired) : Json(nullptr);
  json["removed_files_expired_bytes"] = known ? Json(health.removed_files_expired_bytes) : Json(nullptr);
  json["findings"] = Json::array();
  for (const auto& finding : health.findings) {
    json["findings"].push_back({{"code", finding.code}, {"problem", finding.problem}, {"help", finding.help}});
  }
  return json;
}

void PrintHealth(const TableHealth& health, const Terminal& terminal, Output* out) {
  PrintSizes(health, terminal, out);
  out->Write("\n");
  if (health.largest_partition) {
    PrintLine("Partitions",
              fmt::format("{}; the largest: {}, {} in {} files", GroupedNumber(health.num_partitions.value_or(0)),
                          PartitionText(*health.largest_partition), HumanBytes(health.largest_partition->size_bytes),
                          GroupedNumber(health.largest_partition->num_files)),
              terminal, out);
  }
  PrintLine("Log", LogText(health), terminal, out);
  if (health.num_removed_files.value_or(0) > 0) {
    PrintLine("Removed files",
              fmt::format("{} that the log remembers ({}), {} of them past their retention",
                          GroupedNumber(*health.num_removed_files), HumanBytes(health.removed_files_bytes),
                          GroupedNumber(health.num_removed_files_expired)),
              terminal, out);
  }
  if (health.findings.empty()) {
    PrintLine("Health", "nothing that maintenance would better", terminal, out);
    return;
  }
  out->Write("\n" + terminal.Bold("What maintenance would better") + "\n");
  for (const auto& finding : health.findings) {
    out->Write("  " + terminal.Bold(finding.code) + "\n");
    PrintWrapped(finding.problem, 4, terminal, out);
    PrintWrapped("-> " + finding.help, 4, terminal, out);
  }
}

}  // namespace deltic::cli
