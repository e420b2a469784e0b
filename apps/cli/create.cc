// Owns `deltic create`: a new table without rows.
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "commands.h"
#include "deltic/write.h"
#include "output.h"
#include "storage_arguments.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct CreateArguments {
  std::string location, columns, schema_file, like, mode = "error";
  bool quiet = false;
};

// Columns by definitions, by schema JSON in a file, or as another table has them.
Status TakeSchema(const CreateArguments& a, CreateRequest& request) {
  const int given = (a.columns.empty() ? 0 : 1) + (a.schema_file.empty() ? 0 : 1) + (a.like.empty() ? 0 : 1);
  if (given != 1) return InvalidArgument("say which columns: COLUMNS, --schema-file or --like (one of them)");
  request.schema_ddl = a.columns;
  if (!a.schema_file.empty()) {
    std::ifstream file(a.schema_file);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return NotFound("{}: the schema file cannot be read", a.schema_file);
    request.schema_json = text.str();
  }
  if (!a.like.empty()) {
    DELTIC_TRY(const Table like, OpenTable(a.like));
    request.schema_json = like.Info().schema_json;
    if (request.table.partition_by.empty()) request.table.partition_by = like.Info().partition_columns;
  }
  return {};
}

}  // namespace

void AddCreate(Commands* commands) {
  CLI::App* command = commands->Add("create", "Makes a table without rows");
  auto a = std::make_shared<CreateArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  command->add_option("COLUMNS", a->columns,
                      "\"id bigint not null, name string comment 'x', y int generated always as (year(d))\"");
  command->add_option("--schema-file", a->schema_file, "A file with the schema as JSON (deltic schema --json)")
      ->type_name("FILE");
  command->add_option("--like", a->like, "Takes columns and partitioning of another table")->type_name("TABLE");
  command->add_option("--mode", a->mode, "When there is a table: error (default), ignore, overwrite")
      ->type_name("MODE")
      ->check(CLI::IsMember({"error", "ignore", "overwrite"}));
  command->add_flag("--quiet", a->quiet, "No closing line");
  auto table = NewTableArguments::AddTo(command);
  auto commit = CommitArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    CreateRequest request;
    request.mode = a->mode == "ignore"      ? CreateMode::kIgnore
                   : a->mode == "overwrite" ? CreateMode::kOverwrite
                                            : CreateMode::kErrorIfExists;
    DELTIC_TRY(request.table, table->ToProperties());
    DELTIC_TRY(request.commit, commit->ToProperties());
    request.storage_options = GivenStorageOptions();
    DELTIC_CHECK(TakeSchema(*a, request));
    DELTIC_TRY(const Table created, Create(a->location, request));
    if (a->quiet) return {};
    Output err(STDERR_FILENO, "standard error");
    const TableInfo info = created.Info();
    err.Write(fmt::format("version {}: reader {}, writer {}\n", info.version, info.protocol.min_reader_version,
                          info.protocol.min_writer_version));
    return err.Flush();
  });
}

}  // namespace deltic::cli
