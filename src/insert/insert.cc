// Owns the steps of an insert, in their order: what the table will be, the files, what they replace, the commit; and
// that a failure between them leaves nothing behind.
#include "insert/insert.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "rewrite/feed_rows.h"
#include "rewrite/replace.h"
#include "scan/table_files.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
           return lower(x) == lower(y);
         });
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// A combination of options that asks for two things at once is refused, never guessed at.
Status CheckRequest(const InsertRequest& request) {
  const bool overwrite = request.mode == InsertMode::kOverwrite;
  if (!request.replace_where.empty() && !overwrite) return InvalidArgument("replaceWhere needs the mode overwrite");
  if (request.dynamic_partitions && !overwrite) {
    return InvalidArgument("dynamic partition overwrite needs the mode overwrite");
  }
  if (!request.replace_where.empty() && request.dynamic_partitions) {
    return InvalidArgument("replaceWhere and dynamic partition overwrite say each what is replaced: give one of them");
  }
  const bool replaces_part = !request.replace_where.empty() || request.dynamic_partitions;
  if (request.schema_mode == SchemaMode::kOverwrite && (!overwrite || replaces_part)) {
    return InvalidArgument("the schema can be overwritten only together with all rows (mode overwrite)");
  }
  return {};
}

// The table before the insert and after it.
struct Definitions {
  std::optional<TableDefinition> before;  // nullopt: there is no table
  TableDefinition after;
  bool changed = false;  // `after` must be committed
};

Status CheckPartitioning(const TableDefinition& table, const InsertRequest& request) {
  if (!request.partition_columns || request.schema_mode == SchemaMode::kOverwrite) return {};
  const auto& wanted = *request.partition_columns;
  const auto& actual = table.metadata.partition_columns;
  if (std::equal(wanted.begin(), wanted.end(), actual.begin(), actual.end(), SameName)) return {};
  return InvalidArgument(
      "the table is partitioned by {}, not by {}: leave partition columns out, or overwrite the schema", Joined(actual),
      Joined(wanted));
}

Result<Definitions> Define(const Snapshot* base, const Fields& incoming, const InsertRequest& request) {
  Definitions definitions;
  if (base == nullptr) {
    TableSpec spec = request.table;
    spec.schema = incoming;
    spec.partition_columns = request.partition_columns.value_or(std::vector<std::string>());
    DELTIC_TRY(definitions.after, DefineTable(spec, request.commit.env));
    definitions.changed = true;
    return definitions;
  }
  definitions.before = TableDefinition{
      .protocol = base->protocol(), .metadata = base->metadata(), .schema = base->schema(), .domains = {}};
  DELTIC_CHECK(CheckPartitioning(*definitions.before, request));
  WriteEvolution evolution{.incoming = incoming, .mode = request.schema_mode, .partition_columns = {}};
  if (request.schema_mode == SchemaMode::kOverwrite) evolution.partition_columns = request.partition_columns;
  DELTIC_TRY(std::optional<TableDefinition> evolved,
             EvolveForWrite(*definitions.before, evolution, request.commit.env));
  definitions.changed = evolved.has_value();
  definitions.after = evolved ? std::move(*evolved) : *definitions.before;
  return definitions;
}

// The identity columns' last values, into the schema's metadata, whose text the metaData action carries.
void TakeIdentityMarks(const WrittenRows& written, Definitions& definitions) {
  if (written.identity_marks.empty()) return;
  for (StructField& field : definitions.after.schema) {
    const auto mark = written.identity_marks.find(field.name);
    if (mark != written.identity_marks.end()) {
      field.metadata["delta.identity.highWaterMark"] = std::to_string(mark->second);
    }
  }
  definitions.after.metadata.schema_string = SchemaToJson(definitions.after.schema);
  definitions.changed = true;
}

class Inserting {
 public:
  Inserting(Engine& engine, std::shared_ptr<ObjectStore> store, std::shared_ptr<const Snapshot> base,
            const InsertRequest& request)
      : engine_(engine), store_(std::move(store)), base_(std::move(base)), request_(request) {}

  Result<InsertOutcome> Run(std::unique_ptr<RowInput> rows) {
    DELTIC_TRY(definitions_, Define(base_.get(), rows->schema(), request_));
    DELTIC_TRY(target_, MakeTarget());
    WriteOptions options = request_.write;
    if (base_ && !request_.replace_where.empty()) AddReplaceCheck(options);
    DELTIC_TRY(written_, WriteRows(engine_, std::move(rows), target_, options));
    TakeIdentityMarks(written_, definitions_);
    Result<InsertOutcome> outcome = ReplaceAndCommit();
    if (outcome.ok() || outcome.error().code() == Code::kCommitUnknown) return outcome;
    std::vector<AddFile> files = std::move(written_.files);
    files.insert(files.end(), copied_.files.begin(), copied_.files.end());
    for (const AddCdcFile& file : feed_) {
      files.emplace_back();
      files.back().path = file.path;
    }
    return DiscardFiles(*store_, files, std::move(outcome).error());
  }

 private:
  Result<WriteTarget> MakeTarget() const {
    WriteTarget target{.store = store_,
                       .protocol = definitions_.after.protocol,
                       .metadata = definitions_.after.metadata,
                       .schema = definitions_.after.schema,
                       .config = {}};
    DELTIC_TRY(target.config, MakeTableConfig(target.protocol, target.metadata));
    return target;
  }

  // As Spark: a replaced slice must stay what it is.
  void AddReplaceCheck(WriteOptions& options) const {
    RowCheck check{.sql = "(" + request_.replace_where + ")",
                   .failure = "a row to be written does not satisfy replaceWhere (" + request_.replace_where + ")",
                   .shown = {}};
    options.checks.push_back(std::move(check));
  }

  Result<InsertOutcome> ReplaceAndCommit() {
    DELTIC_CHECK(Replace());
    Intent intent{.base = base_, .store = store_};
    intent.operation = DescribeOperation();
    intent.read = replacement_.read;
    for (const auto* transaction : Transactions()) intent.read.app_ids.insert(transaction->app_id);
    intent.actions = Actions();
    intent.isolation = request_.isolation;
    intent.user_metadata = request_.user_metadata;
    intent.user_metadata_text = request_.user_metadata_text;
    const bool reads_table = base_ && request_.reads_table && request_.reads_table();
    intent.read.whole_table = intent.read.whole_table || reads_table;
    intent.blind_append = !base_ || (request_.mode != InsertMode::kOverwrite && !reads_table);
    DELTIC_TRY(Committed committed, Commit(intent, request_.commit));
    InsertOutcome outcome;
    outcome.written = true;
    outcome.version = committed.version;
    outcome.snapshot = std::move(committed.snapshot);
    outcome.rows = written_.num_rows;
    outcome.files_added = static_cast<int64_t>(written_.files.size() + copied_.files.size());
    outcome.bytes_added = written_.size_bytes + copied_.size_bytes;
    outcome.files_removed = static_cast<int64_t>(replacement_.removed.size());
    outcome.rows_copied = copied_.num_rows;
    outcome.retries = committed.retries;
    outcome.warnings = std::move(committed.warnings);
    return outcome;
  }

  Status Replace() {
    if (!base_ || request_.mode != InsertMode::kOverwrite) return {};
    if (request_.dynamic_partitions) {
      DELTIC_TRY(replacement_, ReplacePartitions(*base_, written_.files));
    } else if (request_.replace_where.empty()) {
      DELTIC_TRY(replacement_, ReplaceAll(*base_));
    } else {
      DELTIC_TRY(replacement_, ReplaceWhere(engine_, *base_, request_.replace_where));
      DELTIC_CHECK(CopyKeptRows());
    }
    return {};
  }

  Status CopyKeptRows() {
    if (replacement_.rewritten.empty()) return {};
    DELTIC_TRY(auto kept, KeptRows(engine_, base_, replacement_.rewritten, request_.replace_where));
    WriteOptions options = request_.write;
    options.rows = RowOrigin::kOwn;
    DELTIC_TRY(copied_, WriteRows(engine_, std::move(kept), target_, options));
    if (copied_.num_rows == 0) return {};
    if (target_.config.row_tracking_enabled && target_.config.row_id_column.empty()) {
      return Unsupported(
          "replaceWhere ({}) must copy {} other rows of the files it touches, and the table tracks rows but names no "
          "column for their ids: replace whole partitions, or use Spark",
          request_.replace_where, copied_.num_rows);
    }
    // The copies would look like deleted and inserted rows to readers of changes: so they are told which rows are.
    return target_.config.change_data_feed ? WriteFeed() : Status();
  }

  Status WriteFeed() {
    DELTIC_TRY(auto session, engine_.OpenWork({}));
    const auto add = [&](const char* name, const Fields& schema, const std::vector<AddFile>& files) -> Status {
      DELTIC_TRY(ReadSpec spec, MakeReadSpec(base_, {}));
      spec.scan.schema = schema;
      spec.scan.files = MakeFileSource(base_, files);
      return session->AddScan(name, spec.scan, {});
    };
    DELTIC_CHECK(add("deltic_replaced", base_->schema(), replacement_.rewritten));
    std::string sql =
        FeedRowsSql({.schema = base_->schema(), .change = "'delete'", .from = "deltic_replaced AS rows"}) + " WHERE (" +
        request_.replace_where + "\n)";
    if (!written_.files.empty()) {
      DELTIC_CHECK(add("deltic_written", target_.schema, written_.files));
      sql += " UNION ALL BY NAME " +
             FeedRowsSql({.schema = target_.schema, .change = "'insert'", .from = "deltic_written AS rows"});
    }
    DELTIC_TRY(auto input, session->Input(sql));
    WriteOptions options = request_.write;
    options.rows = RowOrigin::kOwn;
    DELTIC_TRY(feed_, WriteChangeFiles(engine_, std::move(input), target_, options));
    return {};
  }

  std::vector<const SetTransaction*> Transactions() const {
    std::vector<const SetTransaction*> all;
    if (request_.once) all.push_back(&*request_.once);
    for (const SetTransaction& transaction : request_.transactions) all.push_back(&transaction);
    return all;
  }

  std::vector<Action> Actions() const {
    std::vector<Action> actions;
    if (definitions_.changed) {
      actions = DefinitionActions(definitions_.before ? &*definitions_.before : nullptr, definitions_.after);
    }
    const int64_t now = request_.commit.env.now_ms();
    for (const auto* transaction : Transactions()) {
      SetTransaction action = *transaction;
      if (!action.last_updated) action.last_updated = now;
      actions.emplace_back(std::move(action));
    }
    for (const AddFile& file : replacement_.removed) actions.emplace_back(ToRemove(file, now));
    for (const AddFile& file : copied_.files) actions.emplace_back(file);
    for (const AddFile& file : written_.files) actions.emplace_back(file);
    for (const AddCdcFile& file : feed_) actions.emplace_back(file);
    return actions;
  }

  // The names and parameters that Spark's writes have in the history.
  Operation DescribeOperation() const {
    Operation operation{.name = "WRITE"};
    const auto text = [](const std::string& value) {
      return Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    const bool overwrite = request_.mode == InsertMode::kOverwrite;
    const char* mode = overwrite                                     ? "Overwrite"
                       : request_.mode == InsertMode::kErrorIfExists ? "ErrorIfExists"
                       : request_.mode == InsertMode::kIgnore        ? "Ignore"
                                                                     : "Append";
    operation.parameters["mode"] = text(mode);
    operation.parameters["partitionBy"] = text(Json(definitions_.after.metadata.partition_columns).dump());
    if (!request_.replace_where.empty()) operation.parameters["predicate"] = text(request_.replace_where);
    if (request_.dynamic_partitions) operation.parameters["isDynamicPartitionOverwrite"] = "true";
    operation.metrics["numFiles"] = std::to_string(written_.files.size() + copied_.files.size());
    operation.metrics["numOutputRows"] = std::to_string(written_.num_rows + copied_.num_rows);
    operation.metrics["numOutputBytes"] = std::to_string(written_.size_bytes + copied_.size_bytes);
    if (overwrite && base_) {
      int64_t bytes = 0;
      for (const AddFile& file : replacement_.removed) bytes += file.size;
      operation.metrics["numRemovedFiles"] = std::to_string(replacement_.removed.size());
      operation.metrics["numRemovedBytes"] = std::to_string(bytes);
      if (copied_.num_rows > 0) operation.metrics["numCopiedRows"] = std::to_string(copied_.num_rows);
    }
    return operation;
  }

  Engine& engine_;
  std::shared_ptr<ObjectStore> store_;
  std::shared_ptr<const Snapshot> base_;
  const InsertRequest& request_;
  Definitions definitions_;
  WriteTarget target_;
  WrittenRows written_;
  WrittenRows copied_;
  std::vector<AddCdcFile> feed_;
  Replacement replacement_;
};

}  // namespace

Result<InsertOutcome> Insert(Engine& engine, const std::shared_ptr<ObjectStore>& store,
                             std::shared_ptr<const Snapshot> base, std::unique_ptr<RowInput> rows,
                             const InsertRequest& request) {
  DELTIC_CHECK(CheckRequest(request));
  InsertOutcome unchanged;
  if (base) {
    DELTIC_CHECK(CheckWritable(base->protocol()));
    unchanged.version = base->version();
    unchanged.snapshot = base;
    if (request.mode == InsertMode::kErrorIfExists) {
      return AlreadyExists("{}: there is a table (version {}): choose the mode append or overwrite", store->uri(),
                           base->version());
    }
    if (request.mode == InsertMode::kIgnore) return unchanged;
    if (request.once) {
      DELTIC_TRY(const auto committed, base->TransactionVersion(request.once->app_id));
      if (committed && *committed >= request.once->version) return unchanged;
    }
  }
  return Inserting(engine, store, std::move(base), request).Run(std::move(rows));
}

}  // namespace deltic
