// Owns the judgement of a predicate against one file. The predicate is compiled once: NOT is pushed down to the leaves
// (so that every node asks "can this be TRUE?"), names are resolved to partition columns and places in the statistics,
// literals are checked against the column's type, and parts that can decide nothing are cut away. What a bound proves
// is decided in bounds.cc, how statistics are read in stats.cc.
//
// A leaf over a partition column is exact, for the value is the same in every row. A leaf over a data column knows a
// range and a null count; it answers "no" only when no value in the range makes it TRUE.
#include "expr/prune.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/error.h"
#include "expr/leaf.h"
#include "expr/predicate_tree.h"
#include "expr/stats.h"

namespace deltic {
namespace {

enum class Verdict : uint8_t { kMay, kNotByPartition, kNotByStatistics };

// The value of one partition column in the file at hand; neighbours in a log often share it, so it is parsed once.
struct PartitionValue {
  bool parsed = false;
  std::optional<std::string> text;
  Literal literal = Literal::Null(DataType());
  Scalar view;
};

class TreePruner final : public Pruner {
 public:
  explicit TreePruner(std::shared_ptr<const PredicateTree> tree)
      : tree_(std::move(tree)), stats_(tree_->stats_columns), values_(tree_->partition_columns.size()) {}

  Result<PruneReason> Check(const FileFacts& file) override {
    const PredicateNode& root = tree_->root;
    if (root.kind == PredicateNode::Kind::kMay) return PruneReason::kKept;
    DELTIC_CHECK(ReadPartitionValues(file));
    file_ = &file;
    stats_read_ = false;
    switch (Judge(root)) {
      case Verdict::kNotByPartition:
        return PruneReason::kPartition;
      case Verdict::kNotByStatistics:
        return PruneReason::kStatistics;
      case Verdict::kMay:
        break;
    }
    return PruneReason::kKept;
  }

  std::unique_ptr<Pruner> Clone() const override { return std::make_unique<TreePruner>(tree_); }
  bool uses_statistics() const override { return tree_->root.uses_statistics; }

 private:
  Status ReadPartitionValues(const FileFacts& file) {
    if (file.partition_values == nullptr) return {};
    for (size_t i = 0; i < values_.size(); ++i) {
      const PartitionColumn& column = tree_->partition_columns[i];
      PartitionValue& value = values_[i];
      const auto at = file.partition_values->find(column.physical_name);
      const bool present = at != file.partition_values->end() && at->second.has_value();
      if (value.parsed && (present ? value.text == at->second : !value.text.has_value())) continue;
      value.parsed = false;
      value.text = present ? at->second : std::nullopt;
      auto literal = ParsePartitionValue(value.text, column.type);
      if (!literal.ok()) return Corrupt("column {}: {}", column.name, literal.error().message());
      value.literal = std::move(*literal);
      value.view = ViewOf(value.literal);
      value.parsed = true;
    }
    return {};
  }

  Verdict Judge(const PredicateNode& node) {
    switch (node.kind) {
      case PredicateNode::Kind::kMay:
        return Verdict::kMay;
      case PredicateNode::Kind::kNever:
        return Verdict::kNotByPartition;
      case PredicateNode::Kind::kAnd:
        return JudgeAnd(node);
      case PredicateNode::Kind::kOr:
        return JudgeOr(node);
      case PredicateNode::Kind::kLeaf:
        return JudgeLeaf(node.leaf);
    }
    return Verdict::kMay;
  }

  // Children that partition values decide alone come first (the tree is built so), and a "no" from them is the better
  // reason; after a "no" from statistics only a child that also looks at partition values can still improve on it.
  Verdict JudgeAnd(const PredicateNode& node) {
    Verdict verdict = Verdict::kMay;
    for (const PredicateNode& child : node.children) {
      if (verdict != Verdict::kMay && !child.uses_partition) continue;
      const Verdict answer = Judge(child);
      if (answer == Verdict::kNotByPartition) return answer;
      if (answer != Verdict::kMay) verdict = answer;
    }
    return verdict;
  }

  Verdict JudgeOr(const PredicateNode& node) {
    Verdict verdict = Verdict::kNotByPartition;
    for (const PredicateNode& child : node.children) {
      const Verdict answer = Judge(child);
      if (answer == Verdict::kMay) return answer;
      if (answer == Verdict::kNotByStatistics) verdict = answer;
    }
    return verdict;
  }

  Verdict JudgeLeaf(const Leaf& leaf) {
    if (leaf.partition >= 0) {
      if (file_->partition_values == nullptr) return Verdict::kMay;
      return IsTrueFor(leaf, values_[leaf.partition].view) ? Verdict::kMay : Verdict::kNotByPartition;
    }
    if (!stats_read_) {
      stats_.Read(file_->stats_json);
      stats_read_ = true;
    }
    return MayBeTrue(leaf, stats_.column(leaf.column), stats_.num_records()) ? Verdict::kMay
                                                                             : Verdict::kNotByStatistics;
  }

  const std::shared_ptr<const PredicateTree> tree_;
  StatsReader stats_;
  std::vector<PartitionValue> values_;
  const FileFacts* file_ = nullptr;  // during Check
  bool stats_read_ = false;
};

}  // namespace

std::unique_ptr<Pruner> MakePruner(PrunerInput input) {
  return std::make_unique<TreePruner>(MakePredicateTree(std::move(input)));
}

}  // namespace deltic
