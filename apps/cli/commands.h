// Owns the list of the program's commands: one Add function for each, defined in the file of the command's name, and
// what a run of one needs. Does not parse (CLI11 does) and does not end the process (main.cc does).
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <string>
#include <vector>

#include "deltic/result.h"

namespace deltic::cli {

// A parsed command's work. InvalidArgument from here is a refusal of the request, not of the command line.
using Run = std::function<Status()>;

// The commands in the order of the help text. One thread at a time.
class Commands {
 public:
  explicit Commands(CLI::App* root) : root_(root) {}

  CLI::App* root() const { return root_; }
  CLI::App* Add(const std::string& name, const std::string& description) {
    return root_->add_subcommand(name, description);
  }
  void SetRun(CLI::App* command, Run run) { runs_.emplace_back(command, std::move(run)); }
  // The run of the command that was given; null before parsing.
  const Run* Given() const {
    for (const auto& [command, run] : runs_) {
      if (command->parsed()) return &run;
    }
    return nullptr;
  }

 private:
  CLI::App* root_;
  std::vector<std::pair<CLI::App*, Run>> runs_;
};

void AddInfo(Commands* commands);
void AddSchema(Commands* commands);
void AddFiles(Commands* commands);
void AddHistory(Commands* commands);
void AddCount(Commands* commands);
void AddCat(Commands* commands);
void AddExport(Commands* commands);
void AddExplain(Commands* commands);
void AddCdf(Commands* commands);
void AddSql(Commands* commands);
void AddCreate(Commands* commands);
void AddWrite(Commands* commands);
void AddAlter(Commands* commands);
void AddUpkeep(Commands* commands);
void AddOptimize(Commands* commands);
void AddReorg(Commands* commands);
void AddRestore(Commands* commands);
void AddClone(Commands* commands);
void AddConvert(Commands* commands);
void AddDetail(Commands* commands);
void AddMerge(Commands* commands);
void AddVacuum(Commands* commands);
void AddRepair(Commands* commands);
void AddManifest(Commands* commands);
void AddDelete(Commands* commands);
void AddUpdate(Commands* commands);
void AddCompletion(Commands* commands);

}  // namespace deltic::cli
