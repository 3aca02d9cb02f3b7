#include "queue/pauses.h"

#include <algorithm>

namespace vivid::queue {
namespace {

constexpr std::string_view kPrefix = "paused/";

std::string key_of(std::string_view lane) { return std::string(kPrefix) + std::string(lane); }

}  // namespace

Result<std::vector<std::string>> read_paused_lanes(Database& database) {
  static constexpr const char* kSelect = "SELECT key FROM meta WHERE key >= 'paused/' AND key < 'paused0' ORDER BY key";
  std::vector<std::string> lanes;
  Cursor cursor = database.use(kSelect);
  for (;;) {
    VIVID_ASSIGN(const bool found, cursor.step());
    if (!found) return lanes;
    lanes.emplace_back(cursor.text(0).substr(kPrefix.size()));
  }
}

Status write_paused(Database& database, std::string_view lane) {
  static constexpr const char* kInsert = "INSERT OR IGNORE INTO meta (key, value) VALUES (?, '')";
  const std::string key = key_of(lane);
  return database.use(kInsert).bind(key).run();
}

Status write_resumed(Database& database, std::string_view lane) {
  static constexpr const char* kDeleteOne = "DELETE FROM meta WHERE key = ?";
  static constexpr const char* kDeleteAll = "DELETE FROM meta WHERE key >= 'paused/' AND key < 'paused0'";
  if (lane.empty()) return database.use(kDeleteAll).run();
  VIVID_ASSIGN(const std::vector<std::string> paused, read_paused_lanes(database));
  if (std::find(paused.begin(), paused.end(), "") != paused.end()) {
    return fail(ErrorCode::invalid_input,
                "lane " + std::string(lane) + " was paused with all others, as lanes without names; resume all lanes");
  }
  const std::string key = key_of(lane);
  return database.use(kDeleteOne).bind(key).run();
}

}  // namespace vivid::queue
