// Owns the shared options of commands that change tables.
#include "write_arguments.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "arguments.h"
#include "base/error.h"
#include "output.h"
#include "terminal.h"

namespace deltic::cli {

Result<std::pair<std::string, std::string>> ParsePair(const std::string& option, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return InvalidArgument("{} {}: write KEY=VALUE", option, text);
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

std::shared_ptr<NewTableArguments> NewTableArguments::AddTo(CLI::App* command) {
  auto arguments = std::make_shared<NewTableArguments>();
  command->add_option("--partition-by", arguments->partition_by, "Partition columns of a new table")
      ->type_name("COLUMNS");
  command->add_option("--cluster-by", arguments->cluster_by, "Clustering columns of a new table")->type_name("COLUMNS");
  command
      ->add_option("--property", arguments->properties,
                   "A table property of a new table: delta.enableChangeDataFeed=true; may be given more than once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--name", arguments->name, "The new table's name")->type_name("TEXT");
  command->add_option("--description", arguments->description, "The new table's description")->type_name("TEXT");
  return arguments;
}

Result<TableProperties> NewTableArguments::ToProperties() const {
  TableProperties table;
  if (!partition_by.empty()) {
    DELTIC_TRY(table.partition_by, ParseColumnList(partition_by));
  }
  if (!cluster_by.empty()) {
    DELTIC_TRY(table.cluster_by, ParseColumnList(cluster_by));
  }
  for (const std::string& text : properties) {
    DELTIC_TRY(auto pair, ParsePair("--property", text));
    table.configuration[pair.first] = pair.second;
  }
  if (!name.empty()) table.name = name;
  if (!description.empty()) table.description = description;
  return table;
}

std::shared_ptr<CommitArguments> CommitArguments::AddTo(CLI::App* command) {
  auto arguments = std::make_shared<CommitArguments>();
  command->add_option("--user-metadata", arguments->user_metadata, "A text that the history keeps with the commit")
      ->type_name("TEXT");
  command
      ->add_option("--commit-info", arguments->commit_info,
                   "More facts for the commit's record; may be given more than once")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      ->add_option("--app-transaction", arguments->app_transactions,
                   "Records an application's transaction version with the commit; may be given more than once")
      ->type_name("APP=VERSION")
      ->allow_extra_args(false);
  command->add_option("--max-retries", arguments->max_retries, "How often other writers may be first (default 100)")
      ->type_name("N")
      ->check(NotNegative());
  command->add_flag("--no-upkeep", arguments->no_upkeep, "No checkpoint, checksum or log cleanup after the commit");
  return arguments;
}

Result<CommitProperties> CommitArguments::ToProperties() const {
  CommitProperties commit;
  if (!user_metadata.empty()) commit.user_metadata = user_metadata;
  for (const std::string& text : commit_info) {
    DELTIC_TRY(auto pair, ParsePair("--commit-info", text));
    commit.custom_metadata[pair.first] = pair.second;
  }
  for (const std::string& text : app_transactions) {
    DELTIC_TRY(auto pair, ParsePair("--app-transaction", text));
    int64_t version = 0;
    const char* const end = pair.second.data() + pair.second.size();
    const auto parsed = std::from_chars(pair.second.data(), end, version);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      return InvalidArgument("--app-transaction {}: the version must be a whole number", text);
    }
    commit.app_transactions[pair.first] = version;
  }
  commit.max_retries = max_retries;
  commit.upkeep = !no_upkeep;
  return commit;
}

void OutcomeArguments::AddTo(CLI::App* command) {
  command->add_flag("--json", as_json, "The outcome as one JSON object");
  command->add_flag("--quiet", quiet, "No closing line");
}

void PrintWarnings(const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  Output err(STDERR_FILENO, "standard error");
  for (const std::string& warning : warnings) err.Write("warning: " + std::string(Printable(warning)) + "\n");
  (void)err.Flush();
}

}  // namespace deltic::cli
