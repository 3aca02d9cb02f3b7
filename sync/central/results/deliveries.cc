#include "sync/central/results/deliveries.h"

#include <algorithm>
#include <optional>
#include <random>
#include <span>
#include <thread>

#include "base/backoff.h"
#include "base/uuid.h"
#include "sync/central/results/batch.h"
#include "sync/central/results/outline.h"
#include "sync/central/results/sql.h"

namespace vivid::sync {
namespace {

// Few: a lock that times out has been waited for already, and leases want renewing meanwhile.
constexpr int kTries = 3;
constexpr BackoffOptions kBetweenTries{std::chrono::milliseconds(20), std::chrono::milliseconds(500), 2.0};

// 21: two rows of one body that are one; 22: no value of its type; 23: against a constraint; 54: too long or too deep.
bool is_about_data(const SqlError& error) {
  constexpr std::string_view kClasses[] = {"21", "22", "23", "54"};
  return std::any_of(std::begin(kClasses), std::end(kClasses),
                     [&](std::string_view name) { return error.state.starts_with(name); });
}

bool is_kind(std::string_view kind) {
  return kind == "accepted" || kind == "attempt" || kind == "stage" || kind == "final";
}

// What is wrong with it before anybody is asked.
std::optional<std::string> flaw_of(const Delivery& delivery, Examined& examined) {
  const std::optional<Uuid> id = Uuid::parse(delivery.request_id);
  if (!id) return "request_id is '" + delivery.request_id + "'; allowed: a UUID";
  if (!is_kind(delivery.kind)) return "kind is '" + delivery.kind + "'; allowed: accepted, attempt, stage, final";
  const std::optional<Outline> outline = outline_of(delivery.body);
  if (!outline) return "body is not one JSON object";
  examined = {&delivery, id->to_text(), outline->status};
  return std::nullopt;
}

// Sends batches; one that the database refuses for its data is halved until the row is found.
class Sender {
 public:
  Sender(Session& session, const NodeIdentity& node) : session_(session), node_(node) {}

  // Appends one of `settled` for each.
  Status send(const std::vector<Examined>& batch, std::vector<Settled>& settled) {
    const SqlResult<std::vector<Verdict>> verdicts = apply(batch);
    if (verdicts) {
      for (std::size_t i = 0; i < batch.size(); ++i) settled.push_back({batch[i].delivery->seq, (*verdicts)[i], ""});
      return {};
    }
    if (!is_about_data(verdicts.error())) {
      return tl::make_unexpected(to_error(verdicts.error(), "cannot deliver results"));
    }
    if (batch.size() == 1) {
      settled.push_back({batch.front().delivery->seq, Verdict::quarantined,
                         verdicts.error().state + ": " + verdicts.error().message});
      return {};
    }
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    VIVID_TRY(send({batch.begin(), middle}, settled));
    return send({middle, batch.end()}, settled);
  }

 private:
  SqlResult<std::vector<Verdict>> apply(const std::vector<Examined>& batch) {
    SqlResult<std::vector<Verdict>> verdicts = apply_batch(session_, node_, batch);
    for (int attempt = 1; attempt < kTries && !verdicts && is_worth_retrying(verdicts.error()); ++attempt) {
      std::this_thread::sleep_for(full_jitter(kBetweenTries, attempt, random_));
      verdicts = apply_batch(session_, node_, batch);
    }
    return verdicts;
  }

  Session& session_;
  const NodeIdentity& node_;
  Random random_{std::random_device{}()};
};

}  // namespace

Result<std::vector<Settled>> deliver(Session& session, const NodeIdentity& node,
                                     const std::vector<Delivery>& deliveries) {
  Sender sender(session, node);
  std::vector<Settled> settled;
  settled.reserve(deliveries.size());
  std::vector<Examined> batch;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Status {
    if (batch.empty()) return {};
    const Status sent = sender.send(batch, settled);
    batch.clear();
    bytes = 0;
    return sent;
  };
  for (const Delivery& delivery : deliveries) {
    Examined examined;
    if (const std::optional<std::string> flaw = flaw_of(delivery, examined)) {
      VIVID_TRY(flush());
      settled.push_back({delivery.seq, Verdict::quarantined, *flaw});
      continue;
    }
    if (batch.size() == kMaxDeliveryRows || bytes + delivery.body.size() > kMaxDeliveryBytes) VIVID_TRY(flush());
    batch.push_back(std::move(examined));
    bytes += delivery.body.size();
  }
  VIVID_TRY(flush());
  return settled;
}

Result<int> prune_deliveries(Session& session, int limit) {
  const auto gone = session.run(std::string(sql::kPrune), {std::to_string(kDaysRemembered), std::to_string(limit)});
  if (!gone) return tl::make_unexpected(to_error(gone.error(), "cannot forget old deliveries"));
  return static_cast<int>(gone->size());
}

}  // namespace vivid::sync
