#include "daemon/vividd/survivors.h"

#include "base/check.h"
#include "base/units.h"
#include "daemon/pipeline/recovery.h"

namespace vivid::daemon {
namespace {

// A killed process ends within moments, unless the kernel itself hangs on a disk or device.
constexpr std::chrono::milliseconds kFirstLimit{10'000};
constexpr std::chrono::milliseconds kLaterLimit{100};
constexpr std::chrono::milliseconds kAgain{10'000};

log::Fields fields_of(const queue::Survivor& survivor) {
  return {{"correlation_id", survivor.correlation_id},
          {"job", survivor.uid},
          {"stage", survivor.stage},
          {"attempt", survivor.key.attempt}};
}

}  // namespace

void Survivors::start() {
  const Status asked = parts_.watch_pool->submit([&queue = *parts_.queue] { return queue.survivors(); },
                                                 [this](const Result<std::vector<queue::Survivor>>& survivors) {
                                                   if (!survivors) return events_.on_failed(survivors.error());
                                                   left_ = survivors->size();
                                                   if (survivors->empty()) return events_.on_done();
                                                   for (const auto& survivor : *survivors) end(survivor, true);
                                                 });
  VIVID_CHECK(asked.has_value());
}

void Survivors::end(const queue::Survivor& survivor, bool first) {
  const Status asked = parts_.stage_pool->submit(
      [survivor, mark = owner_mark(parts_.config.paths.state_directory), limit = first ? kFirstLimit : kLaterLimit] {
        return end_survivor(survivor, mark, limit);
      },
      [this, survivor, first](const Status& ended) {
        if (!ended) return on_stubborn(survivor, ended.error(), first);
        take_back(survivor, first);
      });
  if (!asked) on_stubborn(survivor, asked.error(), first);
}

// Given to nobody while its process may still write.
void Survivors::on_stubborn(const queue::Survivor& survivor, const Error& error, bool first) {
  log::Fields fields = fields_of(survivor);
  fields.emplace_back("reason", error.describe());
  fields.emplace_back("looked_for_again_in", format_duration(kAgain));
  log::error("a process of an earlier vividd does not end: its stage waits, all others go on", fields);
  auto& timer = again_[survivor.key.stage_id];
  if (!timer) timer = std::make_unique<Timer>(parts_.loop);
  timer->once(kAgain, [this, survivor] { end(survivor, false); });
  one_is_done(first);
}

void Survivors::take_back(const queue::Survivor& survivor, bool first) {
  parts_.queue->recover(
      survivor.key, [this, survivor, first, post = parts_.mailbox->poster()](Result<queue::StageOutcome> outcome) {
        post([this, survivor, first, outcome = std::move(outcome)] { on_taken_back(survivor, outcome, first); });
      });
}

void Survivors::on_taken_back(const queue::Survivor& survivor, const Result<queue::StageOutcome>& outcome, bool first) {
  log::Fields fields = fields_of(survivor);
  if (!outcome) {
    fields.emplace_back("reason", outcome.error().describe());
    // A queue that keeps nothing at the moment will later.
    if (outcome.error().code != ErrorCode::lease_lost) return on_stubborn(survivor, outcome.error(), first);
    log::warning("a stage of an earlier vividd was taken away", fields);
  } else {
    fields.emplace_back("state", queue::to_text(outcome->job_state));
    log::warning("stage of an earlier vividd recovered", fields);
    if (is_final(outcome->job_state)) events_.on_job_ended(survivor, outcome->job_state);
  }
  again_.erase(survivor.key.stage_id);
  one_is_done(first);
  parts_.dispatcher->wake();
}

void Survivors::one_is_done(bool first) {
  if (first && --left_ == 0) events_.on_done();
}

}  // namespace vivid::daemon
