// Owns `deltic files`: the live data files of a table, streamed.
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <limits>

#include "arguments.h"
#include "commands.h"
#include "json_list.h"
#include "text_table.h"

namespace deltic::cli {

namespace {

// numRecords of the statistics; nullopt when there are none or they are not what the protocol says: they are a hint.
class RowCounts {
 public:
  std::optional<int64_t> Of(const FileInfo& file) {
    if (!file.stats_json.has_value()) return {};
    padded_.assign(*file.stats_json);
    padded_.reserve(padded_.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document;
    int64_t rows = 0;
    if (parser_.iterate(simdjson::padded_string_view(padded_.data(), padded_.size(), padded_.capacity()))
            .get(document)) {
      return {};
    }
    if (document["numRecords"].get(rows)) return {};
    return rows;
  }

 private:
  simdjson::ondemand::parser parser_;
  std::string padded_;
};

Json MakeJson(const FileInfo& file, std::optional<int64_t> rows) {
  Json json;
  json["path"] = file.path;
  json["full_path"] = file.full_path;
  json["size_bytes"] = file.size_bytes;
  json["modification_time_ms"] = file.modification_time_ms;
  json["num_records"] = JsonOrNull(rows);
  json["partition_values"] = Json::object();
  for (const auto& [name, value] : file.partition_values) json["partition_values"][name] = JsonOrNull(value);
  json["deletion_vector"] = nullptr;
  if (file.deletion_vector.has_value()) {
    const DeletionVectorInfo& dv = *file.deletion_vector;
    json["deletion_vector"] = {{"storage_type", dv.storage_type},
                               {"path_or_inline_dv", dv.path_or_inline_dv},
                               {"offset", JsonOrNull(dv.offset)},
                               {"size_in_bytes", dv.size_in_bytes},
                               {"cardinality", dv.cardinality}};
  }
  json["base_row_id"] = JsonOrNull(file.base_row_id);
  json["default_row_commit_version"] = JsonOrNull(file.default_row_commit_version);
  json["tags"] = Json::object();
  for (const auto& [key, value] : file.tags) json["tags"][key] = value;
  json["stats"] = JsonOrNull(file.stats_json);
  return json;
}

std::string PartitionText(const FileInfo& file) {
  std::string text;
  for (const auto& [name, value] : file.partition_values) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value.value_or("NULL"));
  }
  return text;
}

std::string DeletionVectorText(const FileInfo& file) {
  if (!file.deletion_vector.has_value()) return "";
  const DeletionVectorInfo& dv = *file.deletion_vector;
  return fmt::format("{} rows, {}", dv.cardinality, dv.storage_type == "i" ? "inline" : "in a file");
}

Status PrintJson(const Table& table, const RowArguments& rows, Output* out) {
  JsonList list(out);
  RowCounts counts;
  int64_t left = rows.limit.value_or(std::numeric_limits<int64_t>::max());
  DELTIC_CHECK(table.VisitFiles(rows.where, [&](const FileInfo& file) {
    if (left-- <= 0) return false;
    list.Add(MakeJson(file, counts.Of(file)));
    return !out->failed();
  }));
  list.Finish();
  return out->Flush();
}

Status PrintTable(const Table& table, const RowArguments& rows, Output* out) {
  const bool partitioned = !table.Info().partition_columns.empty();
  std::vector<TextTable::Column> columns = {{"path", false}, {"size", true}, {"rows", true}};
  if (partitioned) columns.push_back({"partition", false});
  columns.push_back({"deletion vector", false});
  TextTable text(columns, Terminal::Of(STDOUT_FILENO), out);
  RowCounts counts;
  int64_t left = rows.limit.value_or(std::numeric_limits<int64_t>::max());
  DELTIC_CHECK(table.VisitFiles(rows.where, [&](const FileInfo& file) {
    if (left-- <= 0) return false;
    const auto count = counts.Of(file);
    std::vector<Cell> cells = {file.path, HumanBytes(file.size_bytes), count ? GroupedNumber(*count) : "?"};
    if (partitioned) cells.push_back(PartitionText(file));
    cells.push_back(DeletionVectorText(file));
    text.Add(std::move(cells));
    return !out->failed();
  }));
  text.Finish();
  out->Write(fmt::format("({} {})\n", text.rows(), text.rows() == 1 ? "file" : "files"));
  return out->Flush();
}

}  // namespace

void AddFiles(Commands* commands) {
  CLI::App* command = commands->Add("files", "The live data files of a table");
  auto table_arguments = TableArguments::AddTo(command, "list");
  auto rows = std::make_shared<RowArguments>();
  command->add_option("--where", rows->where, "Only files that may hold a row for which this SQL expression is true")
      ->type_name("SQL");
  rows->AddLimit(command, "At most N files");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON array, one file a line; rows before deletions");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(Table table, table_arguments->Open());
    Output out(STDOUT_FILENO, "standard output");
    return *as_json ? PrintJson(table, *rows, &out) : PrintTable(table, *rows, &out);
  });
}

}  // namespace deltic::cli
