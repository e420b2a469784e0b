// Owns the sums over live files. Protocol: "Per-file Statistics", "Deletion Vectors".
#include "scan/statistics_answer.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "engine/engine.h"
#include "expr/exact.h"

namespace deltic {
namespace {

using Kind = StatisticsQuestion::Kind;

// One thread at a time.
class Answering {
 public:
  Answering(const Snapshot& snapshot, const StatisticsQuestion& question)
      : question_(question), columns_(Distinct(question)), reader_(StatsColumns(snapshot, columns_)) {
    for (const auto& value : question.values) {
      types_.push_back(snapshot.schema()[value.column].type);
      const auto found = std::find(columns_.begin(), columns_.end(), value.column);
      places_.push_back(static_cast<size_t>(found - columns_.begin()));
    }
  }

  Status AddKey(const Snapshot& snapshot, const std::string& partition_column) {
    const auto* field = FindField(snapshot.schema(), partition_column);
    if (field == nullptr) return Corrupt("partition column {} is not in the table's schema", partition_column);
    keys_.push_back({PhysicalName(*field, snapshot.config().mapping_mode), field->type});
    return {};
  }

  // False when there will be no answer.
  Result<bool> Add(const FileActionView& add) {
    DELTIC_TRY(StatisticsAnswer::Group * group, GroupOf(add));
    if (group == nullptr) return false;
    ++group->files;
    reader_.Read(add.stats.value_or(std::string_view()));
    const int64_t deleted = add.has_deletion_vector ? add.dv_cardinality : 0;
    const int64_t records = reader_.num_records();
    if (records < 0 || deleted < 0 || deleted > records) {
      group->rows.reset();
      for (auto& value : group->values) value.reset();
      return !keys_.empty();
    }
    const ExactFile file{.num_records = records,
                         .live_rows = records - deleted,
                         .has_deletion_vector = add.has_deletion_vector,
                         .tight_bounds = reader_.tight_bounds()};
    if (group->rows && __builtin_add_overflow(*group->rows, file.live_rows, &*group->rows)) {
      return Corrupt("the sum of all row counts is no possible number of rows");
    }
    bool known = group->rows.has_value();
    for (size_t i = 0; i < question_.values.size(); ++i) {
      auto& value = group->values[i];
      if (value) {
        DELTIC_CHECK(AddValue(ReadExact(file, reader_.column(places_[i]), types_[i]), question_.values[i].kind, value));
      }
      known = known && value;
    }
    return known || !keys_.empty();
  }

  StatisticsAnswer Take() {
    // Without keys there is one group, also of no file.
    if (keys_.empty() && answer_.groups.empty()) answer_.groups.push_back(EmptyGroup());
    return std::move(answer_);
  }

 private:
  struct Key {
    std::string physical_name;
    DataType type;
  };

  // Each column that is asked about once, however many questions there are about it.
  static std::vector<size_t> Distinct(const StatisticsQuestion& question) {
    std::vector<size_t> columns;
    for (const auto& value : question.values) {
      if (std::find(columns.begin(), columns.end(), value.column) == columns.end()) columns.push_back(value.column);
    }
    return columns;
  }

  static std::vector<StatsColumn> StatsColumns(const Snapshot& snapshot, const std::vector<size_t>& columns) {
    std::vector<StatsColumn> stats;
    for (const size_t column : columns) {
      const auto& field = snapshot.schema()[column];
      stats.push_back({.path = {PhysicalName(field, snapshot.config().mapping_mode)}, .type = field.type});
    }
    return stats;
  }

  StatisticsAnswer::Group EmptyGroup() const {
    StatisticsAnswer::Group group;
    group.rows = 0;
    for (size_t i = 0; i < question_.values.size(); ++i) {
      group.values.emplace_back(question_.values[i].kind == Kind::kCount
                                    ? Literal{DataType(TypeKind::kLong), static_cast<int64_t>(0)}
                                    : Literal::Null(types_[i]));
    }
    return group;
  }

  // The group of the file's partition values as they are written; null when there are too many.
  Result<StatisticsAnswer::Group*> GroupOf(const FileActionView& add) {
    text_.clear();
    for (const Key& key : keys_) {
      const auto* value = ValueOf(add, key);
      if (value == nullptr) {
        return Corrupt("data file {}: no value for partition column {} in its action", add.path, key.physical_name);
      }
      if (*value) text_.append(std::to_string((*value)->size())).append(":").append(**value);
      text_ += ';';
    }
    const auto [found, is_new] = groups_.try_emplace(text_, answer_.groups.size());
    if (is_new) {
      if (answer_.groups.size() >= question_.max_groups) return static_cast<StatisticsAnswer::Group*>(nullptr);
      answer_.groups.push_back(EmptyGroup());
      for (const Key& key : keys_) {
        const auto& value = *ValueOf(add, key);
        auto literal = ParsePartitionValue(value ? std::optional(std::string(*value)) : std::nullopt, key.type);
        if (!literal.ok()) {
          return Corrupt("data file {}, partition column {}: {}", add.path, key.physical_name,
                         literal.error().message());
        }
        answer_.groups.back().keys.push_back(std::move(literal).value());
      }
    }
    return &answer_.groups[found->second];
  }

  static const std::optional<std::string_view>* ValueOf(const FileActionView& add, const Key& key) {
    for (const auto& [name, value] : add.partition_values) {
      if (name == key.physical_name) return &value;
    }
    return nullptr;
  }

  static Status AddValue(const ExactColumn& file, Kind kind, std::optional<Literal>& sum) {
    if (kind == Kind::kCount) {
      auto& count = std::get<int64_t>(sum->value);
      if (file.values && __builtin_add_overflow(count, *file.values, &count)) {
        return Corrupt("the sum of all row counts is no possible number of rows");
      }
      if (!file.values) sum.reset();
      return {};
    }
    const auto& bound = kind == Kind::kMin ? file.min : file.max;
    if (!bound) {
      sum.reset();
      return {};
    }
    if (bound->is_null()) return {};
    if (!sum->is_null()) {
      const auto order = Compare(*bound, *sum);
      if (order && (kind == Kind::kMin ? *order >= 0 : *order <= 0)) return {};
    }
    sum = *bound;
    return {};
  }

  const StatisticsQuestion& question_;
  const std::vector<size_t> columns_;
  StatsReader reader_;           // of columns_
  std::vector<DataType> types_;  // of the question's values
  std::vector<size_t> places_;   // of the question's values in columns_
  std::vector<Key> keys_;
  StatisticsAnswer answer_;
  std::unordered_map<std::string, size_t> groups_;  // by the values' text
  std::string text_;
};

}  // namespace

Result<std::optional<StatisticsAnswer>> AnswerFromStatistics(const Snapshot& snapshot,
                                                             const StatisticsQuestion& question) {
  Answering answering(snapshot, question);
  for (const size_t key : question.keys) {
    DELTIC_CHECK(answering.AddKey(snapshot, snapshot.metadata().partition_columns[key]));
  }
  LiveFilesRequest request;
  request.predicate = question.filter;
  bool answered = true;
  DELTIC_CHECK(snapshot.VisitLiveFiles(request, [&](const FileActionView& add) -> Result<bool> {
    DELTIC_TRY(answered, answering.Add(add));
    return answered;
  }));
  if (!answered) return std::optional<StatisticsAnswer>();
  return std::optional(answering.Take());
}

}  // namespace deltic
