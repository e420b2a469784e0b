// Owns `deltic restore`: a table as it was at an older version. The restore itself is deltic/clone.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "table/clone.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct RestoreArguments {
  std::string location, timestamp;
  std::optional<int64_t> version;
  bool ignore_missing = false, downgrade = false;
  OutcomeArguments told;
};

Status Report(const RestoreOutcome& outcome, const RestoreArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) {
    return PrintLine(STDOUT_FILENO, JsonLine({{"changed", outcome.changed},
                                              {"version", outcome.version},
                                              {"restoredVersion", outcome.restored_version},
                                              {"filesRestored", outcome.files_restored},
                                              {"bytesRestored", outcome.bytes_restored},
                                              {"filesRemoved", outcome.files_removed},
                                              {"bytesRemoved", outcome.bytes_removed},
                                              {"filesAfter", outcome.files_after},
                                              {"bytesAfter", outcome.size_after_bytes},
                                              {"missingFiles", outcome.missing_files},
                                              {"retries", outcome.retries}}));
  }
  for (const std::string& file : outcome.missing_files)
    DELTIC_CHECK(PrintLine(STDERR_FILENO, "left out, for it is gone: " + Printable(file)));
  if (a.told.quiet) return {};
  if (!outcome.changed) {
    return PrintLine(STDERR_FILENO, fmt::format("nothing to restore: the table is at version {}", outcome.version));
  }
  return PrintLine(STDERR_FILENO, fmt::format("version {}: as version {} was; {} {} restored, {} removed",
                                              outcome.version, outcome.restored_version, outcome.files_restored,
                                              outcome.files_restored == 1 ? "file" : "files", outcome.files_removed));
}

}  // namespace

void AddRestore(Commands* commands) {
  CLI::App* command = commands->Add("restore", "Makes a new version that is as an older one was");
  auto a = std::make_shared<RestoreArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  auto* version =
      command->add_option("--version", a->version, "The version to go back to")->type_name("N")->check(NotNegative());
  command
      ->add_option("--timestamp", a->timestamp,
                   "The time to go back to: ISO 8601 (UTC unless it names a zone) or epoch milliseconds")
      ->type_name("T")
      ->excludes(version);
  command->add_flag("--ignore-missing-files", a->ignore_missing,
                    "Restores what is left when files of the version are gone");
  command->add_flag("--protocol-downgrade", a->downgrade,
                    "The protocol goes back too; by default features added since stay");
  a->told.AddTo(command);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    if (a->version.has_value() != a->timestamp.empty()) {
      return InvalidArgument("say where to go back to: --version or --timestamp");
    }
    DELTIC_CHECK(engine->Apply());
    RestoreRequest request{
        .version = a->version, .ignore_missing_files = a->ignore_missing, .protocol_downgrade_allowed = a->downgrade};
    if (!a->timestamp.empty()) {
      DELTIC_TRY(request.timestamp_ms, ParseTimestampArgument(a->timestamp));
    }
    DELTIC_TRY(request.commit, commit->ToProperties());
    DELTIC_TRY(const RestoreOutcome outcome, ChangeTold("restoring", a->location, request, RestoreTo));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
