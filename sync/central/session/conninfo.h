// What an operator's URL and this program's defaults make together, as libpq wants it: host by host, since a host that
// does not answer must not use up the time of the next.
//
// Threads: pure functions. Errors: invalid_input for what libpq cannot read; never with a password in it.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace vivid::sync {

using Keywords = std::vector<std::pair<std::string, std::string>>;

struct Conninfo {
  std::vector<Keywords> hosts;  // to be tried in this order
  std::chrono::seconds connect_timeout{0};
};

Result<Conninfo> conninfo_of(const std::string& url, const std::string& application_name,
                             std::chrono::seconds connect_timeout);

// Whether libpq can read it at all; nothing is connected to.
Status check_database_url(const std::string& url);

}  // namespace vivid::sync
