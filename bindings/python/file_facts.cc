// Owns what Python is told of many files at once, as Arrow: the add actions with their statistics, and the deletion
// vectors. One pass over the live files, nothing of it in Python. Does not read data files.
// Protocol: "Add File and Remove File", "Per-file Statistics", "Deletion Vectors".
#include <nanobind/nanobind.h>

#include <algorithm>
#include <utility>

#include "arrow_column.h"
#include "base/url.h"
#include "bindings.h"
#include "snapshot/snapshot.h"
#include "statistics.h"
#include "table/state.h"

namespace deltic::python {
namespace {

// A batch ends here, so that 32-bit offsets of texts and lists always suffice.
constexpr int64_t kBatchFiles = 262144;
constexpr int64_t kBatchTextBytes = int64_t{512} << 20;
constexpr int64_t kBatchMaskRows = int64_t{1} << 28;

std::string ArrowFormat(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return "b";
    case TypeKind::kByte:
      return "c";
    case TypeKind::kShort:
      return "s";
    case TypeKind::kInteger:
      return "i";
    case TypeKind::kLong:
      return "l";
    case TypeKind::kFloat:
      return "f";
    case TypeKind::kDouble:
      return "g";
    case TypeKind::kDecimal:
      return "d:" + std::to_string(type.precision()) + "," + std::to_string(type.scale());
    case TypeKind::kBinary:
      return "z";
    case TypeKind::kDate:
      return "tdD";
    case TypeKind::kTimestamp:
      return "tsu:UTC";
    case TypeKind::kTimestampNtz:
      return "tsu:";
    default:
      return "u";
  }
}

void Append(ArrowColumn& column, const std::optional<Literal>& value) {
  if (!value || value->is_null()) return column.AppendNull();
  const auto whole = [&] { return std::get<int64_t>(value->value); };
  switch (value->type.kind()) {
    case TypeKind::kBoolean:
      return column.AppendBool(std::get<bool>(value->value));
    case TypeKind::kByte:
      return column.AppendFixed(static_cast<int8_t>(whole()));
    case TypeKind::kShort:
      return column.AppendFixed(static_cast<int16_t>(whole()));
    case TypeKind::kInteger:
    case TypeKind::kDate:
      return column.AppendFixed(static_cast<int32_t>(whole()));
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return column.AppendFixed(whole());
    case TypeKind::kFloat:
      return column.AppendFixed(static_cast<float>(std::get<double>(value->value)));
    case TypeKind::kDouble:
      return column.AppendFixed(std::get<double>(value->value));
    case TypeKind::kDecimal:
      return column.AppendFixed(std::get<Int128>(value->value));
    default:
      return column.AppendText(std::get<std::string>(value->value));
  }
}

// Which slot of the statistics, or which partition column, fills the next leaf of the table of files.
struct Source {
  int slot = -1;
  std::string partition;
  DataType type;
};

// The columns of the answer, one after the other; a group of them (min, max, ...) is one struct, or flat with its name
// and a point before theirs.
class ActionColumns {
 public:
  ActionColumns(const Fields& fields, const std::vector<std::string>& partition_columns, MappingMode mode, bool flat)
      : statistics_(DataFields(fields, partition_columns), mode), flat_(flat) {
    top_.emplace_back("path", "u", false);
    top_.emplace_back("size_bytes", "l", false);
    top_.emplace_back("modification_time", "l", false);
    top_.emplace_back("num_records", "l");
    AddGroup("null_count", Fact::kNullCount);
    AddGroup("min", Fact::kMin);
    AddGroup("max", Fact::kMax);
    AddPartitions(fields, partition_columns);
    rows_ = std::make_unique<ArrowColumn>("", "+s", false, std::move(top_));
  }

  void Append(const FileInfo& file) {
    statistics_.Read(file.stats_json ? std::string_view(*file.stats_json) : std::string_view());
    rows_->child(0).AppendText(file.path);
    rows_->child(1).AppendFixed(file.size_bytes);
    rows_->child(2).AppendFixed(file.modification_time_ms);
    const auto& records = statistics_.num_records();
    records ? rows_->child(3).AppendFixed(*records) : rows_->child(3).AppendNull();
    size_t next = 0;
    for (size_t i = 4; i < groups_.size() + 4; ++i) AppendLeaves(rows_->child(i), groups_[i - 4], file, next);
    rows_->AppendNested();
  }

  bool full() const { return rows_->length() >= kBatchFiles || rows_->text_bytes() >= kBatchTextBytes; }
  int64_t length() const { return rows_->length(); }
  SchemaCopy Schema() const { return rows_->Schema(); }
  ArrowArray Take() { return rows_->Take(); }

 private:
  // What lies below a column: nothing for a leaf. A struct is null where the statistics do not have it.
  struct Shape {
    std::vector<Shape> children;
    std::optional<Fact> fact = {};
    const FactNode* node = nullptr;
  };

  static Fields DataFields(const Fields& fields, const std::vector<std::string>& partition_columns) {
    Fields data;
    for (const auto& field : fields) {
      if (!IsPartition(field, partition_columns)) data.push_back(field);
    }
    return data;
  }
  static bool IsPartition(const StructField& field, const std::vector<std::string>& partition_columns) {
    return std::any_of(partition_columns.begin(), partition_columns.end(),
                       [&](const auto& name) { return FindField({field}, name) != nullptr; });
  }

  void AddGroup(const std::string& name, Fact fact) {
    const auto& nodes = statistics_.columns(fact);
    if (flat_) return AddFlat(name, nodes);
    if (nodes.empty()) return;
    Shape shape{.fact = fact};
    top_.push_back(Nested(name, nodes, shape));
    groups_.push_back(std::move(shape));
  }
  void AddFlat(const std::string& prefix, const std::vector<FactNode>& nodes) {
    for (const auto& node : nodes) {
      const auto name = prefix + "." + node.name;
      if (node.slot < 0) {
        AddFlat(name, node.children);
      } else {
        top_.push_back(Leaf(name, {.slot = node.slot, .type = statistics_.slot(node.slot).type}));
        groups_.emplace_back();
      }
    }
  }
  ArrowColumn Nested(const std::string& name, const std::vector<FactNode>& nodes, Shape& shape) {
    std::vector<ArrowColumn> children;
    for (const auto& node : nodes) {
      Shape below{.node = node.slot < 0 ? &node : nullptr};
      children.push_back(node.slot < 0
                             ? Nested(node.name, node.children, below)
                             : Leaf(node.name, {.slot = node.slot, .type = statistics_.slot(node.slot).type}));
      shape.children.push_back(std::move(below));
    }
    return {name, "+s", true, std::move(children)};
  }
  void AddPartitions(const Fields& fields, const std::vector<std::string>& partition_columns) {
    std::vector<ArrowColumn> children;
    Shape shape;
    for (const auto& field : fields) {
      if (!IsPartition(field, partition_columns) || field.type.nested()) continue;
      children.push_back(
          Leaf(flat_ ? "partition." + field.name : field.name, {.partition = field.name, .type = field.type}));
      shape.children.emplace_back();
    }
    if (flat_) {
      for (auto& child : children) {
        top_.push_back(std::move(child));
        groups_.emplace_back();
      }
    } else if (!children.empty()) {
      top_.emplace_back("partition", "+s", true, std::move(children));
      groups_.push_back(std::move(shape));
    }
  }
  ArrowColumn Leaf(const std::string& name, Source source) {
    ArrowColumn column(name, ArrowFormat(source.type));
    sources_.push_back(std::move(source));
    return column;
  }

  // Leaves come in the order in which they were made, which is that of their sources.
  void AppendLeaves(ArrowColumn& column, const Shape& shape, const FileInfo& file, size_t& next) {
    if (shape.children.empty()) {
      const auto& source = sources_[next++];
      return python::Append(column, source.slot >= 0 ? statistics_.slot(source.slot).value : Partition(source, file));
    }
    for (size_t i = 0; i < shape.children.size(); ++i) AppendLeaves(column.child(i), shape.children[i], file, next);
    const bool there =
        shape.fact ? statistics_.has(*shape.fact) : shape.node == nullptr || statistics_.has(*shape.node);
    column.AppendNested(there);
  }
  static std::optional<Literal> Partition(const Source& source, const FileInfo& file) {
    const auto found = file.partition_values.find(source.partition);
    if (found == file.partition_values.end() || !found->second || found->second->empty()) return std::nullopt;
    return ReadText(*found->second, source.type);
  }

  FileStatistics statistics_;
  bool flat_;
  std::vector<ArrowColumn> top_;
  std::vector<Shape> groups_;
  std::vector<Source> sources_;
  std::unique_ptr<ArrowColumn> rows_;
};

// Frees batches that nobody took.
struct BatchList {
  std::vector<ArrowArray> batches;
  ~BatchList() {
    for (auto& batch : batches) batch.release(&batch);
  }
};

nb::object AddActions(const Table& table, bool flatten) {
  const auto& snapshot = *table.state()->snapshot;
  ActionColumns columns(snapshot.schema(), snapshot.metadata().partition_columns, snapshot.config().mapping_mode,
                        flatten);
  BatchList done;
  CancelToken cancel;
  Unwrap(Interruptible(cancel, [&] {
    return table.VisitFiles("", [&](const FileInfo& file) {
      columns.Append(file);
      if (columns.full()) done.batches.push_back(columns.Take());
      return !cancel.cancelled();
    });
  }));
  if (columns.length() > 0 || done.batches.empty()) done.batches.push_back(columns.Take());
  return MakeBatches(columns.Schema(), std::exchange(done.batches, {}));
}

// As a URL, so that local and remote tables look alike. What a URL's path may hold as it is stays (RFC 3986, "pchar").
std::string FileUrl(const FileInfo& file) {
  if (!file.full_path.starts_with("/")) return file.full_path;
  return "file://" + PercentEncode(file.full_path, "/!$&'()*+,;=:@");
}

// One row for each file with a deletion vector: filepath, and selection_vector, which is true for rows that live.
nb::object DeletionVectors(const Table& table) {
  ArrowColumn rows("", "+s", false,
                   {ArrowColumn("filepath", "U", false),
                    ArrowColumn("selection_vector", "+l", false, {ArrowColumn("item", "b", false)})});
  BatchList done;
  CancelToken cancel;
  Unwrap(Interruptible(cancel, [&]() -> Status {
    Status status;
    DELTIC_CHECK(table.VisitFiles("", [&](const FileInfo& file) {
      if (!file.deletion_vector) return !cancel.cancelled();
      auto deleted = table.DeletedRows(file);
      if (!deleted.ok()) {
        status = std::move(deleted).error();
        return false;
      }
      FileStatistics statistics({}, MappingMode::kNone);
      statistics.Read(file.stats_json ? std::string_view(*file.stats_json) : std::string_view());
      const uint64_t named = deleted->empty() ? 0 : deleted->back() + 1;
      const uint64_t length =
          std::max(named, static_cast<uint64_t>(std::max<int64_t>(0, statistics.num_records().value_or(0))));
      if (length > static_cast<uint64_t>(kBatchMaskRows)) {
        status = Error(Code::kUnsupported, "file '" + file.path + "' is said to have " + std::to_string(length) +
                                               " rows: too many for one selection vector; read the table instead");
        return false;
      }
      if (rows.length() > 0 && rows.child(1).child(0).length() + static_cast<int64_t>(length) > kBatchMaskRows) {
        done.batches.push_back(rows.Take());
      }
      auto next = deleted->begin();
      for (uint64_t row = 0; row < length; ++row) {
        const bool dead = next != deleted->end() && *next == row;
        if (dead) ++next;
        rows.child(1).child(0).AppendBool(!dead);
      }
      rows.child(0).AppendText(FileUrl(file));
      rows.child(1).AppendNested();
      rows.AppendNested();
      return !cancel.cancelled();
    }));
    return status;
  }));
  if (rows.length() > 0) done.batches.push_back(rows.Take());
  return MakeBatches(rows.Schema(), std::exchange(done.batches, {}));
}

}  // namespace

void BindFileFacts(nb::class_<Table>& table) {
  table.def("add_actions", AddActions, nb::arg("flatten"));
  table.def("deletion_vectors", DeletionVectors);
}

}  // namespace deltic::python
