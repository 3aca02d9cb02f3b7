// Methods about messages that the central database refuses.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/vividd/central.h"
#include "daemon/vividd/job_json.h"
#include "daemon/vividd/methods.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr int kDefaultLimit = 100;
constexpr int kMaxLimit = 10'000;

json row_json(const queue::QuarantinedRow& refused) {
  const queue::OutboxRow& row = refused.row;
  return {{"seq", row.seq},
          {"job", row.uid},
          {"fence", row.fence},
          {"kind", row.kind},
          {"stage", row.stage.empty() ? json(nullptr) : json(row.stage)},
          {"attempt", row.attempt},
          {"created_at", to_iso8601(row.created_at)},
          {"quarantined_at", to_iso8601(refused.settled_at)},
          {"error", refused.error}};
}

}  // namespace

bool Methods::handle_outbox(Call& call, const json& params) {
  const std::string& method = call.method;
  if (method != "outbox.list" && method != "outbox.requeue") return false;
  auto reply = std::make_shared<Responder>(std::move(call.responder));
  if (method == "outbox.list") {
    const auto asked_for = params.find("limit");
    const bool given = asked_for != params.end() && asked_for->is_number_integer();
    const int limit = given ? static_cast<int>(std::clamp<std::int64_t>(asked_for->get<std::int64_t>(), 1, kMaxLimit))
                            : kDefaultLimit;
    const Status asked =
        parts_.read_pool->submit([&queue = *parts_.queue, limit] { return queue.quarantined_outbox(limit); },
                                 [reply](const Result<std::vector<queue::QuarantinedRow>>& rows) {
                                   if (!rows) return reply->fail(rows.error());
                                   json list = json::array();
                                   for (const auto& row : *rows) list.push_back(row_json(row));
                                   reply->result(to_text(json{{"quarantined", list}}));
                                 });
    if (!asked) reply->fail(asked.error());
    return true;
  }
  const auto seq = params.find("seq");
  const bool all = params.value("all", json(false)) == json(true);
  const bool one = seq != params.end() && seq->is_number_integer();
  if (all == one) {
    reply->fail({ErrorCode::invalid_input, "outbox.requeue needs seq, the number of a quarantined row, or all: true"});
    return true;
  }
  parts_.queue->requeue_outbox(
      one ? std::optional(seq->get<std::int64_t>()) : std::nullopt,
      [post = parts_.mailbox->poster(), reply, &parts = parts_](const Result<std::int64_t>& requeued) {
        post([reply, requeued, &parts] {
          if (!requeued) return reply->fail(requeued.error());
          if (parts.central) parts.central->wake();
          reply->result(to_text(json{{"requeued", *requeued}}));
        });
      });
  return true;
}

}  // namespace vivid::daemon
