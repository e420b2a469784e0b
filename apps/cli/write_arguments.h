// Owns the options that commands which change tables share: properties of a new table, what the commit carries, how the
// outcome is told. Opens nothing.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "deltic/result.h"
#include "deltic/write.h"

namespace deltic::cli {

// "key=value"; the value may hold more '='. InvalidArgument naming the option otherwise.
Result<std::pair<std::string, std::string>> ParsePair(const std::string& option, const std::string& text);

// --partition-by, --cluster-by, --property, --name, --description. A value once parsed.
struct NewTableArguments {
  std::string partition_by, cluster_by, name, description;
  std::vector<std::string> properties;

  static std::shared_ptr<NewTableArguments> AddTo(CLI::App* command);
  Result<TableProperties> ToProperties() const;
};

// --user-metadata, --commit-info, --app-transaction, --max-retries, --no-upkeep. A value once parsed.
struct CommitArguments {
  std::string user_metadata;
  std::vector<std::string> commit_info, app_transactions;
  int32_t max_retries = 100;
  bool no_upkeep = false;

  static std::shared_ptr<CommitArguments> AddTo(CLI::App* command);
  Result<CommitProperties> ToProperties() const;
};

// --json, --quiet: the outcome as one JSON object on standard output, else a closing line on standard error. A value
// once parsed.
struct OutcomeArguments {
  bool as_json = false, quiet = false;

  void AddTo(CLI::App* command);
};

// One warning a line on standard error.
void PrintWarnings(const std::vector<std::string>& warnings);

}  // namespace deltic::cli
