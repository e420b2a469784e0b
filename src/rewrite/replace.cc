// Owns the choice of the files that an overwrite replaces.
#include "rewrite/replace.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/error.h"
#include "scan/table_files.h"
#include "schema/engine_sql.h"

namespace deltic {
namespace {

Result<std::vector<AddFile>> Collect(const Snapshot& table, const LiveFilesRequest& request) {
  DELTIC_TRY(auto cursor, table.LiveFiles(request));
  std::vector<AddFile> files;
  while (true) {
    DELTIC_TRY(std::optional<AddFile> file, cursor->Next());
    if (!file) return files;
    files.push_back(std::move(*file));
  }
}

std::vector<StructField> PartitionFields(const Snapshot& table) {
  std::vector<StructField> fields;
  for (const std::string& name : table.metadata().partition_columns) {
    const StructField* field = FindField(table.schema(), name);
    if (field != nullptr) fields.push_back(*field);  // Snapshot has refused tables where one is missing
  }
  return fields;
}

// Whether the text may say something else each time that it is asked: random(), uuid(), a sequence's next value. Errs
// towards yes.
bool MayVary(std::string sql) {
  std::transform(sql.begin(), sql.end(), sql.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* name : {"random", "uuid", "nextval", "currval", "setseed", "shuffle", "sample"}) {
    if (sql.find(name) != std::string::npos) return true;
  }
  return false;
}

// Whether the text can be judged by partition values alone: for all rows of a partition at once.
bool ReadsPartitionsOnly(Engine& engine, const Snapshot& table, const std::string& predicate) {
  const Fields fields = PartitionFields(table);
  return !fields.empty() && !MayVary(predicate) && engine.ExpressionType(fields, predicate).ok();
}

// Literal::ToString is the engine's SQL, but the type of a NULL must be said, and binary is spelled X'0A' there.
std::string TypedSql(const Literal& value) {
  const bool binary = value.type.kind() == TypeKind::kBinary && !value.is_null();
  const std::string text = binary ? "unhex(" + value.ToString().substr(1) + ")" : value.ToString();
  return "CAST(" + text + " AS " + EngineTypeName(value.type) + ")";
}

// For each distinct partition of `files`, whether the predicate is true of it. Asked of the engine, so that it means
// exactly what it means for rows.
Result<std::set<PartitionValues>> MatchingPartitions(Engine& engine, const Snapshot& table,
                                                     const std::vector<AddFile>& files, const std::string& predicate) {
  const std::vector<StructField> fields = PartitionFields(table);
  std::vector<const PartitionValues*> partitions;
  std::set<PartitionValues> seen;
  std::string values;
  for (const AddFile& file : files) {
    const auto [place, is_new] = seen.insert(file.partition_values);
    if (!is_new) continue;
    values += partitions.empty() ? "(" : ", (";
    values += std::to_string(partitions.size());
    for (const StructField& field : fields) {
      DELTIC_TRY(const Literal value,
                 PartitionLiteral(file.partition_values, field, table.config().mapping_mode, file.path));
      values += ", " + TypedSql(value);
    }
    values += ")";
    partitions.push_back(&*place);
  }
  std::set<PartitionValues> matching;
  if (partitions.empty()) return matching;
  std::string names = "\"#\"";
  for (const StructField& field : fields) names += ", " + QuoteSqlName(field.name);
  DELTIC_TRY(auto session, engine.OpenSql([](const TableReference&) -> Result<ScanSpec> {
    return Error(Code::kInvalidArgument, "a replaceWhere predicate cannot read tables");
  }));
  DELTIC_TRY(auto rows, session->ReadText(fmt::format("SELECT \"#\" FROM (VALUES {}) AS partitions({}) WHERE {}",
                                                      values, names, predicate),
                                          CancelToken()));
  while (true) {
    DELTIC_TRY(auto batch, rows->Next());
    if (batch.empty()) return matching;
    for (const auto& row : batch) matching.insert(*partitions[std::stoul(row[0].value_or("0"))]);
  }
}

}  // namespace

Result<Replacement> ReplaceAll(const Snapshot& table) {
  Replacement replacement;
  replacement.read.whole_table = true;
  DELTIC_TRY(replacement.removed, Collect(table, {.all_fields = true}));
  return replacement;
}

Result<Replacement> ReplaceWhere(Engine& engine, const Snapshot& table, const std::string& predicate) {
  Replacement replacement;
  LiveFilesRequest request{.all_fields = true};
  DELTIC_TRY(request.predicate, engine.BindPredicate(table.schema(), predicate));
  DELTIC_TRY(std::vector<AddFile> candidates, Collect(table, request));
  replacement.read.predicates.push_back(std::move(request.predicate));
  if (!ReadsPartitionsOnly(engine, table, predicate)) {
    replacement.rewritten = candidates;
    replacement.removed = std::move(candidates);
    return replacement;
  }
  DELTIC_TRY(const auto matching, MatchingPartitions(engine, table, candidates, "(" + predicate + ")"));
  for (AddFile& file : candidates) {
    if (matching.contains(file.partition_values)) replacement.removed.push_back(std::move(file));
  }
  return replacement;
}

Result<Replacement> ReplacePartitions(const Snapshot& table, const std::vector<AddFile>& written) {
  Replacement replacement;
  const std::vector<StructField> fields = PartitionFields(table);
  if (fields.empty()) return ReplaceAll(table);
  // By value, not by text: other writers spell the same timestamp or number in other ways.
  std::set<std::string> wanted;
  const auto key = [&](const AddFile& file) -> Result<std::string> {
    std::string text;
    for (const StructField& field : fields) {
      DELTIC_TRY(const Literal value,
                 PartitionLiteral(file.partition_values, field, table.config().mapping_mode, file.path));
      const std::string sql = value.ToString();
      text += std::to_string(sql.size()) + ":" + sql + ",";
    }
    return text;
  };
  for (const AddFile& file : written) {
    DELTIC_TRY(std::string text, key(file));
    if (!wanted.insert(std::move(text)).second) continue;
    Predicate partition{.kind = Predicate::Kind::kAnd};
    for (const StructField& field : fields) {
      DELTIC_TRY(Literal value, PartitionLiteral(file.partition_values, field, table.config().mapping_mode, file.path));
      Predicate term{.kind = Predicate::Kind::kIsNull, .column = {field.name}};
      if (!value.is_null()) {
        term.kind = Predicate::Kind::kCompare;
        term.op = CompareOp::kEq;
        term.literals = {std::move(value)};
      }
      partition.children.push_back(std::move(term));
    }
    replacement.read.predicates.push_back(std::move(partition));
  }
  DELTIC_TRY(auto cursor, table.LiveFiles({.stats = false, .all_fields = true}));
  while (true) {
    DELTIC_TRY(std::optional<AddFile> file, cursor->Next());
    if (!file) return replacement;
    DELTIC_TRY(const std::string text, key(*file));
    if (wanted.contains(text)) replacement.removed.push_back(std::move(*file));
  }
}

Result<std::unique_ptr<RowInput>> KeptRows(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                                           std::vector<AddFile> files, const std::string& predicate) {
  // Copied rows keep their row ids, which the new files then hold themselves.
  const bool row_ids = table->config().row_tracking_enabled && !table->config().row_id_column.empty();
  DELTIC_TRY(ReadSpec spec, MakeReadSpec(table, {.where = "((" + predicate + ")) IS NOT TRUE", .row_ids = row_ids}));
  spec.scan.files = MakeFileSource(table, std::move(files));
  return engine.InputFromScan(spec);
}

}  // namespace deltic
