#include "sync/central/lease/leases.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "sync/central/lease/json_text.h"
#include "sync/central/lease/sql.h"

namespace vivid::sync {

Result<Renewal> renew(Session& session, const NodeIdentity& node, RequestPath path, const std::vector<HeldLease>& held,
                      std::chrono::seconds lease) {
  nlohmann::json list = nlohmann::json::array();
  for (const HeldLease& one : held) list.push_back({{"id", one.id}, {"fence", one.fence}});
  auto rows =
      session.run(std::string(sql::kRenew), SqlRow{node.node_id, node.boot_id, node.host, std::string(to_text(path)),
                                                   std::to_string(lease.count()), json_text(list),
                                                   std::to_string(node.pid), std::to_string(node.start_ticks)});
  if (!rows) return tl::make_unexpected(to_error(rows.error(), "cannot renew leases"));
  Renewal renewal;
  for (SqlRow& row : *rows) {
    const std::string outcome = row[2].value();
    if (outcome == "orphan") {
      ++renewal.released_orphans;
    } else if (outcome == "cancelled") {
      renewal.cancelled.push_back(std::move(row[0].value()));
    } else {
      renewal.lost.push_back({std::move(row[0].value()), std::stoll(row[1].value())});
    }
  }
  return renewal;
}

Result<std::vector<std::string>> cancelled_of(Session& session, const std::vector<HeldLease>& held) {
  std::vector<std::string> cancelled;
  if (held.empty()) return cancelled;
  nlohmann::json ids = nlohmann::json::array();
  for (const HeldLease& one : held) ids.push_back(one.id);
  auto rows = session.run(std::string(sql::kCancelled), SqlRow{json_text(ids)});
  if (!rows) return tl::make_unexpected(to_error(rows.error(), "cannot ask for cancelled requests"));
  for (SqlRow& row : *rows) cancelled.push_back(std::move(row[0].value()));
  return cancelled;
}

Result<bool> heartbeat(Session& session, const NodeIdentity& node, const NodeReport& report,
                       std::chrono::seconds lease) {
  const auto rows = session.run(std::string(sql::kHeartbeat),
                                SqlRow{node.node_id, node.boot_id, node.host, std::to_string(node.pid), node.version,
                                       report.capacity, report.load, report.draining ? "true" : "false",
                                       std::to_string(lease.count()), std::to_string(node.start_ticks)});
  if (!rows) return tl::make_unexpected(to_error(rows.error(), "cannot report to the fleet"));
  return rows->front()[0] == "t";
}

Result<std::string> server_identity(Session& session) {
  const auto rows = session.run(std::string(sql::kServerIdentity));
  if (!rows) return tl::make_unexpected(to_error(rows.error(), "cannot tell which server this is"));
  return rows->front()[0].value();
}

}  // namespace vivid::sync
