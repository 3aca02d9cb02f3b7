// The shell completion scripts of completions/, built in so that `vividctl completion` works wherever the program is.
//
// Threads: pure function.
#pragma once

#include <string_view>

namespace vivid::ctl {

// bash, zsh or fish; empty for another shell.
std::string_view completion_script(std::string_view shell);

}  // namespace vivid::ctl
