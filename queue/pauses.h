// Which lanes are paused, as kept in the meta table.
//
// Threads: free functions on a Database, under its rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "queue/database.h"

namespace vivid::queue {

// In name order; "" (all lanes) comes first.
Result<std::vector<std::string>> read_paused_lanes(Database& database);
Status write_paused(Database& database, std::string_view lane);
// "" removes every pause.
Status write_resumed(Database& database, std::string_view lane);

}  // namespace vivid::queue
