#include "sync/central/reports/fleet.h"

#include "sync/central/reports/document.h"
#include "sync/central/reports/sql.h"

namespace vivid::sync {

Result<std::string> read_fleet(Session& session, std::chrono::seconds lease) {
  return sure_document(session, sql::kFleet, {std::to_string(lease.count()) + " seconds"}, "cannot read the fleet");
}

}  // namespace vivid::sync
