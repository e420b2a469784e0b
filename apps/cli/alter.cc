// Owns `deltic alter`: one change of what a table is for each run. What a change means is deltic/manage.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "base/error.h"
#include "commands.h"
#include "deltic/manage.h"
#include "output.h"
#include "storage_arguments.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

// What the actions' options fill; each action looks at its own.
struct AlterArguments {
  std::string location, column, to, text, after, parent;
  std::vector<std::string> words;
  bool first = false, if_exists = false, none = false;
};

using Change = std::function<Result<ChangeOutcome>(Alter&, const AlterArguments&)>;

Result<std::map<std::string, std::string>> Pairs(const std::vector<std::string>& words) {
  std::map<std::string, std::string> pairs;
  for (const std::string& word : words) {
    DELTIC_TRY(auto pair, ParsePair("property", word));
    pairs[pair.first] = pair.second;
  }
  return pairs;
}

Status Report(const ChangeOutcome& outcome) {
  PrintWarnings(outcome.warnings);
  Output err(STDERR_FILENO, "standard error");
  err.Write(outcome.changed ? fmt::format("version {}\n", outcome.version)
                            : fmt::format("nothing to change: it is so already (version {})\n", outcome.version));
  return err.Flush();
}

// Makes the subcommands of `alter`, which all take the table first and can carry commit properties.
class Actions {
 public:
  Actions(Commands* commands, CLI::App* command) : commands_(commands), command_(command) {}

  CLI::App* Add(const char* name, const char* what, const std::shared_ptr<AlterArguments>& a, const Change& change) {
    CLI::App* action = command_->add_subcommand(name, what);
    action->add_option("TABLE", a->location, "The table's folder")->required();
    auto commit = CommitArguments::AddTo(action);
    commands_->SetRun(action, [=]() -> Status {
      DELTIC_TRY(CommitProperties properties, commit->ToProperties());
      DELTIC_TRY(Table table, OpenTable(a->location));
      Alter alter(table, std::move(properties));
      DELTIC_TRY(const ChangeOutcome outcome, change(alter, *a));
      return Report(outcome);
    });
    return action;
  }

 private:
  Commands* commands_;
  CLI::App* command_;
};

using Arguments = const AlterArguments&;

void AddPosition(CLI::App* action, AlterArguments& a) {
  auto* first = action->add_flag("--first", a.first, "Before all others");
  action->add_option("--after", a.after, "After this column")->type_name("COLUMN")->excludes(first);
}

void AddColumnActions(Actions& actions) {
  auto a = std::make_shared<AlterArguments>();
  CLI::App* action = actions.Add("add-column", "Adds columns", a, [](Alter& alter, Arguments given) {
    std::vector<ColumnToAdd> columns;
    std::string after = given.after;
    for (const std::string& definition : given.words) {
      columns.push_back({.definition = definition, .parent = given.parent, .first = given.first, .after = after});
    }
    return alter.AddColumns(columns);
  });
  action->add_option("DEFINITION", a->words, "\"city string comment 'where'\"; more than one may be given")->required();
  action->add_option("--in", a->parent, "The struct column that it goes into")->type_name("COLUMN");
  AddPosition(action, *a);

  a = std::make_shared<AlterArguments>();
  action = actions.Add("rename-column", "Renames a column (needs column mapping)", a,
                       [](Alter& alter, Arguments given) { return alter.RenameColumn(given.column, given.to); });
  action->add_option("COLUMN", a->column, "Which: name, or struct.field")->required();
  action->add_option("NAME", a->to, "Its new name")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("drop-column", "Drops columns (needs column mapping; files are not rewritten)", a,
                       [](Alter& alter, Arguments given) { return alter.DropColumns(given.words, given.if_exists); });
  action->add_option("COLUMN", a->words, "Which")->required();
  action->add_flag("--if-exists", a->if_exists, "No error for a column that is not there");

  a = std::make_shared<AlterArguments>();
  action = actions.Add("change-type", "Widens a column's type (needs delta.enableTypeWidening)", a,
                       [](Alter& alter, Arguments given) { return alter.ChangeColumnType(given.column, given.to); });
  action->add_option("COLUMN", a->column, "Which")->required();
  action->add_option("TYPE", a->to, "The wider type, as bigint or decimal(20,2)")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("set-not-null", "Forbids NULL in a column, if no row has it", a,
                       [](Alter& alter, Arguments given) { return alter.SetColumnNullable(given.column, false); });
  action->add_option("COLUMN", a->column, "Which")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("drop-not-null", "Allows NULL in a column", a,
                       [](Alter& alter, Arguments given) { return alter.SetColumnNullable(given.column, true); });
  action->add_option("COLUMN", a->column, "Which")->required();

  a = std::make_shared<AlterArguments>();
  action =
      actions.Add("comment", "Sets a column's comment; an empty text drops it", a, [](Alter& alter, Arguments given) {
        return alter.SetColumnComment(given.column,
                                      given.text.empty() ? std::optional<std::string>() : std::optional(given.text));
      });
  action->add_option("COLUMN", a->column, "Which")->required();
  action->add_option("TEXT", a->text, "The comment")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("move-column", "Changes where a column stands", a, [](Alter& alter, Arguments given) {
    return alter.MoveColumn(given.column, given.first, given.after);
  });
  action->add_option("COLUMN", a->column, "Which")->required();
  AddPosition(action, *a);

  a = std::make_shared<AlterArguments>();
  action = actions.Add("set-default", "Sets the value of a column where a write does not give one", a,
                       [](Alter& alter, Arguments given) { return alter.SetColumnDefault(given.column, given.text); });
  action->add_option("COLUMN", a->column, "Which")->required();
  action->add_option("EXPRESSION", a->text, "Spark SQL, as 0 or current_timestamp()")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("drop-default", "Drops a column's default", a, [](Alter& alter, Arguments given) {
    return alter.SetColumnDefault(given.column, std::nullopt);
  });
  action->add_option("COLUMN", a->column, "Which")->required();
}

void AddTableActions(Actions& actions) {
  auto a = std::make_shared<AlterArguments>();
  CLI::App* action =
      actions.Add("set", "Sets table properties", a, [](Alter& alter, Arguments given) -> Result<ChangeOutcome> {
        DELTIC_TRY(auto pairs, Pairs(given.words));
        return alter.SetProperties(pairs);
      });
  action->add_option("KEY=VALUE", a->words, "delta.enableDeletionVectors=true")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("unset", "Takes table properties away", a, [](Alter& alter, Arguments given) {
    return alter.UnsetProperties(given.words, given.if_exists);
  });
  action->add_option("KEY", a->words, "Which")->required();
  action->add_flag("--if-exists", a->if_exists, "No error for a property that is not there");

  a = std::make_shared<AlterArguments>();
  action = actions.Add("add-constraint", "Adds a CHECK constraint, if every row satisfies it", a,
                       [](Alter& alter, Arguments given) {
                         return alter.AddConstraints({{given.to, given.text}});
                       });
  action->add_option("NAME", a->to, "Its name")->required();
  action->add_option("EXPRESSION", a->text, "Spark SQL that must be true of each row")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("drop-constraint", "Drops a CHECK constraint", a,
                       [](Alter& alter, Arguments given) { return alter.DropConstraint(given.to, given.if_exists); });
  action->add_option("NAME", a->to, "Its name")->required();
  action->add_flag("--if-exists", a->if_exists, "No error for a constraint that is not there");

  a = std::make_shared<AlterArguments>();
  action = actions.Add("add-feature", "Makes the table support features", a,
                       [](Alter& alter, Arguments given) { return alter.AddFeatures(given.words); });
  action->add_option("FEATURE", a->words, "deletionVectors, columnMapping, ...")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("drop-feature", "Takes a feature and what it left behind away", a,
                       [](Alter& alter, Arguments given) { return alter.DropFeature(given.to); });
  action->add_option("FEATURE", a->to, "Which")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("name", "Sets the table's name; an empty text drops it", a, [](Alter& alter, Arguments given) {
    return alter.SetName(given.text.empty() ? std::optional<std::string>() : std::optional(given.text));
  });
  action->add_option("TEXT", a->text, "The name")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add(
      "description", "Sets the table's description; an empty text drops it", a, [](Alter& alter, Arguments given) {
        return alter.SetDescription(given.text.empty() ? std::optional<std::string>() : std::optional(given.text));
      });
  action->add_option("TEXT", a->text, "The description")->required();

  a = std::make_shared<AlterArguments>();
  action = actions.Add("cluster-by", "Sets the clustering columns; none ends the clustering", a,
                       [](Alter& alter, Arguments given) -> Result<ChangeOutcome> {
                         if (given.none == !given.words.empty()) {
                           return InvalidArgument("give clustering columns, or --none");
                         }
                         return alter.ClusterBy(given.words);
                       });
  action->add_option("COLUMN", a->words, "Which");
  action->add_flag("--none", a->none, "The table is no longer clustered");
}

}  // namespace

void AddAlter(Commands* commands) {
  CLI::App* command = commands->Add("alter", "Changes what a table is: columns, properties, constraints, features");
  command->require_subcommand(1);
  Actions actions(commands, command);
  AddColumnActions(actions);
  AddTableActions(actions);
}

}  // namespace deltic::cli
