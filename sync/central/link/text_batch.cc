#include "sync/central/link/text_batch.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

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
  for (const auto* answers : {&unsent_, &on_their_way_}) {
    for (const Answered& answered : *answers) held.push_back({answered.request.id, answered.request.fence});
  }
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
  if (is_sending()) VIVID_TRY(end_sending());
  while (!unsent_.empty()) {
    VIVID_TRY(send_releases(session));
    std::vector<Answered> answers = std::exchange(unsent_, {});
    Sent sent = deliver_all(session, options_->node, answers);
    VIVID_TRY(take_up(std::move(sent), std::move(answers)));
  }
  return {};
}

Status TextBatch::start_sending(Session& session, Session& another, std::function<void()> sent) {
  VIVID_CHECK(!is_sending());
  VIVID_TRY(send_releases(session));
  if (unsent_.empty()) return {};
  on_their_way_ = std::exchange(unsent_, {});
  arrived_ = false;
  sending_ = std::async(std::launch::async, [this, &another, sent = std::move(sent)] {
    Sent result = deliver_all(another, options_->node, on_their_way_);
    arrived_ = true;
    sent();
    return result;
  });
  return {};
}

Status TextBatch::end_sending() {
  Sent sent = sending_.get();
  return take_up(std::move(sent), std::exchange(on_their_way_, {}));
}

TextBatch::Sent TextBatch::deliver_all(Session& session, const NodeIdentity& node,
                                       const std::vector<Answered>& answers) {
  std::vector<Delivery> deliveries;
  deliveries.reserve(answers.size());
  for (const Answered& answered : answers) {
    deliveries.push_back({static_cast<std::int64_t>(deliveries.size()), answered.request.id, answered.request.fence,
                          "final", "", 0, answered.outcome.final_body});
  }
  Sent sent;
  for (std::size_t from = 0; from < deliveries.size();) {
    const std::size_t end = end_of_part(deliveries, from);
    const auto first = deliveries.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last = deliveries.begin() + static_cast<std::ptrdiff_t>(end);
    Result<std::vector<Settled>> settled =
        deliver(session, node, {std::make_move_iterator(first), std::make_move_iterator(last)});
    if (!settled) {
      sent.status = tl::make_unexpected(settled.error());
      break;
    }
    VIVID_CHECK(settled->size() == end - from);
    sent.settled.insert(sent.settled.end(), settled->begin(), settled->end());
    from = end;
  }
  return sent;
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

Status TextBatch::take_up(Sent sent, std::vector<Answered> answers) {
  std::vector<Answered> again;
  for (const Settled& one : sent.settled) end(answers[static_cast<std::size_t>(one.seq)], one, again);
  answers.erase(answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(sent.settled.size()));
  std::move(again.begin(), again.end(), std::back_inserter(answers));
  unsent_.insert(unsent_.begin(), std::make_move_iterator(answers.begin()), std::make_move_iterator(answers.end()));
  return sent.status;
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
