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

namespace deltic::cli {

namespace {

struct ManifestArguments {
  std::string location;
  bool as_json = false, quiet = false;
};

Status Report(const ManifestOutcome& outcome, const ManifestArguments& a) {
  Output out(a.as_json ? STDOUT_FILENO : STDERR_FILENO, a.as_json ? "standard output" : "standard error");
  if (a.as_json) {
    out.Write(JsonLine({{"version", outcome.version},
                        {"manifestsWritten", outcome.manifests_written},
                        {"manifestsDeleted", outcome.manifests_deleted},
                        {"numFiles", outcome.files}}) +
              "\n");
    return out.Flush();
  }
  if (a.quiet) return {};
  const auto counted = [](int64_t count, const char* noun) {
    return fmt::format("{} {}{}", GroupedNumber(count), noun, count == 1 ? "" : "s");
  };
  out.Write(fmt::format("version {}: {} written with {}, {} deleted\n", outcome.version,
                        counted(outcome.manifests_written, "manifest"), counted(outcome.files, "file"),
                        outcome.manifests_deleted));
  return out.Flush();
}

}  // namespace

void AddManifest(Commands* commands) {
  CLI::App* command = commands->Add("manifest", "Writes the file lists that Presto, Athena and Hive read");
  auto a = std::make_shared<ManifestArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  command->add_flag("--json", a->as_json, "The outcome as one JSON object");
  command->add_flag("--quiet", a->quiet, "No closing line");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(const Table table, OpenTable(a->location));
    DELTIC_TRY(const ManifestOutcome outcome, GenerateManifests(table));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
