#include "sync/central/link/text_batch.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/check.h"
#include "base/json_text.h"
#include "base/log.h"

namespace vivid::sync {

using std::chrono::milliseconds;

namespace {

std::string microseconds(WallTime time) { return std::to_string(time.time_since_epoch().count()); }

}  // namespace

TextBatch::TextBatch(const LinkOptions& options, TextHost& host, const Clock& clock, StateBook<TextLinkState>& state,
                     int maximum)
    : options_(&options), host_(&host), clock_(&clock), state_(&state), slice_(maximum, options.renew_interval / 2) {}

void TextBatch::add(std::vector<ClaimedRequest> requests) {
  std::move(requests.begin(), requests.end(), std::back_inserter(unanswered_));
}

Status TextBatch::renew(Session& session) {
  std::vector<HeldLease> held;
  for (const ClaimedRequest& request : unanswered_) held.push_back({request.id, request.fence});
  for (const Answered& answered : unsent_) held.push_back({answered.request.id, answered.request.fence});
  VIVID_ASSIGN(const Renewal renewal,
               vivid::sync::renew(session, options_->node, RequestPath::text, held, options_->lease));
  if (renewal.released_orphans > 0) {
    log::warning("gave back text requests that were claimed in vain", {{"requests", renewal.released_orphans}});
  }
  std::set<std::string> lost;
  for (const HeldLease& lease : renewal.lost) lost.insert(lease.id);
  const std::set<std::string> cancelled(renewal.cancelled.begin(), renewal.cancelled.end());
  // What is answered is sent all the same: its answer may have arrived before, and the fence decides.
  std::vector<ClaimedRequest> kept;
  for (ClaimedRequest& request : unanswered_) {
    if (cancelled.contains(request.id)) {
      TextOutcome outcome;
      outcome.final_body = "{\"status\":\"cancelled\",\"at_us\":" + microseconds(clock_->now()) + "}";
      outcome.cancelled = true;
      unsent_.push_back({std::move(request), std::move(outcome), {}, true});
    } else if (lost.contains(request.id)) {
      log::warning("lease of a text request lost", {{"request", request.id}, {"fence", request.fence}});
    } else {
      kept.push_back(std::move(request));
    }
  }
  unanswered_ = std::move(kept);
  return {};
}

void TextBatch::answer_some() {
  const auto count = std::min<std::size_t>(unanswered_.size(), static_cast<std::size_t>(slice_.current()));
  const auto end = unanswered_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<ClaimedRequest> slice(std::make_move_iterator(unanswered_.begin()), std::make_move_iterator(end));
  unanswered_.erase(unanswered_.begin(), end);
  const SteadyTime start = clock_->steady_now();
  std::vector<TextOutcome> outcomes = host_->answer(slice);
  slice_.took(std::chrono::duration_cast<milliseconds>(clock_->steady_now() - start));
  VIVID_CHECK(outcomes.size() == slice.size());
  for (std::size_t i = 0; i < slice.size(); ++i) {
    std::string reason = outcomes[i].later ? outcomes[i].later->describe() : std::string();
    unsent_.push_back({std::move(slice[i]), std::move(outcomes[i]), std::move(reason), false});
  }
}

void TextBatch::give_up_unanswered(const std::string& reason) {
  for (ClaimedRequest& request : unanswered_) {
    TextOutcome outcome;
    outcome.later = Error{ErrorCode::cancelled, reason};
    unsent_.push_back({std::move(request), std::move(outcome), reason, false});
  }
  unanswered_.clear();
}

Status TextBatch::send(Session& session) {
  VIVID_TRY(send_releases(session));
  return send_finals(session);
}

Status TextBatch::send_releases(Session& session) {
  std::vector<Release> releases;
  for (const Answered& answered : unsent_) {
    if (!answered.outcome.later) continue;
    releases.push_back({answered.request.id, answered.request.fence, answered.outcome.retry_after, answered.reason});
  }
  if (releases.empty()) return {};
  VIVID_TRY(release(session, options_->node, releases));
  std::erase_if(unsent_, [](const Answered& answered) { return answered.outcome.later.has_value(); });
  state_->change([&](TextLinkState& state) { state.given_back += static_cast<std::int64_t>(releases.size()); });
  return {};
}

Status TextBatch::send_finals(Session& session) {
  while (!unsent_.empty()) {
    std::vector<Delivery> deliveries;
    for (std::size_t i = 0; i < unsent_.size(); ++i) {
      Answered& answered = unsent_[i];
      deliveries.push_back({static_cast<std::int64_t>(i), answered.request.id, answered.request.fence, "final", "", 0,
                            answered.outcome.final_body});
    }
    deliveries.resize(end_of_part(deliveries, 0));
    VIVID_ASSIGN(const std::vector<Settled> settled, deliver(session, options_->node, deliveries));
    VIVID_CHECK(settled.size() == deliveries.size());
    std::vector<Answered> again;
    for (const Settled& one : settled) end(unsent_[static_cast<std::size_t>(one.seq)], one, again);
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(settled.size()));
    std::move(again.begin(), again.end(), std::back_inserter(unsent_));
  }
  return {};
}

void TextBatch::end(Answered& answered, const Settled& settled, std::vector<Answered>& again) {
  if (settled.verdict == Verdict::quarantined) {
    log::error("the central database refuses a text answer",
               {{"request", answered.request.id}, {"error", settled.error}});
    if (!answered.replaced) {
      again.push_back(refused(answered, settled.error));
      return;
    }
  }
  const bool stands = settled.verdict == Verdict::applied || settled.verdict == Verdict::duplicate;
  if (stands && !answered.outcome.cancelled) {
    state_->change([&](TextLinkState& state) { ++(answered.outcome.failed ? state.failed : state.completed); });
  }
  host_->text_ended(answered.request, answered.outcome, settled.verdict);
}

TextBatch::Answered TextBatch::refused(const Answered& answered, const std::string& error) const {
  std::string body = "{\"status\":\"failed\",\"at_us\":" + microseconds(clock_->now()) +
                     ",\"error\":{\"code\":\"invalid_input\",\"message\":";
  append_json_string(body, "the database refuses the answer: " + error);
  body += ",\"stage\":\"script_generation\",\"details\":{}},\"stages\":[],\"costs\":[],\"usage\":[]}";
  Answered replacement{answered.request, {}, {}, true};
  replacement.outcome.final_body = std::move(body);
  replacement.outcome.failed = true;
  return replacement;
}

}  // namespace vivid::sync
