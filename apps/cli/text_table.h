// Owns the layout of rows as an aligned text table: column widths from the first rows, the rest streamed after them.
// Does not know where the rows come from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "output.h"
#include "terminal.h"

namespace deltic::cli {

using Cell = std::optional<std::string>;  // nullopt is NULL

// On a terminal: box-drawing lines, a bold header, a dim NULL, and cells cut so that a row fits the width. Elsewhere:
// ASCII lines and whole values. Later rows with wider values than the first kRowsMeasured push their line out of shape
// rather than being cut or held back. One thread at a time.
class TextTable {
 public:
  static constexpr size_t kRowsMeasured = 1000;

  struct Column {
    std::string name;
    bool right_aligned = false;
  };
  TextTable(std::vector<Column> columns, const Terminal& terminal, Output* out);

  void Add(std::vector<Cell> row);
  // Prints what is still held: the header too when there was no row.
  void Finish();
  int64_t rows() const { return rows_; }

 private:
  struct PlacedCell {
    std::string text;
    int width;
    bool is_null;
  };

  PlacedCell Place(const Cell& cell) const;
  void PrintHeld();
  void FitToTerminal();
  void PrintHeader();
  void PrintRow(const std::vector<PlacedCell>& row);
  template <class Style>
  void PrintLine(const std::vector<PlacedCell>& cells, Style style);

  std::vector<Column> columns_;
  Terminal terminal_;
  Output* out_;
  std::vector<int> widths_;
  std::vector<std::vector<PlacedCell>> held_;
  bool measuring_ = true;
  int64_t rows_ = 0;
};

}  // namespace deltic::cli
