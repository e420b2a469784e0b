// Owns `deltic completion` and the text of the three scripts.
#include "completion.h"

#include <fmt/format.h>
#include <unistd.h>

#include "commands.h"
#include "output.h"

namespace deltic::cli {

namespace {

// What follows an option's name on the command line.
enum class Value { kNone, kText, kFile, kFolder };

struct OptionText {
  std::string name;  // "--where"
  std::string description;
  Value value;
  std::string words;  // "table csv json" when only these may follow
};

struct CommandText {
  std::string name;
  std::string description;
  std::vector<OptionText> options;
};

std::string WordsOf(const std::string& command, const std::string& option) {
  if (option != "--format") return "";
  if (command == "cdf") return "table csv json parquet arrow";
  return command == "cat" || command == "sql" ? "table csv json" : "parquet csv json arrow";
}

CommandText Describe(const CLI::App& app) {
  CommandText text{app.get_name(), app.get_description(), {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;
    const std::string name = "--" + option->get_lnames().front();
    const Value value = option->get_items_expected_max() == 0 ? Value::kNone
                        : name == "--temp-dir"                ? Value::kFolder
                        : name == "--output"                  ? Value::kFile
                                                              : Value::kText;
    text.options.push_back({name, option->get_description(), value, WordsOf(text.name, name)});
  }
  return text;
}

std::vector<CommandText> DescribeAll(const CLI::App& root) {
  std::vector<CommandText> commands;
  for (const CLI::App* command : root.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(Describe(*command));
  }
  return commands;
}

// For single-quoted shell text: ' becomes '\''.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted += "'\\'";
    quoted += c;
  }
  return quoted + "'";
}

// For a description inside a zsh _arguments specification.
std::string ZshText(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string NamesOf(const std::vector<OptionText>& options) {
  std::string names;
  for (const OptionText& option : options) names += (names.empty() ? "" : " ") + option.name;
  return names;
}

}  // namespace

std::string BashCompletion(const CLI::App& root) {
  std::string names;
  std::string cases;
  for (const CommandText& command : DescribeAll(root)) {
    names += (names.empty() ? "" : " ") + command.name;
    std::string values;
    for (const OptionText& option : command.options) {
      if (option.value == Value::kNone) continue;
      const std::string reply = !option.words.empty()
                                    ? fmt::format("$(compgen -W {} -- \"$word\")", Quoted(option.words))
                                : option.value == Value::kFolder ? "$(compgen -d -- \"$word\")"
                                : option.value == Value::kFile   ? "$(compgen -f -- \"$word\")"
                                                                 : "";
      values += fmt::format("        {}) COMPREPLY=({}); return ;;\n", option.name, reply);
    }
    const bool shells = command.name == "completion";
    cases += fmt::format(
        "    {})\n      case \"$before\" in\n{}        *) ;;\n      esac\n      options={}\n{}      ;;\n", command.name,
        values, Quoted(NamesOf(command.options)), shells ? "      words='bash zsh fish'\n" : "");
  }
  return fmt::format(R"(# deltic's completion for bash. Put it into effect: source <(deltic completion bash)
_deltic() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" options= words=
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '{} {}' -- "$word"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{}    *) return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  else
    compopt -o filenames 2>/dev/null
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -F _deltic deltic
)",
                     names, NamesOf(Describe(root).options), cases);
}

std::string ZshCompletion(const CLI::App& root) {
  std::string list;
  std::string cases;
  for (const CommandText& command : DescribeAll(root)) {
    list += fmt::format("    {}\n", Quoted(command.name + ":" + ZshText(command.description)));
    cases += fmt::format("    {})\n      _arguments \\\n", command.name);
    for (const OptionText& option : command.options) {
      std::string spec = option.name + "[" + ZshText(option.description) + "]";
      if (!option.words.empty()) {
        spec += ":value:(" + option.words + ")";
      } else if (option.value == Value::kFolder) {
        spec += ":folder:_files -/";
      } else if (option.value == Value::kFile) {
        spec += ":file:_files";
      } else if (option.value == Value::kText) {
        spec += ":value: ";
      }
      cases += fmt::format("        {} \\\n", Quoted(spec));
    }
    cases += command.name == "completion" ? "        ':shell:(bash zsh fish)'\n"
             : command.name == "export"   ? "        ':table:_files -/' ':output:_files'\n"
                                          : "        ':table:_files -/'\n";
    cases += "      ;;\n";
  }
  return fmt::format(R"(#compdef deltic
# deltic's completion for zsh. Put it into effect: deltic completion zsh > "${{fpath[1]}}/_deltic"
_deltic() {{
  local -a commands
  commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="${{words[2]}}"
  shift words
  (( CURRENT-- ))
  case "$command" in
{}  esac
}}
if [ "$funcstack[1]" = "_deltic" ]; then
  _deltic "$@"
else
  compdef _deltic deltic
fi
)",
                     list, cases);
}

std::string FishCompletion(const CLI::App& root) {
  std::string text =
      "# deltic's completion for fish. Put it into effect: deltic completion fish > "
      "~/.config/fish/completions/deltic.fish\n";
  for (const OptionText& option : Describe(root).options) {
    text += fmt::format("complete -c deltic -n __fish_use_subcommand -l {} -d {}\n", option.name.substr(2),
                        Quoted(option.description));
  }
  for (const CommandText& command : DescribeAll(root)) {
    text += fmt::format("complete -c deltic -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                        Quoted(command.description));
    const std::string condition = Quoted("__fish_seen_subcommand_from " + command.name);
    if (command.name == "completion") {
      text += fmt::format("complete -c deltic -n {} -f -a 'bash zsh fish'\n", condition);
    }
    for (const OptionText& option : command.options) {
      std::string value = option.value == Value::kNone ? "" : option.value == Value::kText ? " -x" : " -r";
      if (!option.words.empty()) value += " -a " + Quoted(option.words);
      text += fmt::format("complete -c deltic -n {} -l {}{} -d {}\n", condition, option.name.substr(2), value,
                          Quoted(option.description));
    }
  }
  return text;
}

void AddCompletion(Commands* commands) {
  CLI::App* command = commands->Add("completion", "A script that completes deltic's command line in your shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  const CLI::App* root = commands->root();
  commands->SetRun(command, [=]() -> Status {
    Output out(STDOUT_FILENO, "standard output");
    out.Write(*shell == "bash"  ? BashCompletion(*root)
              : *shell == "zsh" ? ZshCompletion(*root)
                                : FishCompletion(*root));
    return out.Flush();
  });
}

}  // namespace deltic::cli
