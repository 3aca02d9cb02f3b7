#include "sync/central/lease/claims.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sync/central/lease/json_text.h"
#include "sync/central/lease/sql.h"

namespace vivid::sync {
namespace {

// With statistics that a mass insert has outrun, the planner would rather sort the whole backlog than read the head of
// its index.
constexpr const char* kInIndexOrder = "SET LOCAL enable_bitmapscan = off";

SqlRow parameters(const NodeIdentity& node, const ClaimOptions& options) {
  return {node.node_id,
          node.boot_id,
          node.host,
          options.environment,
          std::to_string(options.lease.count()),
          std::to_string(options.limit),
          std::string(to_text(options.path)),
          std::to_string(node.pid),
          std::to_string(node.start_ticks)};
}

// `claimed` rows are (id, fence, crashes). One whose student is gone by now is left out: it went along, and its lease
// too.
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

// What is buried has no fence, and is counted. In one transaction: whose rows cannot be read is not claimed either.
SqlResult<std::vector<ClaimedRequest>> claim_with(Session& session, std::string_view statement, const SqlRow& values,
                                                  int* buried) {
  VIVID_ASSIGN(Transaction transaction, Transaction::begin(session, kInIndexOrder));
  VIVID_ASSIGN(std::vector<SqlRow> claimed, session.run(std::string(statement), values));
  const auto without_fence = std::erase_if(claimed, [](const SqlRow& row) { return !row[1]; });
  if (buried != nullptr) *buried = static_cast<int>(without_fence);
  VIVID_ASSIGN(std::vector<ClaimedRequest> requests, with_rows(session, claimed));
  VIVID_TRY(transaction.commit());
  return requests;
}

}  // namespace

std::string_view to_text(RequestPath path) { return path == RequestPath::text ? "text" : "media"; }

Result<std::vector<ClaimedRequest>> claim(Session& session, const NodeIdentity& node, const ClaimOptions& options) {
  if (options.limit <= 0) return std::vector<ClaimedRequest>{};
  auto requests = claim_with(session, sql::kClaim, parameters(node, options), nullptr);
  if (!requests) return tl::make_unexpected(to_error(requests.error(), "cannot claim requests"));
  return std::move(*requests);
}

Result<Reclaimed> reclaim(Session& session, const NodeIdentity& node, const ClaimOptions& options) {
  Reclaimed reclaimed;
  if (options.limit <= 0) return reclaimed;
  SqlRow values = parameters(node, options);
  values.emplace_back(std::to_string(options.max_crashes));
  auto requests = claim_with(session, sql::kReclaim, values, &reclaimed.buried);
  if (!requests) return tl::make_unexpected(to_error(requests.error(), "cannot take over lapsed leases"));
  if (!requests->empty()) reclaimed.request = std::move(requests->front());
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
