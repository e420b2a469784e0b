// Owns `deltic repair`: files that storage has lost go out of the table. What that means is deltic/repair.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "storage_arguments.h"
#include "table/repair.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct RepairArguments {
  std::string location, lost_vectors = "refuse";
  std::optional<int32_t> parallel;
  bool dry_run = false, damaged = false, as_json = false, quiet = false;
};

std::string ToJsonText(const RepairOutcome& outcome) {
  return JsonLine({{"dryRun", outcome.dry_run},
                   {"changed", outcome.changed},
                   {"version", outcome.version},
                   {"filesChecked", outcome.files_checked},
                   {"filesRemoved", outcome.files_removed},
                   {"rowsRevivedOf", outcome.rows_revived_of},
                   {"vectorsLost", outcome.vectors_lost},
                   {"damaged", outcome.damaged}});
}

std::string Files(size_t count) {
  return fmt::format("{} {}", GroupedNumber(static_cast<int64_t>(count)), count == 1 ? "file" : "files");
}

Status Report(const RepairOutcome& outcome, const RepairArguments& a) {
  PrintWarnings(outcome.warnings);
  Output out(STDOUT_FILENO, "standard output");
  if (a.as_json) {
    out.Write(ToJsonText(outcome) + "\n");
    return out.Flush();
  }
  for (const std::string& file : outcome.files_removed) out.Write("removed\t" + Printable(file) + "\n");
  for (const std::string& file : outcome.rows_revived_of) out.Write("revived\t" + Printable(file) + "\n");
  for (const std::string& file : outcome.vectors_lost) out.Write("vector\t" + Printable(file) + "\n");
  for (const std::string& file : outcome.damaged) out.Write("damaged\t" + Printable(file) + "\n");
  DELTIC_CHECK(out.Flush());
  if (a.quiet) return {};
  Output told(STDERR_FILENO, "standard error");
  std::string text =
      fmt::format("version {}: {} checked, {} {}", outcome.version, Files(static_cast<size_t>(outcome.files_checked)),
                  Files(outcome.files_removed.size()), a.dry_run ? "would be removed" : "removed");
  if (!outcome.rows_revived_of.empty()) {
    text += fmt::format(", {} of {} {}", "deleted rows", Files(outcome.rows_revived_of.size()),
                        a.dry_run ? "would live again" : "live again");
  }
  told.Write(text + "\n");
  return told.Flush();
}

}  // namespace

void AddRepair(Commands* commands) {
  CLI::App* command = commands->Add("repair", "Takes files out of a table that storage has lost");
  auto a = std::make_shared<RepairArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  command->add_flag("--dry-run", a->dry_run, "Only tells what is lost");
  command
      ->add_option("--lost-vectors", a->lost_vectors,
                   "Of files whose deletion vectors are lost: refuse (default), remove-files, or revive-rows")
      ->type_name("CHOICE")
      ->check(CLI::IsMember({"refuse", "remove-files", "revive-rows"}));
  command->add_flag("--damaged", a->damaged,
                    "Also files of another size than the log says, and those that are no Parquet files");
  command->add_option("--parallel", a->parallel, "Threads that ask storage (default: by the machine)")
      ->type_name("N")
      ->check(Positive());
  command->add_flag("--json", a->as_json, "The outcome as one JSON object");
  command->add_flag("--quiet", a->quiet, "No closing line");
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    RepairRequest request{.dry_run = a->dry_run, .damaged = a->damaged, .threads = a->parallel.value_or(0)};
    if (a->lost_vectors == "remove-files") request.lost_vectors = LostVectors::kRemoveFiles;
    if (a->lost_vectors == "revive-rows") request.lost_vectors = LostVectors::kReviveRows;
    DELTIC_TRY(request.commit, commit->ToProperties());
    DELTIC_TRY(Table table, OpenTable(a->location));
    DELTIC_TRY(const RepairOutcome outcome, RunTold("checking", request, [&](const CancelToken& cancel) {
                 return RepairTable(table, request, cancel);
               }));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
