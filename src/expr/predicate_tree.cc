// Owns the making of a PredicateTree. The question at every node is "can it be TRUE?", so FALSE and NULL are one here
// and NOT must be gone: De Morgan for AND and OR, the opposite comparison at a leaf (both are NULL for a null), NOT IN
// as an own test. A part whose meaning is not certain (an unknown column, a path through a list, a literal of a kind
// that does not compare with the column's) becomes kMay.
#include "expr/predicate_tree.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace deltic {
namespace {

using Kind = PredicateNode::Kind;

// Spark's key for collated strings, whose order and equality are not those of bytes.
constexpr const char* kCollations = "__COLLATIONS";
// Decimals of more digits may have lost some on their way through a writer's double (see bounds.cc).
constexpr int kDoubleSafeDigits = 15;

CompareOp Opposite(CompareOp op) {
  switch (op) {
    case CompareOp::kEq:
      return CompareOp::kNe;
    case CompareOp::kNe:
      return CompareOp::kEq;
    case CompareOp::kLt:
      return CompareOp::kGe;
    case CompareOp::kLe:
      return CompareOp::kGt;
    case CompareOp::kGt:
      return CompareOp::kLe;
    case CompareOp::kGe:
      return CompareOp::kLt;
    case CompareOp::kNullSafeEq:
      return CompareOp::kNullSafeNe;
    case CompareOp::kNullSafeNe:
      return CompareOp::kNullSafeEq;
  }
  return op;
}

PredicateNode May() { return {}; }

PredicateNode Never() {
  PredicateNode node;
  node.kind = Kind::kNever;
  return node;
}

PredicateNode LeafNode(Leaf leaf) {
  PredicateNode node;
  node.kind = Kind::kLeaf;
  node.uses_partition = leaf.partition >= 0;
  node.uses_statistics = leaf.column >= 0;
  node.leaf = std::move(leaf);
  return node;
}

// AND or OR of children, flattened; what decides nothing is dropped, what decides everything is the answer.
PredicateNode Combine(Kind kind, std::vector<PredicateNode> children) {
  const Kind neutral = kind == Kind::kAnd ? Kind::kMay : Kind::kNever;
  const Kind decisive = kind == Kind::kAnd ? Kind::kNever : Kind::kMay;
  PredicateNode node;
  node.kind = kind;
  for (PredicateNode& child : children) {
    if (child.kind == decisive) return std::move(child);
    if (child.kind == neutral) continue;
    node.uses_partition |= child.uses_partition;
    node.uses_statistics |= child.uses_statistics;
    if (child.kind == kind) {
      std::move(child.children.begin(), child.children.end(), std::back_inserter(node.children));
    } else {
      node.children.push_back(std::move(child));
    }
  }
  if (node.children.empty()) return neutral == Kind::kMay ? May() : Never();
  if (node.children.size() == 1) return PredicateNode(std::move(node.children[0]));
  std::stable_partition(node.children.begin(), node.children.end(),
                        [](const PredicateNode& child) { return !child.uses_statistics; });
  return node;
}

// A column as the predicate's leaves need it: a leaf without its test.
struct Column {
  Leaf leaf;
  const DataType* type = nullptr;
  bool ordered = true;  // values compare as their type says
};

class TreeBuilder {
 public:
  explicit TreeBuilder(PredicateTree& tree) : tree_(tree) {}

  PredicateNode Build(const Predicate& predicate, bool negated) {
    switch (predicate.kind) {
      case Predicate::Kind::kAnd:
        return BuildAll(predicate, negated ? Kind::kOr : Kind::kAnd, negated);
      case Predicate::Kind::kOr:
        return BuildAll(predicate, negated ? Kind::kAnd : Kind::kOr, negated);
      case Predicate::Kind::kNot:
        return predicate.children.size() == 1 ? Build(predicate.children[0], !negated) : May();
      case Predicate::Kind::kConstant:
        return BuildConstant(predicate, negated);
      case Predicate::Kind::kCompare:
        return BuildCompare(predicate, negated);
      case Predicate::Kind::kIn:
        return BuildIn(predicate, negated);
      case Predicate::Kind::kIsNull:
        return BuildNullTest(predicate.column, !negated);
      case Predicate::Kind::kIsNotNull:
        return BuildNullTest(predicate.column, negated);
      case Predicate::Kind::kStartsWith:
        return BuildStartsWith(predicate, negated);
      case Predicate::Kind::kOpaque:
        break;
    }
    return May();
  }

 private:
  PredicateNode BuildAll(const Predicate& predicate, Kind kind, bool negated) {
    std::vector<PredicateNode> children;
    for (const Predicate& child : predicate.children) children.push_back(Build(child, negated));
    return Combine(kind, std::move(children));
  }

  static PredicateNode BuildConstant(const Predicate& predicate, bool negated) {
    if (predicate.literals.size() != 1) return May();
    if (predicate.literals[0].is_null()) return Never();
    const bool* truth = std::get_if<bool>(&predicate.literals[0].value);
    return truth != nullptr && *truth == negated ? Never() : May();
  }

  PredicateNode BuildNullTest(const ColumnPath& path, bool is_null) {
    auto column = Resolve(path);
    if (!column) return May();
    column->leaf.test = is_null ? Leaf::Test::kIsNull : Leaf::Test::kIsNotNull;
    return LeafNode(std::move(column->leaf));
  }

  PredicateNode BuildCompare(const Predicate& predicate, bool negated) {
    if (predicate.literals.size() != 1) return May();
    const Literal& literal = predicate.literals[0];
    const CompareOp op = negated ? Opposite(predicate.op) : predicate.op;
    if (literal.is_null()) {
      if (op == CompareOp::kNullSafeEq) return BuildNullTest(predicate.column, true);
      return op == CompareOp::kNullSafeNe ? BuildNullTest(predicate.column, false) : Never();
    }
    auto column = Resolve(predicate.column);
    if (!column || !Compares(*column, literal)) return May();
    Leaf& leaf = column->leaf;
    leaf.test = Leaf::Test::kCompare;
    leaf.op = op == CompareOp::kNullSafeEq ? CompareOp::kEq : op == CompareOp::kNullSafeNe ? CompareOp::kNe : op;
    AddLiteral(*column, literal);
    if (op != CompareOp::kNullSafeNe) return LeafNode(std::move(leaf));
    std::vector<PredicateNode> either;
    either.push_back(BuildNullTest(predicate.column, true));
    either.push_back(LeafNode(std::move(leaf)));
    return Combine(Kind::kOr, std::move(either));
  }

  PredicateNode BuildIn(const Predicate& predicate, bool negated) {
    const auto& literals = predicate.literals;
    if (literals.empty()) return negated ? May() : Never();
    const bool has_null = std::any_of(literals.begin(), literals.end(), [](const Literal& l) { return l.is_null(); });
    if (negated && has_null) return Never();  // FALSE or NULL, never TRUE
    auto column = Resolve(predicate.column);
    Leaf* leaf = column ? &column->leaf : nullptr;
    for (const Literal& literal : literals) {
      if (literal.is_null()) continue;
      if (leaf == nullptr || !Compares(*column, literal)) return May();
      AddLiteral(*column, literal);
    }
    if (leaf == nullptr) return May();
    if (leaf->literals.empty()) return Never();
    leaf->test = negated ? Leaf::Test::kNotIn : Leaf::Test::kIn;
    if (!leaf->linear) {
      std::sort(leaf->literals.begin(), leaf->literals.end(),
                [](const Scalar& a, const Scalar& b) { return Order(a, b) < 0; });
    }
    return LeafNode(std::move(*leaf));
  }

  PredicateNode BuildStartsWith(const Predicate& predicate, bool negated) {
    if (predicate.literals.size() != 1) return May();
    if (predicate.literals[0].is_null()) return Never();
    auto column = Resolve(predicate.column);
    const Scalar prefix = ViewOf(predicate.literals[0]);
    if (!column || !column->ordered || column->leaf.tag != ScalarTag::kString || prefix.tag != ScalarTag::kString)
      return May();
    column->leaf.test = negated ? Leaf::Test::kNotStartsWith : Leaf::Test::kStartsWith;
    column->leaf.literals.push_back(prefix);
    return LeafNode(std::move(column->leaf));
  }

  static bool Compares(const Column& column, const Literal& literal) {
    return column.ordered && HaveOrder(column.leaf.tag, ViewOf(literal).tag);
  }

  static void AddLiteral(Column& column, const Literal& literal) {
    Leaf& leaf = column.leaf;
    const Scalar view = ViewOf(literal);
    leaf.literals.push_back(view);
    if ((leaf.tag == ScalarTag::kReal) != (view.tag == ScalarTag::kReal)) {
      leaf.rounds_to_double = true;
      leaf.rounds_to_float |= column.type->kind() == TypeKind::kFloat || literal.type.kind() == TypeKind::kFloat;
      leaf.linear = true;
    }
    if (view.tag == ScalarTag::kReal && std::isnan(view.real)) leaf.linear = true;
  }

  std::optional<Column> Resolve(const ColumnPath& path) {
    const Fields* fields = &tree_.input.schema;
    const StructField* field = nullptr;
    StatsColumn stats;
    Column column;
    bool collated = false;
    for (const std::string& name : path) {
      if (fields == nullptr) return std::nullopt;  // a path through a list or a map, or below a primitive
      if (field != nullptr && field->nullable) column.leaf.counts_nulls = false;
      field = FindField(*fields, name);
      if (field == nullptr) return std::nullopt;
      collated |= field->metadata.contains(kCollations);
      stats.path.push_back(PhysicalName(*field, tree_.input.mode));
      fields = field->type.kind() == TypeKind::kStruct ? &field->type.fields() : nullptr;
    }
    if (field == nullptr) return std::nullopt;
    column.type = &field->type;
    column.leaf.tag = TagOf(field->type);
    if (column.leaf.tag == ScalarTag::kNone) return std::nullopt;
    column.ordered = !collated;
    if (path.size() == 1 && IsPartitionColumn(*field)) {
      column.leaf.partition = PlaceOfPartition(*field, stats.path[0]);
      return column;
    }
    column.leaf.exact_bounds = HasExactBounds(field->type);
    stats.type = field->type;
    stats.bounded = !collated && column.leaf.tag != ScalarTag::kBinary;
    stats.was_float = std::any_of(field->type_changes.begin(), field->type_changes.end(), [](const TypeChange& change) {
      return change.field_path.empty() && change.from.kind() == TypeKind::kFloat;
    });
    column.leaf.column = PlaceOfStats(std::move(stats));
    return column;
  }

  static bool HasExactBounds(const DataType& type) {
    switch (TagOf(type)) {
      case ScalarTag::kBoolean:
      case ScalarTag::kInteger:
      case ScalarTag::kDate:
        return true;
      case ScalarTag::kDecimal:
        return type.precision() <= kDoubleSafeDigits;
      default:
        return false;
    }
  }

  bool IsPartitionColumn(const StructField& field) const {
    const auto& names = tree_.input.partition_columns;
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return name == field.name || FindField(tree_.input.schema, name) == &field;
    });
  }

  int PlaceOfPartition(const StructField& field, const std::string& physical_name) {
    auto& columns = tree_.partition_columns;
    const auto at = std::find_if(columns.begin(), columns.end(),
                                 [&](const PartitionColumn& column) { return column.physical_name == physical_name; });
    if (at != columns.end()) return static_cast<int>(at - columns.begin());
    columns.push_back({field.name, physical_name, field.type});
    return static_cast<int>(columns.size() - 1);
  }

  int PlaceOfStats(StatsColumn stats) {
    auto& columns = tree_.stats_columns;
    const auto at = std::find_if(columns.begin(), columns.end(),
                                 [&](const StatsColumn& column) { return column.path == stats.path; });
    if (at != columns.end()) return static_cast<int>(at - columns.begin());
    columns.push_back(std::move(stats));
    return static_cast<int>(columns.size() - 1);
  }

  PredicateTree& tree_;
};

bool ExcludesNan(const Leaf& leaf) {
  const bool below = leaf.op == CompareOp::kEq || leaf.op == CompareOp::kLt || leaf.op == CompareOp::kLe;
  if (leaf.test != Leaf::Test::kIn && !(leaf.test == Leaf::Test::kCompare && below)) return false;
  return std::none_of(leaf.literals.begin(), leaf.literals.end(),
                      [](const Scalar& s) { return s.tag == ScalarTag::kReal && std::isnan(s.real); });
}

// NaN is above every maximum, so `x > 5` alone can never refute a file. In `x > 5 AND x < 9` a row with NaN is not
// TRUE, whatever else the conjunction holds: then the maximum may be used for every test of x in it.
void MarkNanFree(PredicateNode& node, std::set<int> nan_free) {
  if (node.kind == Kind::kAnd) {
    for (const PredicateNode& child : node.children) {
      if (child.kind == Kind::kLeaf && child.leaf.column >= 0 && ExcludesNan(child.leaf))
        nan_free.insert(child.leaf.column);
    }
  }
  if (node.kind == Kind::kLeaf) node.leaf.nan_free = nan_free.contains(node.leaf.column);
  for (PredicateNode& child : node.children) MarkNanFree(child, nan_free);
}

// Columns of leaves that were cut away need be neither parsed nor read: a partition value nobody asks for is not
// Corrupt.
class UsedColumns {
 public:
  explicit UsedColumns(PredicateTree& tree)
      : tree_(tree), partition_(tree.partition_columns.size(), -1), stats_(tree.stats_columns.size(), -1) {}

  void Keep() {
    Number(tree_.root);
    tree_.partition_columns = std::move(partition_columns_);
    tree_.stats_columns = std::move(stats_columns_);
  }

 private:
  template <class T>
  static void Renumber(int& place, std::vector<int>& places, std::vector<T>& from, std::vector<T>& to) {
    if (place < 0) return;
    if (places[place] < 0) {
      places[place] = static_cast<int>(to.size());
      to.push_back(std::move(from[place]));
    }
    place = places[place];
  }
  void Number(PredicateNode& node) {
    if (node.kind == Kind::kLeaf) {
      Renumber(node.leaf.partition, partition_, tree_.partition_columns, partition_columns_);
      Renumber(node.leaf.column, stats_, tree_.stats_columns, stats_columns_);
    }
    for (PredicateNode& child : node.children) Number(child);
  }

  PredicateTree& tree_;
  std::vector<int> partition_, stats_;
  std::vector<PartitionColumn> partition_columns_;
  std::vector<StatsColumn> stats_columns_;
};

}  // namespace

std::shared_ptr<const PredicateTree> MakePredicateTree(PrunerInput input) {
  auto tree = std::make_shared<PredicateTree>();
  tree->input = std::move(input);
  tree->root = TreeBuilder(*tree).Build(tree->input.predicate, false);
  UsedColumns(*tree).Keep();
  MarkNanFree(tree->root, {});
  return tree;
}

}  // namespace deltic
