// Owns the measuring and printing of TextTable.
#include "text_table.h"

#include <algorithm>

namespace deltic::cli {

namespace {
constexpr int kNarrowest = 6;  // no column is cut below this, even if the row then wraps
}  // namespace

TextTable::TextTable(std::vector<Column> columns, const Terminal& terminal, Output* out)
    : columns_(std::move(columns)), terminal_(terminal), out_(out) {
  for (Column& column : columns_) {
    column.name = Printable(column.name);
    widths_.push_back(DisplayWidth(column.name));
  }
}

void TextTable::Add(std::vector<Cell> row) {
  row.resize(columns_.size());
  std::vector<PlacedCell> placed;
  placed.reserve(row.size());
  for (const Cell& cell : row) placed.push_back(Place(cell));
  ++rows_;
  if (!measuring_) return PrintRow(placed);
  for (size_t i = 0; i < placed.size(); ++i) widths_[i] = std::max(widths_[i], placed[i].width);
  held_.push_back(std::move(placed));
  if (held_.size() >= kRowsMeasured) PrintHeld();
}

void TextTable::Finish() {
  if (measuring_) PrintHeld();
}

TextTable::PlacedCell TextTable::Place(const Cell& cell) const {
  if (!cell.has_value()) return {"NULL", 4, true};
  std::string text = Printable(*cell);
  const int width = DisplayWidth(text);
  return {std::move(text), width, false};
}

void TextTable::PrintHeld() {
  measuring_ = false;
  FitToTerminal();
  PrintHeader();
  for (const auto& row : held_) PrintRow(row);
  held_.clear();
}

// Takes cells from the widest columns first, all of those down to one common width.
void TextTable::FitToTerminal() {
  if (terminal_.columns <= 0 || widths_.empty()) return;
  const int lines_and_spaces = 3 * static_cast<int>(widths_.size()) - 1;
  const int room = terminal_.columns - lines_and_spaces;
  int widest = *std::max_element(widths_.begin(), widths_.end());
  auto total = [this](int most) {
    int64_t sum = 0;
    for (int width : widths_) sum += std::min(width, most);
    return sum;
  };
  while (widest > kNarrowest && total(widest) > room) --widest;
  for (int& width : widths_) width = std::min(width, widest);
}

void TextTable::PrintHeader() {
  std::vector<PlacedCell> names;
  std::string rule;
  for (size_t i = 0; i < columns_.size(); ++i) {
    names.push_back({columns_[i].name, DisplayWidth(columns_[i].name), false});
    if (i > 0) rule += terminal_.utf8 ? "┼" : "+";
    for (int cell = 0; cell < widths_[i] + 2; ++cell) rule += terminal_.utf8 ? "─" : "-";
  }
  PrintLine(names, [this](const std::string& text, bool) { return terminal_.Bold(text); });
  out_->Write(rule + "\n");
}

void TextTable::PrintRow(const std::vector<PlacedCell>& row) {
  PrintLine(row, [this](const std::string& text, bool is_null) { return is_null ? terminal_.Dim(text) : text; });
}

// No padding after the last column: what ends a line there is the value's own.
template <class Style>
void TextTable::PrintLine(const std::vector<PlacedCell>& cells, Style style) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool cut = terminal_.columns > 0 && cells[i].width > widths_[i];
    const std::string text = cut ? CutToWidth(cells[i].text, widths_[i]) : cells[i].text;
    const int width = cut ? DisplayWidth(text) : cells[i].width;
    const std::string padding(static_cast<size_t>(std::max(0, widths_[i] - width)), ' ');
    const std::string styled = style(text, cells[i].is_null);
    if (i > 0) line += terminal_.utf8 ? "│" : "|";
    line += ' ';
    if (columns_[i].right_aligned) {
      line += padding + styled;
    } else {
      line += styled + (i + 1 < cells.size() ? padding : "");
    }
    if (i + 1 < cells.size()) line += ' ';
  }
  line += '\n';
  out_->Write(line);
}

}  // namespace deltic::cli
