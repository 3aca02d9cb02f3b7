#include "daemon/vividctl/table.h"

#include <algorithm>
#include <utility>

#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 4;

void trim_right(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

void Table::add_row(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t available) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_of(columns_[i].title);
    for (const auto& row : rows_) {
      if (i < row.size()) width = std::max(width, columns_of(row[i].text));
    }
    widths.push_back(width);
  }
  if (available == 0) return widths;
  std::size_t total = kGap * (columns_.size() - 1);
  for (const std::size_t width : widths) total += width;
  while (total > available) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool wider = widest == columns_.size() || widths[i] > widths[widest];
      if (columns_[i].shrinks && widths[i] > kNarrowest && wider) widest = i;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::render(const Terminal& terminal, std::string_view indent) const {
  if (columns_.empty()) return {};
  const std::size_t room = terminal.columns > indent.size() ? terminal.columns - indent.size() : 0;
  const std::vector<std::size_t> widths = this->widths(room);
  const auto render_row = [&](const std::vector<Cell>& cells) {
    std::string line(indent);
    for (std::size_t i = 0; i < std::min(cells.size(), columns_.size()); ++i) {
      const std::string text = truncated(cells[i].text, widths[i], terminal.unicode);
      const std::string fill(widths[i] - columns_of(text), ' ');
      const std::string painted = terminal.paint(text, cells[i].tone);
      line += columns_[i].right_aligned ? fill + painted : painted + fill;
      line.append(kGap, ' ');
    }
    trim_right(line);
    return line + "\n";
  };
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Tone::quiet});
  std::string text = render_row(titles);
  for (const auto& row : rows_) text += render_row(row);
  return text;
}

}  // namespace vivid::ctl
