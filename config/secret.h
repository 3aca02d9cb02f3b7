// Keeps the password of a connection string out of what is shown.
//
// Threads: pure function.
#pragma once

#include <string>
#include <string_view>

namespace vivid::config {

// "postgresql://vivid:…@db/vividly": a libpq URI or keywords, with "…" in place of each password.
std::string without_password(std::string_view connection);

}  // namespace vivid::config
