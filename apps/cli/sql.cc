// Owns `deltic sql`: SQL over tables, as one query, from standard input, or at a prompt (prompt.cc).
// Does not parse SQL: the engine does.
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "deltic/sql.h"
#include "prompt.h"
#include "row_source.h"
#include "storage_arguments.h"
#include "table/sql_state.h"

namespace deltic::cli {

namespace {

struct SqlArguments {
  std::string query;
  std::vector<std::string> tables;  // "name=location"
  std::string format = "table";
};

Status RegisterTables(Sql& sql, const std::vector<std::string>& tables) {
  for (const std::string& text : tables) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
      return InvalidArgument("--table {}: write NAME=LOCATION", text);
    }
    DELTIC_TRY(Table table, OpenTable(text.substr(equals + 1)));
    DELTIC_CHECK(sql.Register(text.substr(0, equals), table));
  }
  return {};
}

Status RunQuery(Sql& sql, const std::string& query, const std::string& format) {
  SqlSession& session = *sql.state()->session;
  RowSource rows;
  rows.text = [&](const CancelToken& cancel) { return session.ReadText(query, cancel); };
  rows.write = [&](const ExportOptions& to, const CancelToken& cancel) { return session.Export(query, to, cancel); };
  return PrintRows(rows, format);
}

}  // namespace

void AddSql(Commands* commands) {
  CLI::App* command = commands->Add("sql", "SQL over tables and files; a prompt when no query is given");
  auto arguments = std::make_shared<SqlArguments>();
  command->add_option("QUERY", arguments->query,
                      "SQL text, e.g. \"select count(*) from delta_scan('path')\"; - reads standard input");
  command->add_option("--table", arguments->tables, "A name for a table: NAME=LOCATION; may be given more than once")
      ->type_name("NAME=LOCATION")
      ->allow_extra_args(false);
  command->add_option("--format", arguments->format, "table (default), csv, or json: one object a line")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "csv", "json"}));
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(Sql sql, Sql::Open(GivenStorageOptions()));
    DELTIC_CHECK(RegisterTables(sql, arguments->tables));
    std::string query = arguments->query;
    if (query.empty() && isatty(STDIN_FILENO)) {
      return Prompt([&](const std::string& text) { return RunQuery(sql, text, arguments->format); });
    }
    if (query.empty() || query == "-") {
      query.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
    }
    return RunQuery(sql, query, arguments->format);
  });
}

}  // namespace deltic::cli
