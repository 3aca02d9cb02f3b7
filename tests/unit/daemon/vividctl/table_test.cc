#include "daemon/vividctl/table.h"

#include <gtest/gtest.h>

#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

Terminal terminal_of(std::size_t columns, bool color = false) {
  Terminal terminal;
  terminal.columns = columns;
  terminal.color = color;
  return terminal;
}

TEST(Table, AlignsWideCharactersByColumns) {
  Table table({{"NAME"}, {"N", true}});
  table.add_row({{"日本"}, {"1"}});
  table.add_row({{"a"}, {"234"}});
  EXPECT_EQ(table.render(terminal_of(0)), "NAME    N\n日本    1\na     234\n");
}

TEST(Table, ShrinksOnlyWhatMayShrinkToFitTheTerminal) {
  Table table({{"ID"}, {"ERROR", false, true}});
  table.add_row({{"3f0c5a52"}, {"a long reason that does not fit"}});
  EXPECT_EQ(table.render(terminal_of(24)), "ID        ERROR\n3f0c5a52  a long reason…\n");
  EXPECT_EQ(table.render(terminal_of(0)), "ID        ERROR\n3f0c5a52  a long reason that does not fit\n");
}

TEST(Table, ColorsDoNotMoveColumns) {
  Table table({{"STATE"}, {"X"}});
  table.add_row({{"ok", Tone::good}, {"y"}});
  const std::string text = table.render(terminal_of(80, true));
  EXPECT_NE(text.find("\x1b[32mok\x1b[0m     y"), std::string::npos) << text;
}

TEST(Table, CellsCannotCarryEscapesOrLineBreaks) {
  Table table({{"A"}});
  table.add_row({{"x\x1b[2J\ny"}});
  EXPECT_EQ(table.render(terminal_of(0)), "A\nx [2J y\n");
}

}  // namespace
}  // namespace vivid::ctl
