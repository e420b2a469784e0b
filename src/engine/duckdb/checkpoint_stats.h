// Owns the column stats_parsed of a checkpoint: its type for a table's columns, and a file's statistics text as a row
// of it. Knows no other column. Protocol: "Checkpoint Schema", "Per-file Statistics".
#pragma once

#include <duckdb.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "expr/json_scanner.h"
#include "schema/types.h"

namespace deltic {

// STRUCT(numRecords, tightBounds, minValues, maxValues, nullCount) over `fields` (physical names). Columns whose type
// has no order for statistics have a null count only; a struct without fields is left out.
duckdb::LogicalType StatsParsedType(const Fields& fields);

// Writes rows of one vector of that type. One thread at a time.
class StatsParsedWriter {
 public:
  explicit StatsParsedWriter(duckdb::Vector& vector);
  // What the text does not say, or says in another type than the column's, is NULL; a text that is no JSON object makes
  // the whole row NULL: no statistics are safe, wrong ones are not.
  void Write(duckdb::idx_t row, std::string_view json);

 private:
  struct Node {
    std::string name;
    duckdb::Vector* vector = nullptr;
    std::vector<Node> children;  // of a struct
  };
  static Node MakeNode(std::string name, duckdb::Vector& vector);
  bool WriteObject(JsonScanner& scanner, const Node& node, duckdb::idx_t row);
  bool WriteValue(JsonScanner& scanner, const Node& node, duckdb::idx_t row);
  const Node* FindChild(const Node& node, const JsonText& key);

  Node root_;
  std::string text_;  // of strings that had escapes
};

}  // namespace deltic
