#include "sync/central/results/batch.h"

#include <cstdlib>
#include <set>
#include <string>
#include <utility>

#include "base/json_text.h"
#include "sync/central/results/sql.h"

namespace vivid::sync {
namespace {

using Leases = std::unordered_map<std::string, LeaseState>;

#define VIVID_SQL_ASSIGN(target, expression)                                \
  auto VIVID_CONCAT(vivid_sql_, __LINE__) = (expression);                   \
  if (!VIVID_CONCAT(vivid_sql_, __LINE__).has_value()) {                    \
    return tl::make_unexpected(VIVID_CONCAT(vivid_sql_, __LINE__).error()); \
  }                                                                         \
  target = std::move(*VIVID_CONCAT(vivid_sql_, __LINE__))

// A JSON array of objects, one a row.
class Rows {
 public:
  Rows& begin(std::size_t n) {
    text_ += text_.empty() ? "[{\"n\":" : "},{\"n\":";
    text_ += std::to_string(n);
    return *this;
  }
  Rows& raw(std::string_view name, std::string_view json) {
    text_ += ",\"";
    text_ += name;
    text_ += "\":";
    text_ += json;
    return *this;
  }
  Rows& text(std::string_view name, std::string_view value) {
    raw(name, "");
    append_json_string(text_, value);
    return *this;
  }
  bool empty() const { return text_.empty(); }
  std::string json() const { return text_ + "}]"; }

 private:
  std::string text_;
};

void add_key(Rows& rows, std::size_t n, const Examined& row) {
  const Delivery& delivery = *row.delivery;
  rows.begin(n)
      .text("id", row.request_id)
      .raw("fence", std::to_string(delivery.fence))
      .text("kind", delivery.kind)
      .text("stage", delivery.stage)
      .raw("attempt", std::to_string(delivery.attempt));
}

SqlResult<Leases> lock(Session& session, const std::vector<Examined>& batch) {
  std::set<std::pair<std::string_view, std::int64_t>> pairs;
  for (const Examined& row : batch) pairs.emplace(row.request_id, row.delivery->fence);
  Rows rows;
  for (const auto& [id, fence] : pairs) rows.begin(0).text("id", id).raw("fence", std::to_string(fence));
  VIVID_SQL_ASSIGN(const std::vector<SqlRow> answer, session.run(std::string(sql::kLock), {rows.json()}));
  Leases leases;
  for (const SqlRow& row : answer) {
    LeaseState& lease = leases[row[0].value_or("")];
    if (row[1]) lease.live_fence = std::strtoll(row[1]->c_str(), nullptr, 10);
    lease.request_status = row[2].value_or("");
  }
  return leases;
}

SqlResult<std::vector<bool>> seen_before(Session& session, const std::vector<Examined>& batch) {
  Rows rows;
  for (std::size_t i = 0; i < batch.size(); ++i) add_key(rows, i, batch[i]);
  VIVID_SQL_ASSIGN(const std::vector<SqlRow> answer, session.run(std::string(sql::kSeen), {rows.json()}));
  std::vector<bool> seen(batch.size());
  for (const SqlRow& row : answer) seen.at(std::strtoull(row[0].value_or("0").c_str(), nullptr, 10)) = true;
  return seen;
}

// What each kind's statement is given.
struct Writes {
  Rows accepted;
  Rows attempts;
  Rows stages;
  Rows finals;
  Rows applied;

  void add(std::size_t n, const Examined& row, bool closing) {
    if (!closing) add_key(applied, n, row);
    Rows& rows = of(row.delivery->kind);
    add_key(rows, n, row);
    rows.raw("closing", closing ? "true" : "false").raw("body", row.delivery->body);
  }

  Rows& of(std::string_view kind) {
    return kind == "accepted" ? accepted : kind == "attempt" ? attempts : kind == "stage" ? stages : finals;
  }
};

SqlResult<void> run_if_any(Session& session, std::string_view statement, const Rows& rows, const SqlRow& others) {
  if (rows.empty()) return {};
  SqlRow parameters{rows.json()};
  parameters.insert(parameters.end(), others.begin(), others.end());
  const auto done = session.run(std::string(statement), parameters);
  if (!done) return tl::make_unexpected(done.error());
  return {};
}

// In the order in which a request lives, so that what one batch says of one request adds up.
SqlResult<void> write(Session& session, const NodeIdentity& node, const Writes& writes) {
  const SqlRow us{node.node_id, node.host};
  const std::pair<std::string_view, const Rows*> by_us[] = {
      {sql::kAccepted, &writes.accepted}, {sql::kAttempts, &writes.attempts}, {sql::kStages, &writes.stages}};
  for (const auto& [statement, rows] : by_us) {
    if (auto done = run_if_any(session, statement, *rows, us); !done) return done;
  }
  if (auto done = run_if_any(session, sql::kAdvance, writes.stages, {}); !done) return done;
  if (auto done = run_if_any(session, sql::kFinals, writes.finals, us); !done) return done;
  return run_if_any(session, sql::kRecord, writes.applied, {node.node_id});
}

}  // namespace

SqlResult<std::vector<Verdict>> apply_batch(Session& session, const NodeIdentity& node,
                                            const std::vector<Examined>& batch) {
  VIVID_SQL_ASSIGN(Transaction transaction, Transaction::begin(session));
  VIVID_SQL_ASSIGN(const Leases leases, lock(session, batch));
  VIVID_SQL_ASSIGN(const std::vector<bool> seen, seen_before(session, batch));
  Writes writes;
  std::vector<Verdict> verdicts;
  const std::vector<Judged> judged = judge(batch, seen, leases);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    verdicts.push_back(judged[i].verdict);
    if (judged[i].verdict == Verdict::applied || judged[i].closing) writes.add(i, batch[i], judged[i].closing);
  }
  if (auto written = write(session, node, writes); !written) return tl::make_unexpected(written.error());
  if (auto committed = transaction.commit(); !committed) return tl::make_unexpected(committed.error());
  return verdicts;
}

}  // namespace vivid::sync
