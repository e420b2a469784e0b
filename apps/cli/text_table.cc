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
  std::string line;
  std::string rule;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const std::string name =
        terminal_.columns > 0 ? CutToWidth(columns_[i].name, widths_[i]) : columns_[i].name;
    const std::string padding(static_cast<size_t>(std::max(0, widths_[i] - DisplayWidth(name))), ' ');
    if (i > 0) line += terminal_.utf8 ? "│" : "|";
    if (i > 0) rule += terminal_.utf8 ? "┼" : "+";
    line += " " + (columns_[i].right_aligned ? padding + terminal_.Bold(name) : terminal_.Bold(name) + padding) + " ";
    for (int cell = 0; cell < widths_[i] + 2; ++cell) rule += terminal_.utf8 ? "─" : "-";
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  out_->Write(line + "\n" + rule + "\n");
}

void TextTable::PrintRow(const std::vector<PlacedCell>& row) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    const bool cut = terminal_.columns > 0 && row[i].width > widths_[i];
    const std::string text = cut ? CutToWidth(row[i].text, widths_[i]) : row[i].text;
    const int width = cut ? DisplayWidth(text) : row[i].width;
    const std::string padding(static_cast<size_t>(std::max(0, widths_[i] - width)), ' ');
    const std::string styled = row[i].is_null ? terminal_.Dim(text) : text;
    if (i > 0) line += terminal_.utf8 ? "│" : "|";
    line += " " + (columns_[i].right_aligned ? padding + styled : styled + padding) + " ";
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  line += '\n';
  out_->Write(line);
}

}  // namespace deltic::cli
