// Owns FileStatistics: every fact that a file's statistics JSON holds of a table's columns, as typed values, as it is
// written there. Differs from expr/stats.h, which reads only what a predicate asks for and undoes what writers round
// off. Protocol: "Per-file Statistics".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/json_scanner.h"
#include "expr/literal.h"
#include "schema/types.h"

namespace deltic::python {

enum class Fact : uint8_t { kNullCount, kMin, kMax };

// One fact of one column that is no struct. Empty where the JSON does not say it, or says no value of the type.
struct FactSlot {
  DataType type;  // of the fact: a count is a long
  std::optional<Literal> value;
};

// A column, or a field of a struct column, on the way to its slot.
struct FactNode {
  std::string name;           // as people know it
  std::string physical_name;  // as statistics have it
  std::vector<FactNode> children;
  int slot = -1;  // of the leaf; -1: a struct
  int seen = -1;  // of the struct: where it is said whether the JSON has it
};

// One thread at a time.
class FileStatistics {
 public:
  // `fields` are the columns that are no partition columns.
  FileStatistics(const Fields& fields, MappingMode mode);

  // What slots and num_records say is about `json` until the next call. Statistics that are broken anywhere say
  // nothing.
  void Read(std::string_view json);

  const std::vector<FactNode>& columns(Fact fact) const { return columns_[static_cast<size_t>(fact)]; }
  const FactSlot& slot(int i) const { return slots_[static_cast<size_t>(i)]; }
  // Whether the JSON has the whole fact, or the object of a struct column in it.
  bool has(Fact fact) const { return seen_[static_cast<size_t>(fact)]; }
  bool has(const FactNode& node) const { return seen_[static_cast<size_t>(node.seen)]; }
  const std::optional<int64_t>& num_records() const { return num_records_; }

 private:
  std::vector<FactNode> MakeNodes(const Fields& fields, MappingMode mode, Fact fact);
  void Forget();
  bool ReadTop(JsonScanner& scanner);
  bool ReadColumns(JsonScanner& scanner, const std::vector<FactNode>& nodes);
  bool ReadValue(JsonScanner& scanner, FactSlot& slot);

  std::vector<FactNode> columns_[3];
  std::vector<FactSlot> slots_;
  std::vector<bool> seen_;  // the three facts, then the struct columns
  std::optional<int64_t> num_records_;
};

// The value that a text is, of any type that has values in statistics and partitions; nothing when it is none.
std::optional<Literal> ReadText(std::string_view text, const DataType& type);

}  // namespace deltic::python
