// Just enough of SQL's lexical rules to take a text apart into statements: quotes, dollar quotes, comments.
//
// Threads: pure functions. Errors: invalid_input for quoting that the server would not understand either.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vivid::sync {

struct Statement {
  std::string text;                // without the semicolon
  std::vector<std::string> words;  // bare ones outside quotes and comments, upper-case, in order
};

Result<std::vector<Statement>> split_statements(std::string_view sql);

}  // namespace vivid::sync
