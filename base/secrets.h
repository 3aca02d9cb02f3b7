// Keeps the passwords of connection strings (libpq URIs or keywords) out of what is shown.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace vivid {

// "postgresql://vivid:…@db/vividly": with "…" in place of each password.
std::string without_passwords(std::string_view connection);

// `text` with the connection string, and every password in it, replaced by "…": libpq quotes one that it cannot read,
// whole.
std::string without_secrets(std::string text, std::string_view connection);

}  // namespace vivid
