#include "sync/central/lease/claims.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sync/central/lease/json_text.h"
#include "sync/central/lease/sql.h"

namespace vivid::sync {
namespace {

SqlRow parameters(const NodeIdentity& node, const ClaimOptions& options) {
  return {node.node_id,
          node.boot_id,
          node.host,
          options.environment,
          std::to_string(options.lease.count()),
          std::to_string(options.limit),
          std::string(to_text(options.path))};
}

// `claimed` rows are (id, fence, crashes). A request that was deleted in between is left out, its lease being gone too.
SqlResult<std::vector<ClaimedRequest>> with_rows(Session& session, const std::vector<SqlRow>& claimed) {
  std::vector<ClaimedRequest> requests;
  if (claimed.empty()) return requests;
  nlohmann::json ids = nlohmann::json::array();
  for (const SqlRow& row : claimed) ids.push_back(row[0].value());
  VIVID_ASSIGN(std::vector<SqlRow> rows, session.run(std::string(sql::kClaimedRows), SqlRow{ids.dump()}));
  std::map<std::string, std::string> by_id;
  for (SqlRow& row : rows) by_id[row[0].value()] = std::move(row[1].value());
  for (const SqlRow& row : claimed) {
    const auto found = by_id.find(row[0].value());
    if (found == by_id.end()) continue;
    requests.push_back(
        {row[0].value(), std::stoll(row[1].value()), std::stoi(row[2].value()), std::move(found->second)});
  }
  return requests;
}

}  // namespace

std::string_view to_text(RequestPath path) { return path == RequestPath::text ? "text" : "media"; }

Result<std::vector<ClaimedRequest>> claim(Session& session, const NodeIdentity& node, const ClaimOptions& options) {
  if (options.limit <= 0) return std::vector<ClaimedRequest>{};
  const auto claimed = session.run(std::string(sql::kClaim), parameters(node, options));
  if (!claimed) return tl::make_unexpected(to_error(claimed.error(), "cannot claim requests"));
  auto requests = with_rows(session, *claimed);
  if (!requests) return tl::make_unexpected(to_error(requests.error(), "cannot read the requests claimed"));
  return std::move(*requests);
}

Result<Reclaimed> reclaim(Session& session, const NodeIdentity& node, const ClaimOptions& options) {
  Reclaimed reclaimed;
  if (options.limit <= 0) return reclaimed;
  SqlRow values = parameters(node, options);
  values.emplace_back(std::to_string(options.max_crashes));
  auto rows = session.run(std::string(sql::kReclaim), values);
  if (!rows) return tl::make_unexpected(to_error(rows.error(), "cannot take over lapsed leases"));
  reclaimed.buried = static_cast<int>(std::erase_if(*rows, [](const SqlRow& row) { return !row[1]; }));
  auto requests = with_rows(session, *rows);
  if (!requests) return tl::make_unexpected(to_error(requests.error(), "cannot read the requests taken over"));
  reclaimed.requests = std::move(*requests);
  return reclaimed;
}

Status release(Session& session, const NodeIdentity& node, const std::vector<Release>& releases) {
  if (releases.empty()) return {};
  nlohmann::json list = nlohmann::json::array();
  for (const Release& release : releases) {
    list.push_back({{"id", release.id},
                    {"fence", release.fence},
                    {"retry_after_ms", release.retry_after.count()},
                    {"reason", printable(release.reason)}});
  }
  const auto done = session.run(std::string(sql::kRelease), SqlRow{node.node_id, node.host, json_text(list)});
  if (!done) return tl::make_unexpected(to_error(done.error(), "cannot give requests back"));
  return {};
}

}  // namespace vivid::sync
