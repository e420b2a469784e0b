// Owns the simulator's command line: runs one history for each seed, judges it, and prints the seed of the first that
// is wrong.
//
//   sim                      seeds 1 to 3000
//   sim --seeds 1..100000    these seeds
//   sim --seed 17            one seed, with what each operation did
//   sim ... --upkeep 1       checkpoints, checksums and cleanup in each seed, not in each 50th; with --seed too
//   sim --store s3://bucket/sim --seeds 1..20   the objects lie there, each seed's in a folder of its own
//   sim --mutants            breaks one rule after another on purpose: a seed must be wrong for each
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "judge.h"
#include "operations.h"
#include "stores/open_store.h"
#include "world.h"

namespace deltic::sim {
namespace {

// From calm to foul, by the seed.
Weather WeatherOf(uint64_t seed) {
  Dice dice(seed * 7919);
  const double foul = static_cast<double>(dice.Below(4)) / 3;
  return {.unavailable = 0.02 * foul,
          .lose_after = 0.10 * foul,
          .lose_before = 0.05 * foul,
          .late = 0.10 * foul,
          .hide = 0.15 * foul,
          .cut = 0.05 * foul,
          .crash = 0.01 * foul,
          .spell = 0.02 * foul};
}

// Checkpoints need the engine, which takes longer than all the rest: by default some seeds have them.
constexpr uint64_t kUpkeepEvery = 50;

struct Tally {
  std::map<std::string, int64_t> endings;
  int64_t versions = 0;
  int64_t vacuumed = 0;  // files
};

struct Plan {
  uint64_t first = 1, last = 3000;
  uint64_t upkeep_every = kUpkeepEvery;
  bool tell = false;
  Mutant mutant = Mutant::kNone;
  std::string store;  // a location by URL; "": memory
};

std::string RunSeed(uint64_t seed, const Plan& plan, Tally& tally) {
  std::shared_ptr<ObjectStore> server;
  if (!plan.store.empty()) {
    auto opened = OpenStore(fmt::format("{}/{}", plan.store, seed));
    if (!opened.ok()) return opened.error().ToString();
    server = *std::move(opened);
  }
  World world(seed, WeatherOf(seed), std::move(server));
  History history;
  history.mutant = plan.mutant;
  history.upkeep = seed % plan.upkeep_every == 0;
  MakeHistory(world, history);
  world.Run();
  for (const Deed& deed : history.deeds) {
    const char* ending = deed.ending == Ending::kCommitted ? "committed"
                         : deed.ending == Ending::kInDoubt ? "in doubt"
                                                           : "refused";
    std::string why = deed.ending == Ending::kRefused ? deed.error.substr(0, deed.error.find(": ")) : "";
    if (why == "Conflict") why = deed.error.substr(10, deed.error.find(": ", 10) - 10);
    if (why.starts_with("the VACUUM")) why = "RunningVacuum";
    ++tally.endings[fmt::format("{} {}", ending, why)];
    tally.versions += deed.ending == Ending::kCommitted;
    if (plan.tell) fmt::print("{} of {} -> {} {} {}\n", deed.kind, deed.base_version, ending, deed.version, deed.error);
  }
  for (const Deletion& deletion : world.deletions()) tally.vacuumed += deletion.by == "vacuum";
  if (plan.tell) fmt::print("{}\n", fmt::join(history.warnings, "\n"));
  return Judge(world, history);
}

// How many seeds a broken rule may go unnoticed.
constexpr uint64_t kMutantSeeds = 3000;

int RunMutants() {
  const std::pair<Mutant, const char*> mutants[] = {
      {Mutant::kVacuumForgetsVectors, "a vacuum that forgets deletion vectors"},
      {Mutant::kVacuumForgetsTombstones, "a vacuum that takes what was removed just now"},
      {Mutant::kVacuumTakesYoungFiles, "a vacuum that takes young files"},
      {Mutant::kVacuumForgetsNewCommits, "a vacuum that forgets what was committed since"},
      {Mutant::kRestoreForgetsWinners, "a restore that forgets other commits"},
      {Mutant::kRestoreForgetsVacuums, "a restore that forgets a running vacuum"}};
  bool all = true;
  for (const auto& [mutant, name] : mutants) {
    const Plan plan{.upkeep_every = UINT64_MAX, .mutant = mutant};
    Tally tally;
    std::string wrong;
    uint64_t seed = 0;
    while (wrong.empty() && seed < kMutantSeeds) wrong = RunSeed(++seed, plan, tally);
    all = all && !wrong.empty();
    fmt::print("{}: {}\n", name,
               wrong.empty() ? fmt::format("NOT NOTICED in {} seeds", seed)
                             : fmt::format("seed {}: {}", seed, wrong.substr(0, wrong.find('\n'))));
  }
  return all ? 0 : 1;
}

int Main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--mutants") == 0) return RunMutants();
  Plan plan;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--store") == 0) {
      plan.store = argv[i + 1];
      continue;
    }
    char* end = nullptr;
    const uint64_t number = std::strtoull(argv[i + 1], &end, 10);
    if (std::strcmp(argv[i], "--upkeep") == 0) {
      plan.upkeep_every = std::max<uint64_t>(number, 1);
      continue;
    }
    plan.first = plan.last = number;
    if (std::strncmp(end, "..", 2) == 0) plan.last = std::strtoull(end + 2, nullptr, 10);
    plan.tell = std::strcmp(argv[i], "--seed") == 0;
  }
  Tally tally;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t seed = plan.first; seed <= plan.last; ++seed) {
    const std::string wrong = RunSeed(seed, plan, tally);
    if (wrong.empty()) continue;
    fmt::print("SEED {} IS WRONG: {}\nreplay it with: sim --seed {} --upkeep {}\n", seed, wrong, seed,
               plan.upkeep_every);
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{} seeds, {} versions, {} files vacuumed, {:.1f} s\n", plan.last - plan.first + 1, tally.versions,
             tally.vacuumed, took.count());
  for (const auto& [ending, count] : tally.endings) fmt::print("  {:<40} {}\n", ending, count);
  return 0;
}

}  // namespace
}  // namespace deltic::sim

int main(int argc, char** argv) { return deltic::sim::Main(argc, argv); }
