// Owns the prompt, on libedit (BSD licence; GNU readline's would not fit ours).
#include "prompt.h"

#include <editline/readline.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

namespace deltic::cli {

namespace {

constexpr const char* kWords[] = {"select",        "from",      "where",     "group by",  "order by",   "limit",
                                  "join",          "left join", "on",        "using",     "with",       "as",
                                  "distinct",      "having",    "union all", "count(*)",  "between",    "delta_scan(",
                                  "read_parquet(", "read_csv(", "describe",  "summarize", "version =>", "timestamp =>"};

char* NextWord(const char* text, int state) {
  static size_t next;
  if (state == 0) next = 0;
  const size_t length = std::strlen(text);
  while (next < std::size(kWords)) {
    const char* word = kWords[next++];
    if (strncasecmp(word, text, length) == 0) return strdup(word);
  }
  return nullptr;
}

// Inside quotes a path is being written, elsewhere a word.
char** Complete(const char* text, int start, int) {
  int quotes = 0;
  for (int i = 0; i < start; i++) quotes += rl_line_buffer[i] == '\'';
  if (quotes % 2 == 1) return nullptr;  // libedit then completes file names
  return rl_completion_matches(text, NextWord);
}

std::string HistoryFile() {
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == 0 ? std::string() : std::string(home) + "/.deltic_history";
}

std::optional<std::string> ReadLine(const char* prompt) {
  std::unique_ptr<char, decltype(&std::free)> line(readline(prompt), &std::free);
  if (line == nullptr) return std::nullopt;
  return std::string(line.get());
}

}  // namespace

bool IsComplete(const std::string& sql) {
  char quote = 0;
  bool ended = false;
  for (size_t i = 0; i < sql.size(); i++) {
    const char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '-' && i + 1 < sql.size() && sql[i + 1] == '-') {
      i = sql.find('\n', i);
      if (i == std::string::npos) break;
      continue;
    }
    if (c == '/' && i + 1 < sql.size() && sql[i + 1] == '*') {
      const auto end = sql.find("*/", i + 2);
      if (end == std::string::npos) return false;
      i = end + 1;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == ';') {
      ended = true;
    } else if (!std::isspace(static_cast<unsigned char>(c))) {
      ended = false;
    }
  }
  return ended && quote == 0;
}

Status Prompt(const std::function<Status(const std::string& sql)>& run) {
  static char name[] = "deltic";
  rl_readline_name = name;
  rl_attempted_completion_function = Complete;
  using_history();
  const std::string history = HistoryFile();
  if (!history.empty()) read_history(history.c_str());
  std::printf("SQL over Delta tables: select ... from delta_scan('path'); end with ; and leave with .quit\n");

  std::string statement;
  while (true) {
    auto line = ReadLine(statement.empty() ? "deltic> " : "   ...> ");
    if (!line) break;
    if (statement.empty() && (*line == ".quit" || *line == ".exit")) break;
    if (statement.empty() && line->find_first_not_of(" \t") == std::string::npos) continue;
    statement += (statement.empty() ? "" : "\n") + *line;
    if (!IsComplete(statement)) continue;
    add_history(statement.c_str());
    if (auto status = run(statement); !status.ok()) {
      std::fprintf(stderr, "error: %s\n", status.error().ToString().c_str());
    }
    statement.clear();
  }
  std::printf("\n");
  if (!history.empty() && write_history(history.c_str()) == 0) chmod(history.c_str(), S_IRUSR | S_IWUSR);
  return {};
}

}  // namespace deltic::cli
