// Makes or changes a table by one step, for tests that other writers and readers take part in:
//
//   alter_step TABLE create DDL [KEY=VALUE...] [partition:COLUMN...] [cluster:COLUMN...]
//   alter_step TABLE set KEY=VALUE...       unset KEY...            add DDL [first | after:COLUMN] [in:PARENT]
//   alter_step TABLE rename COLUMN NAME     drop COLUMN...          type COLUMN TYPE        comment COLUMN TEXT
//   alter_step TABLE notnull COLUMN         nullable COLUMN         move COLUMN [first | after:COLUMN]
//   alter_step TABLE default COLUMN SQL     nodefault COLUMN        constraint NAME SQL     noconstraint NAME
//   alter_step TABLE nofeature NAME         cluster [COLUMN...]     name TEXT               description TEXT
//
// Prints the version; on an error its text on stderr, and the error's exit status. Not part of the product.
#include <cstdio>
#include <string>
#include <vector>

#include "alter/alter.h"
#include "base/error.h"
#include "features/properties.h"
#include "schema/ddl.h"
#include "storage/object_store.h"
#include "stores/open_store.h"

namespace deltic {
namespace {

using Words = std::vector<std::string>;

Result<ColumnPath> Path(const std::string& text) {
  const auto paths = ParseColumnList(text);
  if (!paths || paths->size() != 1) return InvalidArgument("'{}' is no column", text);
  return paths->front();
}

Result<std::vector<ColumnPath>> Paths(const Words& words, size_t from) {
  std::vector<ColumnPath> paths;
  for (size_t i = from; i < words.size(); ++i) {
    DELTIC_TRY(ColumnPath path, Path(words[i]));
    paths.push_back(std::move(path));
  }
  return paths;
}

StringMap Pairs(const Words& words, size_t from) {
  StringMap pairs;
  for (size_t i = from; i < words.size(); ++i) {
    const size_t equals = words[i].find('=');
    if (equals != std::string::npos) pairs[words[i].substr(0, equals)] = words[i].substr(equals + 1);
  }
  return pairs;
}

// The words that begin with `prefix`, without it.
Words Prefixed(const Words& words, const std::string& prefix) {
  Words found;
  for (const std::string& word : words) {
    if (word.starts_with(prefix)) found.push_back(word.substr(prefix.size()));
  }
  return found;
}

ColumnPosition PositionIn(const Words& words) {
  const Words after = Prefixed(words, "after:");
  return {.first = !Prefixed(words, "first").empty(), .after = after.empty() ? "" : after.front()};
}

Result<Change> MakeChange(const Words& words) {
  const std::string& step = words[0];
  const auto word = [&](size_t at) { return at < words.size() ? words[at] : std::string(); };
  if (step == "set") return Change(SetProperties{Pairs(words, 1)});
  if (step == "unset") return Change(UnsetProperties{.names = Words(words.begin() + 1, words.end())});
  if (step == "add") {
    DELTIC_TRY(const Fields fields, ParseDdl(word(1)));
    ColumnPath parent;
    if (const Words in = Prefixed(words, "in:"); !in.empty()) {
      DELTIC_TRY(parent, Path(in.front()));
    }
    AddColumns add;
    for (const StructField& field : fields) add.columns.push_back({parent, field, PositionIn(words)});
    return Change(add);
  }
  if (step == "constraint") return Change(AddConstraints{{{word(1), word(2)}}});
  if (step == "noconstraint") return Change(DropConstraint{.name = word(1)});
  if (step == "nofeature") return Change(DropFeature{word(1)});
  if (step == "name") return Change(SetTableName{word(1)});
  if (step == "description") return Change(SetTableDescription{word(1)});
  DELTIC_TRY(const std::vector<ColumnPath> paths, Paths(words, 1));
  if (step == "cluster") return Change(ClusterBy{paths});
  if (step == "drop") return Change(DropColumns{.columns = paths});
  if (paths.empty()) return InvalidArgument("the step {} needs a column", step);
  if (step == "rename") return Change(RenameColumn{paths[0], word(2)});
  if (step == "notnull") return Change(SetColumnNullable{paths[0], false});
  if (step == "nullable") return Change(SetColumnNullable{paths[0], true});
  return InvalidArgument("there is no step {}", step);
}

// Those whose second word is no column.
Result<Change> MakeColumnChange(const Words& words) {
  DELTIC_TRY(const ColumnPath path, Path(words.size() > 1 ? words[1] : ""));
  const std::string text = words.size() > 2 ? words[2] : "";
  if (words[0] == "type") {
    DELTIC_TRY(const DataType type, ParseDdlType(text));
    return Change(ChangeColumnType{path, type});
  }
  if (words[0] == "comment") return Change(SetColumnComment{path, text});
  if (words[0] == "default") return Change(SetColumnDefault{path, text});
  if (words[0] == "nodefault") return Change(SetColumnDefault{path, std::nullopt});
  return Change(MoveColumn{path, PositionIn(words)});
}

Result<int64_t> Create(const std::shared_ptr<ObjectStore>& store, const Words& words, const CommitOptions& options) {
  TableSpec spec;
  DELTIC_TRY(spec.schema, ParseDdl(words.size() > 1 ? words[1] : ""));
  spec.partition_columns = Prefixed(words, "partition:");
  spec.cluster_by = Prefixed(words, "cluster:");
  spec.configuration = Pairs(words, 2);
  DELTIC_TRY(const TableDefinition table, DefineTable(spec, options.env));
  Intent intent;
  intent.store = store;
  intent.operation.name = "CREATE TABLE";
  intent.actions = DefinitionActions(nullptr, table);
  DELTIC_TRY(const Committed done, Commit(intent, options));
  return done.version;
}

Result<int64_t> Run(const std::string& location, const Words& words) {
  DELTIC_TRY(const std::shared_ptr<ObjectStore> store, OpenStore(location));
  CommitOptions options;
  options.env = RealEnv();
  if (words[0] == "create") return Create(store, words, options);
  DELTIC_TRY(const std::shared_ptr<const Snapshot> snapshot, Snapshot::Open(store));
  const bool of_column = words[0] == "type" || words[0] == "comment" || words[0] == "default" ||
                         words[0] == "nodefault" || words[0] == "move";
  DELTIC_TRY(const Change change, of_column ? MakeColumnChange(words) : MakeChange(words));
  DELTIC_TRY(const Committed done, AlterTable(snapshot, change, options));
  for (const std::string& warning : done.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  return done.version;
}

}  // namespace
}  // namespace deltic

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: alter_step TABLE STEP ...\n");
    return 2;
  }
  const auto version = deltic::Run(argv[1], std::vector<std::string>(argv + 2, argv + argc));
  if (!version.ok()) {
    std::fprintf(stderr, "%s\n", version.error().ToString().c_str());
    return deltic::ExitStatus(version.error().code());
  }
  std::printf("%lld\n", static_cast<long long>(*version));
  return 0;
}
