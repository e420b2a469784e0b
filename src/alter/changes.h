// Owns the changes that ALTER knows, each as a value, and what each makes of a table: the new definition, how
// commitInfo names it, and what must be true of the rows that are there. Pure: alter/alter.h looks at rows and commits.
// Protocol: "Change Metadata", "Protocol Evolution", "Column Mapping", "Type Widening", "Clustered Table".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "alter/definition.h"
#include "commit/commit.h"

namespace deltic {

struct ColumnPosition {
  bool first = false;
  std::string after;  // a column of the same struct; with neither a column goes to the end
};
struct NewColumn {
  ColumnPath parent;  // the struct it goes into; empty for the table itself
  StructField field;  // nullable; its metadata may hold a comment
  ColumnPosition position;
};

struct AddColumns {
  std::vector<NewColumn> columns;
};
struct RenameColumn {
  ColumnPath column;
  std::string to;
};
struct DropColumns {
  std::vector<ColumnPath> columns;
  bool if_exists = false;
};
// Of a column, an element, a key or a value: {"l", "element"}.
struct ChangeColumnType {
  ColumnPath column;
  DataType to;
};
struct SetColumnNullable {
  ColumnPath column;
  bool nullable = true;  // false: rows are looked at first
};
struct SetColumnComment {
  ColumnPath column;
  std::optional<std::string> comment;
};
struct MoveColumn {
  ColumnPath column;
  ColumnPosition position;
};
struct SetColumnDefault {
  ColumnPath column;
  std::optional<std::string> expression;  // Spark's SQL; nullopt drops it
};
// Free metadata of a column; what Delta keeps there is refused.
struct SetColumnMetadata {
  ColumnPath column;
  std::map<std::string, std::string> metadata;  // values as JSON; an empty text takes the key away
};
struct SetProperties {
  StringMap properties;  // delta.feature.X and the protocol versions too
};
struct UnsetProperties {
  std::vector<std::string> names;
  bool if_exists = false;
};
struct AddConstraints {
  std::vector<CheckConstraint> constraints;
};
struct DropConstraint {
  std::string name;
  bool if_exists = false;
};
struct DropFeature {
  std::string name;
};
struct SetTableName {
  std::optional<std::string> name;
};
struct SetTableDescription {
  std::optional<std::string> description;
};
struct ClusterBy {
  std::vector<ColumnPath> columns;  // empty: no longer
};

using Change =
    std::variant<AddColumns, RenameColumn, DropColumns, ChangeColumnType, SetColumnNullable, SetColumnComment,
                 MoveColumn, SetColumnDefault, SetColumnMetadata, SetProperties, UnsetProperties, AddConstraints,
                 DropConstraint, DropFeature, SetTableName, SetTableDescription, ClusterBy>;

// Rows that would make the change wrong.
struct RowProof {
  std::string violation;  // the engine's SQL over the table's columns, true for such a row
  std::string failure;    // what the error says when there are `{}` of them
};

struct Altered {
  TableDefinition table;
  Operation operation;
  std::vector<RowProof> proofs;
  // Not empty: the change is only for a table without files; what to do instead.
  std::string needs_no_files;
  // Not empty: the same for files with deletion vectors.
  std::string needs_no_deletion_vectors;
  // Files without row ids are added anew, so that they get some.
  bool backfill_row_ids = false;
  // The protocol loses a feature.
  bool drops_feature = false;
  // Of a reader's feature that is dropped: checkpoints must stand between the versions with it and those without, and
  // the table says so by the feature checkpointProtection.
  bool protect_checkpoints = false;
  // Of such a feature: what turns it off comes first, in a commit of its own.
  std::optional<SetProperties> first_set;
  std::optional<UnsetProperties> first_unset;

  // Whether there is anything to commit.
  bool Changes(const TableDefinition& before) const { return !DefinitionActions(&before, table).empty(); }
};

// `table.domains` are those that the table has. InvalidArgument naming column, property, constraint or feature for what
// may not be; Unsupported for what this build cannot do; NotFound for a constraint or property that is not there;
// AlreadyExists for a column or constraint that is.
Result<Altered> ApplyChange(const TableDefinition& table, const Change& change, const Env& env);

// Parts of it, by what they change.
Result<Altered> ApplyTo(const TableDefinition& table, const AddColumns& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const RenameColumn& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const DropColumns& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const ChangeColumnType& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnNullable& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnComment& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const MoveColumn& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnDefault& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnMetadata& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const SetProperties& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const UnsetProperties& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const AddConstraints& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const DropConstraint& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const DropFeature& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const SetTableName& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const SetTableDescription& change, const Env& env);
Result<Altered> ApplyTo(const TableDefinition& table, const ClusterBy& change, const Env& env);

}  // namespace deltic
