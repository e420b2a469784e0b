// Owns `deltic manifest`: the lists of a table's files that Presto, Athena and Hive read. What is in them is
// deltic/manifest.h's.
#include "deltic/manifest.h"

#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "storage_arguments.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct ManifestArguments {
  std::string location;
  OutcomeArguments told;
};

Status Report(const ManifestOutcome& outcome, const ManifestArguments& a) {
  if (a.told.as_json) {
    return PrintLine(STDOUT_FILENO, JsonLine({{"version", outcome.version},
                                              {"manifestsWritten", outcome.manifests_written},
                                              {"manifestsDeleted", outcome.manifests_deleted},
                                              {"numFiles", outcome.files}}));
  }
  if (a.told.quiet) return {};
  return PrintLine(STDERR_FILENO, fmt::format("version {}: {} written with {}, {} deleted", outcome.version,
                                              Counted(outcome.manifests_written, "manifest"),
                                              Counted(outcome.files, "file"), outcome.manifests_deleted));
}

}  // namespace

void AddManifest(Commands* commands) {
  CLI::App* command = commands->Add("manifest", "Writes the file lists that Presto, Athena and Hive read");
  auto a = std::make_shared<ManifestArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  a->told.AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(const Table table, OpenTable(a->location));
    DELTIC_TRY(const ManifestOutcome outcome, GenerateManifests(table));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
