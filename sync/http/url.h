// Pieces of URLs.
//
// Threads: pure functions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace vivid::sync {

// Everything but letters, digits and -._~ as %XX: safe as a path segment and as a query value.
std::string percent_encoded(std::string_view text);

// name=value&name=value, encoded: application/x-www-form-urlencoded.
std::string form_encoded(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

// "storage.googleapis.com" of "https://storage.googleapis.com:443/x"; an IPv6 address without its brackets; empty: no
// URL of http or https.
std::string host_of(std::string_view url);

// Whether the host is this machine: localhost, 127.x.x.x or ::1.
bool is_loopback(std::string_view host);

}  // namespace vivid::sync
