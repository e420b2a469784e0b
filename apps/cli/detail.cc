// Owns `deltic detail`: the facts that Spark's DESCRIBE DETAIL shows, by its names. `deltic info` is the page for
// people.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/time.h"
#include "commands.h"
#include "deltic/clone.h"
#include "json_out.h"
#include "output.h"
#include "progress.h"
#include "terminal.h"

namespace deltic::cli {

namespace {

Json MakeJson(const TableDetail& detail) {
  Json json;
  json["format"] = detail.format;
  json["id"] = detail.id;
  json["name"] = JsonOrNull(detail.name);
  json["description"] = JsonOrNull(detail.description);
  json["location"] = detail.location;
  json["createdAt"] = detail.created_at_ms ? Json(FormatTimestampMs(*detail.created_at_ms)) : Json(nullptr);
  json["lastModified"] = FormatTimestampMs(detail.last_modified_ms);
  json["partitionColumns"] = detail.partition_columns;
  json["clusteringColumns"] = detail.clustering_columns;
  json["numFiles"] = detail.num_files;
  json["sizeInBytes"] = detail.size_bytes;
  json["properties"] = Json::object();
  for (const auto& [key, value] : detail.properties) json["properties"][key] = value;
  json["minReaderVersion"] = detail.min_reader_version;
  json["minWriterVersion"] = detail.min_writer_version;
  json["tableFeatures"] = detail.table_features;
  json["statistics"] = {{"numRows", JsonOrNull(detail.num_rows)},
                        {"numDeletionVectors", detail.num_deletion_vectors},
                        {"numDeletedRows", detail.num_deleted_rows}};
  return json;
}

}  // namespace

void AddDetail(Commands* commands) {
  CLI::App* command = commands->Add("detail", "What Spark's DESCRIBE DETAIL shows of a table, by its names");
  auto table_arguments = TableArguments::AddTo(command, "describe");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON object");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    Json json;
    {
      Progress progress("reading the log", nullptr);
      DELTIC_TRY(Table table, table_arguments->Open());
      DELTIC_TRY(const TableDetail detail, Detail(table));
      json = MakeJson(detail);
    }
    Output out(STDOUT_FILENO, "standard output");
    if (*as_json) {
      out.Write(JsonLine(json) + "\n");
      return out.Flush();
    }
    for (const auto& [name, value] : json.items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : JsonLine(value);
      out.Write(fmt::format("{:<18} {}\n", name, Printable(text)));
    }
    return out.Flush();
  });
}

}  // namespace deltic::cli
