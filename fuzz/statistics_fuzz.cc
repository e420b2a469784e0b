// Feeds bytes as a file's statistics to NumRecords and to pruners of many predicates over many types. Whatever the
// text, a pruner must answer, the same each time, and its clone too: statistics are never an error. That what it
// answers is right is proven elsewhere (src/expr/prune_differential_test.cc). Seeds: the stats of any tables.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/prune.h"

namespace {

using namespace deltic;

const Fields& Schema() {
  static const auto* schema = new Fields{
      {.name = "b", .type = DataType(TypeKind::kBoolean)},
      {.name = "i", .type = DataType(TypeKind::kInteger)},
      {.name = "l", .type = DataType(TypeKind::kLong)},
      {.name = "d", .type = DataType(TypeKind::kDouble)},
      {.name = "c", .type = DataType::Decimal(20, 5)},
      {.name = "s", .type = DataType(TypeKind::kString)},
      {.name = "t", .type = DataType(TypeKind::kDate)},
      {.name = "ts", .type = DataType(TypeKind::kTimestamp)},
      {.name = "n", .type = DataType::Struct({{.name = "x", .type = DataType(TypeKind::kLong)}})},
  };
  return *schema;
}

Predicate Compared(ColumnPath column, CompareOp op, Literal literal) {
  return {.kind = Predicate::Kind::kCompare, .column = std::move(column), .op = op, .literals = {std::move(literal)}};
}

// One predicate in three shapes.
struct Question {
  std::unique_ptr<Pruner> pruner, negation, is_null;
};

std::unique_ptr<Pruner> Make(Predicate predicate) {
  return MakePruner({.schema = Schema(), .predicate = std::move(predicate)});
}

std::vector<Question> MakeQuestions() {
  const std::pair<ColumnPath, Literal> columns[] = {
      {{"b"}, {DataType(TypeKind::kBoolean), true}},
      {{"i"}, {DataType(TypeKind::kInteger), int64_t{5}}},
      {{"l"}, {DataType(TypeKind::kLong), int64_t{1} << 60}},
      {{"d"}, {DataType(TypeKind::kDouble), 0.5}},
      {{"c"}, {DataType::Decimal(20, 5), Int128{12'345'678}}},
      {{"s"}, {DataType(TypeKind::kString), std::string("m\xC3\xA9")}},
      {{"t"}, {DataType(TypeKind::kDate), int64_t{19'000}}},
      {{"ts"}, {DataType(TypeKind::kTimestamp), int64_t{1'700'000'000'000'000}}},
      {{"n", "x"}, {DataType(TypeKind::kLong), int64_t{-3}}},
  };
  std::vector<Question> questions;
  for (const auto& [column, literal] : columns) {
    for (const CompareOp op : {CompareOp::kEq, CompareOp::kLt, CompareOp::kGe}) {
      const Predicate asked = Compared(column, op, literal);
      questions.push_back({.pruner = Make(asked),
                           .negation = Make({.kind = Predicate::Kind::kNot, .children = {asked}}),
                           .is_null = Make({.kind = Predicate::Kind::kIsNull, .column = column})});
    }
  }
  return questions;
}

bool Drops(Pruner& pruner, const FileFacts& file) {
  const auto reason = pruner.Check(file);
  if (!reason.ok()) std::abort();  // no partition column: there is nothing to refuse
  return *reason != PruneReason::kKept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* questions = new std::vector<Question>(MakeQuestions());
  const std::map<std::string, std::optional<std::string>> none;
  const FileFacts file{.partition_values = &none,
                       .stats_json = {reinterpret_cast<const char*>(data), size},
                       .has_deletion_vector = size % 2 == 1};
  (void)NumRecords(file.stats_json);
  for (Question& question : *questions) {
    const bool dropped = Drops(*question.pruner, file);
    if (dropped != Drops(*question.pruner, file) || dropped != Drops(*question.pruner->Clone(), file)) std::abort();
    (void)Drops(*question.negation, file);
    (void)Drops(*question.is_null, file);
  }
  return 0;
}
