// Owns `deltic clone`: a table made of another one's version. The clone itself is deltic/clone.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "storage_arguments.h"
#include "table/clone.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct CloneArguments {
  std::string source, target, timestamp;
  std::optional<int64_t> version;
  std::vector<std::string> properties;
  int parallel = 8;
  bool shallow = false, replace = false, if_not_exists = false;
  OutcomeArguments told;
};

Result<CloneRequest> ToRequest(const CloneArguments& a) {
  CloneRequest request;
  request.shallow = a.shallow;
  request.mode = a.replace ? CloneMode::kReplace : a.if_not_exists ? CloneMode::kIgnore : CloneMode::kErrorIfExists;
  request.version = a.version;
  request.parallel_copies = a.parallel;
  if (!a.timestamp.empty()) {
    DELTIC_TRY(request.timestamp_ms, ParseTimestampArgument(a.timestamp));
  }
  for (const std::string& property : a.properties) {
    DELTIC_TRY(const auto pair, ParsePair("--property", property));
    request.properties[pair.first] = pair.second;
  }
  return request;
}

Status Report(const CloneOutcome& outcome, const CloneArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) {
    return PrintLine(STDOUT_FILENO, JsonLine({{"cloned", outcome.cloned},
                                              {"version", outcome.version},
                                              {"sourceVersion", outcome.source_version},
                                              {"sourceFiles", outcome.source_files},
                                              {"sourceBytes", outcome.source_size_bytes},
                                              {"filesCopied", outcome.files_copied},
                                              {"bytesCopied", outcome.bytes_copied},
                                              {"filesKept", outcome.files_kept},
                                              {"filesRemoved", outcome.files_removed},
                                              {"bytesRemoved", outcome.bytes_removed},
                                              {"retries", outcome.retries}}));
  }
  if (a.told.quiet) return {};
  if (!outcome.cloned) {
    return PrintLine(STDERR_FILENO, fmt::format("nothing cloned: there is a table; version {}", outcome.version));
  }
  const std::string what =
      a.shallow ? "none copied"
                : fmt::format("{} copied ({})", GroupedNumber(outcome.files_copied), HumanBytes(outcome.bytes_copied));
  return PrintLine(
      STDERR_FILENO,
      fmt::format("version {}: as version {} of the source; {}, {}{}", outcome.version, outcome.source_version,
                  Counted(outcome.source_files, "file"), what,
                  outcome.files_kept > 0 ? fmt::format(", {} kept", GroupedNumber(outcome.files_kept)) : ""));
}

}  // namespace

void AddClone(Commands* commands) {
  CLI::App* command = commands->Add("clone", "Makes a table of another one: a copy, or one that names its files");
  auto a = std::make_shared<CloneArguments>();
  command->add_option("SOURCE", a->source, "The folder of the table to clone")->required();
  command->add_option("TARGET", a->target, "The folder of the clone")->required();
  command->add_flag("--shallow", a->shallow, "Copies no file: the clone names the source's, and needs them");
  auto* version = command->add_option("--version", a->version, "The source as of this version")
                      ->type_name("N")
                      ->check(NotNegative());
  command
      ->add_option("--timestamp", a->timestamp,
                   "The source as of this time: ISO 8601 (UTC unless it names a zone) or epoch milliseconds")
      ->type_name("T")
      ->excludes(version);
  auto* replace = command->add_flag("--replace", a->replace,
                                    "Replaces a table at TARGET; of an earlier clone only what is new is copied");
  command->add_flag("--if-not-exists", a->if_not_exists, "Does nothing when there is a table at TARGET")
      ->excludes(replace);
  command->add_option("--property", a->properties, "A table property of the clone, over the source's")
      ->type_name("KEY=VALUE");
  command->add_option("--parallel", a->parallel, "Files that are copied at the same time (default: 8)")
      ->type_name("N")
      ->check(Positive());
  a->told.AddTo(command);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(CloneRequest request, ToRequest(*a));
    DELTIC_TRY(request.commit, commit->ToProperties());
    request.storage_options = GivenStorageOptions();
    DELTIC_TRY(const CloneOutcome outcome, RunTold("cloning", request, [&](const CancelToken& cancel) {
                 return CloneTo(a->source, a->target, request, cancel);
               }));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
