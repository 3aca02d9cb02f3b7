// Rows and columns that fit the terminal: columns are as wide as their widest cell; when that is too much, the columns
// marked `shrinks` give way, widest first, and their cells end in "…".
//
// Threads: one thread. Cells are made printable here; widths are counted in columns, not bytes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

struct Column {
  std::string title;
  bool right_aligned = false;
  bool shrinks = false;
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // A row shorter than the columns ends early.
  void add_row(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }
  // Every line ends in a newline and in no space.
  std::string render(const Terminal& terminal, std::string_view indent = "") const;

 private:
  std::vector<std::size_t> widths(std::size_t available) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace vivid::ctl
