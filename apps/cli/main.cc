// Owns the program `deltic`: parses the command line, runs the command, and turns its outcome into an exit status and
// one line on standard error. Exit statuses: 0; 2 for a wrong command line; ExitStatus(code) of deltic/result.h for an
// error; 128 + the signal when stopped (130 for Ctrl-C).
#include <fmt/format.h>
#include <locale.h>
#include <malloc.h>
#include <unistd.h>

#include "commands.h"
#include "deltic/table.h"
#include "interrupt.h"
#include "output.h"
#include "storage_arguments.h"
#include "terminal.h"

namespace deltic::cli {

namespace {

constexpr int kUsageStatus = 2;

void PrintError(std::string_view text) {
  Output err(STDERR_FILENO, "standard error");
  err.Write(Terminal::Of(STDERR_FILENO).Red("error:") + " " + std::string(text) + "\n");
  (void)err.Flush();
}

int Finish(const Status& outcome) {
  if (outcome.ok()) return 0;
  PrintError(outcome.error().ToString());
  if (outcome.error().code() == Code::kCancelled && InterruptSignal() != 0) return 128 + InterruptSignal();
  return ExitStatus(outcome.error().code());
}

int PrintText(const std::string& text) {
  Output out(STDOUT_FILENO, "standard output");
  out.Write(text);
  return Finish(out.Flush());
}

// To every command that has no commands of its own: people add it at the end.
void AddStorageOptions(CLI::App* app) {
  const auto nested = app->get_subcommands([](const CLI::App*) { return true; });
  for (CLI::App* one : nested) AddStorageOptions(one);
  if (nested.empty() && app->get_name() != "completion") AddStorageOption(app);
}

int Main(int argc, char** argv) {
  // Only the character set is taken from the locale: numbers and messages are the same everywhere.
  setlocale(LC_CTYPE, "");
  InstallInterrupts();
  // Batches of rows come and go in blocks of some MB: without this, glibc hands each back to the kernel and asks again.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  CLI::App root("Reads and writes Delta Lake tables, without a JVM.", "deltic");
  root.set_version_flag("--version", "deltic " + Version(), "The program's version");
  root.require_subcommand(1);
  root.footer("deltic COMMAND --help tells a command's options.");
  Commands commands(&root);
  for (auto add :
       {AddInfo,    AddSchema, AddFiles, AddHistory, AddCount,  AddCat,      AddExport, AddCdf,     AddExplain,
        AddSql,     AddCreate, AddWrite, AddAlter,   AddUpkeep, AddOptimize, AddReorg,  AddRestore, AddClone,
        AddConvert, AddDetail, AddMerge, AddVacuum,  AddRepair, AddManifest, AddDelete, AddUpdate,  AddCompletion}) {
    add(&commands);
  }
  for (CLI::App* app : root.get_subcommands([](const CLI::App*) { return true; })) {
    app->get_help_ptr()->description("This help");
    for (CLI::App* nested : app->get_subcommands([](const CLI::App*) { return true; })) {
      nested->get_help_ptr()->description("This help");
    }
  }
  root.get_help_ptr()->description("This help");
  AddStorageOptions(&root);
  AddStorageOption(&root);
  try {
    root.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    return PrintText(std::string(version.what()) + "\n");
  } catch (const CLI::CallForHelp&) {
    return PrintText(root.help());
  } catch (const CLI::ParseError& error) {
    const auto given = root.get_subcommands();
    const std::string_view word = argc > 1 ? argv[1] : "";
    if (given.empty() && !word.empty() && word[0] != '-') {
      PrintError(fmt::format("InvalidArgument: there is no command \"{}\"\nTry: deltic --help", Printable(word)));
      return kUsageStatus;
    }
    PrintError(fmt::format("InvalidArgument: {}\nTry: deltic {}--help", WithoutSecrets(error.what()),
                           given.empty() ? "" : given.front()->get_name() + " "));
    return kUsageStatus;
  }
  if (const Status read = ReadStorageOptions(); !read.ok()) return Finish(read);
  return Finish((*commands.Given())());
}

}  // namespace

}  // namespace deltic::cli

int main(int argc, char** argv) { return deltic::cli::Main(argc, argv); }
