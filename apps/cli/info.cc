// Owns `deltic info`: what a table is, at one version, on one page.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "arguments.h"
#include "base/time.h"
#include "commands.h"
#include "health_page.h"
#include "json_out.h"
#include "output.h"
#include "progress.h"
#include "terminal.h"

namespace deltic::cli {

namespace {

Json MakeJson(const TableInfo& info, const TableTotals& totals) {
  Json json;
  json["uri"] = info.uri;
  json["version"] = info.version;
  json["timestamp"] = FormatTimestampMs(info.timestamp_ms);
  json["timestamp_ms"] = info.timestamp_ms;
  json["id"] = info.id;
  json["name"] = JsonOrNull(info.name);
  json["description"] = JsonOrNull(info.description);
  json["created_time_ms"] = JsonOrNull(info.created_time_ms);
  json["partition_columns"] = info.partition_columns;
  json["num_files"] = totals.num_files;
  json["size_bytes"] = totals.size_bytes;
  json["num_rows"] = JsonOrNull(totals.num_rows);
  json["num_deletion_vectors"] = totals.num_deletion_vectors;
  json["num_deleted_rows"] = totals.num_deleted_rows;
  json["configuration"] = Json::object();
  for (const auto& [key, value] : info.configuration) json["configuration"][key] = value;
  json["protocol"] = {{"min_reader_version", info.protocol.min_reader_version},
                      {"min_writer_version", info.protocol.min_writer_version},
                      {"reader_features", info.protocol.reader_features},
                      {"writer_features", info.protocol.writer_features}};
  Json schema = Json::parse(info.schema_json, nullptr, false);
  json["schema"] = schema.is_discarded() ? Json(info.schema_json) : std::move(schema);
  return json;
}

// Both are sums of the same pass over the log.
TableTotals TotalsOf(const TableHealth& health) {
  return {.num_files = health.num_files,
          .size_bytes = health.size_bytes,
          .num_rows = health.num_rows,
          .num_deletion_vectors = health.num_deletion_vectors,
          .num_deleted_rows = health.num_deleted_rows};
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + Printable(part);
  return text.empty() ? "none" : text;
}

// Features named by both lists need a reader and a writer that know them.
std::string Features(const ProtocolInfo& protocol) {
  std::vector<std::string> names = protocol.reader_features;
  for (const std::string& name : protocol.writer_features) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name + " (writers)");
  }
  return Joined(names);
}

void PrintText(const TableInfo& info, const TableTotals& totals, Output* out) {
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  auto line = [&](std::string_view what, std::string_view value) {
    out->Write(fmt::format("{}{} {}\n", terminal.Bold(what), std::string(14 - what.size(), ' '), value));
  };
  line("Table", Printable(info.uri));
  if (info.name.has_value()) line("Name", Printable(*info.name));
  if (info.description.has_value()) line("Description", Printable(*info.description));
  line("Id", Printable(info.id));
  line("Version", fmt::format("{}, {}", info.version, FormatTimestampMs(info.timestamp_ms)));
  if (info.created_time_ms.has_value()) line("Created", FormatTimestampMs(*info.created_time_ms));
  line("Files", fmt::format("{}, {} ({} bytes)", GroupedNumber(totals.num_files), HumanBytes(totals.size_bytes),
                            GroupedNumber(totals.size_bytes)));
  line("Rows", totals.num_rows.has_value() ? GroupedNumber(*totals.num_rows)
                                           : "unknown: some file has no row count (deltic count reads them)");
  if (totals.num_deletion_vectors > 0) {
    line("Deleted rows", fmt::format("{}, in {} deletion vectors", GroupedNumber(totals.num_deleted_rows),
                                     GroupedNumber(totals.num_deletion_vectors)));
  }
  line("Partitioned by", Joined(info.partition_columns));
  line("Protocol",
       fmt::format("reader {}, writer {}", info.protocol.min_reader_version, info.protocol.min_writer_version));
  line("Features", Features(info.protocol));
  line("Properties", info.configuration.empty() ? "none" : "");
  for (const auto& [key, value] : info.configuration) {
    out->Write(fmt::format("  {} = {}\n", Printable(key), Printable(value)));
  }
}

}  // namespace

void AddInfo(Commands* commands) {
  CLI::App* command = commands->Add("info", "What a table is: version, size, rows, features, properties");
  auto table_arguments = TableArguments::AddTo(command, "describe");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON object");
  auto with_health = std::make_shared<bool>(false);
  command->add_flag("--health", *with_health,
                    "Also file sizes, partitions, the log and removed files, and what maintenance would better");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    Progress progress("reading the log", nullptr);
    DELTIC_TRY(Table table, table_arguments->Open());
    std::optional<TableHealth> health;
    TableTotals totals;
    if (*with_health) {
      DELTIC_TRY(health, table.Health());
      totals = TotalsOf(*health);
    } else {
      DELTIC_TRY(totals, table.Totals());
    }
    Output out(STDOUT_FILENO, "standard output");
    if (*as_json) {
      Json json = MakeJson(table.Info(), totals);
      if (health) json["health"] = HealthJson(*health);
      out.Write(JsonLine(json) + "\n");
    } else {
      PrintText(table.Info(), totals, &out);
      if (health) PrintHealth(*health, Terminal::Of(STDOUT_FILENO), &out);
    }
    return out.Flush();
  });
}

}  // namespace deltic::cli
