// Owns `deltic delete` and `deltic update`. The operations themselves are deltic/change.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "table/change.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct ChangeArguments {
  std::string location, where, alias = "target", compression;
  std::vector<std::string> set;
  bool all = false;
  OutcomeArguments told;
};

std::shared_ptr<ChangeArguments> AddArguments(CLI::App* command) {
  auto a = std::make_shared<ChangeArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  command->add_option("--where", a->where, "Which rows: an SQL expression over the columns")->type_name("SQL");
  command->add_option("--as", a->alias, "What the table is called in SQL (default: target)")->type_name("NAME");
  command->add_option("--compression", a->compression, "snappy, zstd, gzip, lz4_raw, brotli or uncompressed");
  a->told.AddTo(command);
  return a;
}

// "price = price * 1.1": up to the first equals sign that is no part of a quoted name.
Result<Assignment> ParseAssignment(const std::string& text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '`') quoted = !quoted;
    if (quoted || text[i] != '=') continue;
    const auto trim = [](std::string part) {
      part.erase(0, part.find_first_not_of(" \t\r\n"));
      part.erase(part.find_last_not_of(" \t\r\n") + 1);
      return part;
    };
    Assignment assignment{.column = trim(text.substr(0, i)), .expression = trim(text.substr(i + 1))};
    if (!assignment.column.empty() && !assignment.expression.empty()) return assignment;
    break;
  }
  return InvalidArgument("--set '{}': write it as \"column = expression\"", text);
}

template <class Outcome>
Status Report(const Outcome& outcome, const std::optional<int64_t>& rows, const char* metric, const char* done,
              const ChangeArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) {
    nlohmann::ordered_json count = nullptr;
    if (rows) count = *rows;
    return PrintLine(STDOUT_FILENO, JsonLine({{"changed", outcome.changed},
                                              {"version", outcome.version},
                                              {metric, count},
                                              {"numAddedFiles", outcome.num_added_files},
                                              {"numRemovedFiles", outcome.num_removed_files},
                                              {"numCopiedRows", outcome.num_copied_rows},
                                              {"numDeletionVectorsAdded", outcome.num_deletion_vectors_added},
                                              {"numDeletionVectorsUpdated", outcome.num_deletion_vectors_updated},
                                              {"numDeletionVectorsRemoved", outcome.num_deletion_vectors_removed},
                                              {"numAddedChangeFiles", outcome.num_change_files},
                                              {"executionTimeMs", outcome.execution_time_ms},
                                              {"scanTimeMs", outcome.scan_time_ms},
                                              {"rewriteTimeMs", outcome.rewrite_time_ms},
                                              {"retries", outcome.retries}}));
  }
  if (a.told.quiet) return {};
  if (!outcome.changed) {
    return PrintLine(STDERR_FILENO, fmt::format("no row matched: version {} stays", outcome.version));
  }
  const std::string count = rows ? Counted(*rows, "row") : "all rows";
  return PrintLine(STDERR_FILENO, fmt::format("version {}: {} {}", outcome.version, count, done));
}

template <class Request>
Status Fill(const ChangeArguments& a, const CommitArguments& commit, Request* request) {
  if (!a.where.empty()) request->where = a.where;
  request->alias = a.alias;
  if (!a.compression.empty()) request->parquet.compression = a.compression;
  DELTIC_TRY(request->commit, commit.ToProperties());
  return {};
}

}  // namespace

void AddDelete(Commands* commands) {
  CLI::App* command = commands->Add("delete", "Deletes rows: all, or those for which a predicate is true");
  auto a = AddArguments(command);
  command->add_flag("--all", a->all, "Every row of the table")->excludes("--where");
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    // A forgotten predicate must not empty a table.
    if (a->where.empty() && !a->all) return InvalidArgument("say which rows: --where, or --all for every row");
    DELTIC_CHECK(engine->Apply());
    DeleteRequest request;
    DELTIC_CHECK(Fill(*a, *commit, &request));
    DELTIC_TRY(const DeleteOutcome outcome, ChangeTold("deleting", a->location, request, DeleteFrom));
    return Report(outcome, outcome.num_deleted_rows, "numDeletedRows", "deleted", *a);
  });
}

void AddUpdate(Commands* commands) {
  CLI::App* command = commands->Add("update", "Changes rows: all, or those for which a predicate is true");
  auto a = AddArguments(command);
  command->add_option("--set", a->set, "\"column = expression\" over the values as they are, for each column")
      ->type_name("SQL")
      ->required();
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    UpdateRequest request;
    DELTIC_CHECK(Fill(*a, *commit, &request));
    for (const std::string& text : a->set) {
      DELTIC_TRY(Assignment assignment, ParseAssignment(text));
      request.set.push_back(std::move(assignment));
    }
    DELTIC_TRY(const UpdateOutcome outcome, ChangeTold("updating", a->location, request, UpdateIn));
    return Report(outcome, outcome.num_updated_rows, "numUpdatedRows", "updated", *a);
  });
}

}  // namespace deltic::cli
