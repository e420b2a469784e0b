// Owns the simulator's command line: runs one history for each seed, judges it, and prints the seed of the first that
// is wrong.
//
//   sim                      seeds 1 to 3000
//   sim --seeds 1..100000    these seeds
//   sim --seed 17            one seed, with what each operation did
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include <fmt/format.h>

#include "judge.h"
#include "operations.h"
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

// Checkpoints need the engine, which takes longer than all the rest: some seeds have them.
bool WithUpkeep(uint64_t seed) { return seed % 50 == 0; }

struct Tally {
  std::map<std::string, int64_t> endings;
  int64_t versions = 0;
};

std::string RunSeed(uint64_t seed, bool tell, Tally& tally) {
  World world(seed, WeatherOf(seed));
  History history;
  history.upkeep = WithUpkeep(seed);
  MakeHistory(world, history);
  world.Run();
  for (const Deed& deed : history.deeds) {
    const char* ending = deed.ending == Ending::kCommitted ? "committed"
                         : deed.ending == Ending::kInDoubt ? "in doubt"
                                                           : "refused";
    std::string why = deed.ending == Ending::kRefused ? deed.error.substr(0, deed.error.find(": ")) : "";
    if (why == "Conflict") why = deed.error.substr(10, deed.error.find(": ", 10) - 10);
    ++tally.endings[fmt::format("{} {}", ending, why)];
    tally.versions += deed.ending == Ending::kCommitted;
    if (tell) fmt::print("{} of {} -> {} {} {}\n", deed.kind, deed.base_version, ending, deed.version, deed.error);
  }
  if (tell) fmt::print("{}\n", fmt::join(history.warnings, "\n"));
  return Judge(world, history);
}

int Main(int argc, char** argv) {
  uint64_t first = 1, last = 3000;
  bool tell = false;
  for (int i = 1; i + 1 < argc; i += 2) {
    char* end = nullptr;
    first = last = std::strtoull(argv[i + 1], &end, 10);
    if (std::strcmp(argv[i], "--seeds") == 0 && std::strncmp(end, "..", 2) == 0)
      last = std::strtoull(end + 2, nullptr, 10);
    tell = std::strcmp(argv[i], "--seed") == 0;
  }
  Tally tally;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t seed = first; seed <= last; ++seed) {
    const std::string wrong = RunSeed(seed, tell, tally);
    if (wrong.empty()) continue;
    fmt::print("SEED {} IS WRONG: {}\nreplay it with: sim --seed {}\n", seed, wrong, seed);
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{} seeds, {} versions, {:.1f} s\n", last - first + 1, tally.versions, took.count());
  for (const auto& [ending, count] : tally.endings) fmt::print("  {:<40} {}\n", ending, count);
  return 0;
}

}  // namespace
}  // namespace deltic::sim

int main(int argc, char** argv) { return deltic::sim::Main(argc, argv); }
