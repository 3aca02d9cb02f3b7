// A queue whose claims are answered when a test says so, and that notes how stages end.
//
// Threads: the loop's for commands, any for reads.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "queue/job_queue.h"

namespace vivid::daemon {

class HeldQueue : public queue::JobQueue {
 public:
  int claims() const { return claims_; }
  // Answers the claim that waits.
  void answer_claim(Result<std::vector<queue::Lease>> leases) { std::exchange(held_, nullptr)(std::move(leases)); }
  // "complete", "snooze", "rewind" or "fail CODE", in order.
  const std::vector<std::string>& ends() const { return ends_; }
  void refuse_ends_with(std::optional<Error> error) { refusal_ = std::move(error); }

  void set_listener(std::function<void()>) override {}
  void claim(std::string, queue::Holder, int, queue::Completion<std::vector<queue::Lease>> done) override {
    ++claims_;
    held_ = std::move(done);
  }
  void complete(queue::LeaseKey, std::string, std::string, queue::Completion<queue::StageOutcome> done) override {
    end("complete", done);
  }
  void fail(queue::LeaseKey, Error error, std::string, queue::Completion<queue::StageOutcome> done) override {
    end("fail " + std::string(to_text(error.code)), done);
  }
  void snooze(queue::LeaseKey, WallTime, std::string, queue::Completion<queue::StageOutcome> done) override {
    end("snooze", done);
  }
  void rewind(queue::LeaseKey, std::string, Error, queue::Completion<queue::StageOutcome> done) override {
    end("rewind", done);
  }
  void submit(queue::NewJob, queue::Completion<queue::SubmitResult> done) override { done(unused()); }
  void cancel(std::string, Error, queue::Completion<queue::CancelResult> done) override { done(unused()); }
  void requeue(std::string, std::optional<std::int64_t>, queue::Completion<queue::JobSummary> done) override {
    done(unused());
  }
  void requeue_dead(queue::Completion<std::int64_t> done) override { done(unused()); }
  void set_priority(std::string, int, queue::Completion<queue::JobSummary> done) override { done(unused()); }
  void pause(std::string, queue::Completion<void> done) override { done(unused()); }
  void resume(std::string, queue::Completion<void> done) override { done(unused()); }
  void prune(std::chrono::hours, std::chrono::hours, queue::Completion<std::int64_t> done) override { done(unused()); }
  void settle_outbox(std::vector<queue::Settlement>, queue::Completion<void> done) override { done(unused()); }
  void resend_outbox(WallTime, queue::Completion<std::int64_t> done) override { done(unused()); }
  void requeue_outbox(std::optional<std::int64_t>, queue::Completion<std::int64_t> done) override { done(unused()); }
  void recover(queue::LeaseKey, queue::Completion<queue::StageOutcome> done) override { done(unused()); }

  Result<std::optional<queue::JobView>> find(const std::string&) const override { return unused(); }
  Result<std::optional<queue::JobSummary>> summary(const std::string&) const override { return unused(); }
  Result<std::optional<queue::JobState>> state_of(const std::string&) const override { return unused(); }
  Result<std::vector<std::string>> uids_beginning_with(const std::string&, int) const override { return unused(); }
  Result<std::vector<queue::JobSummary>> list(const queue::ListFilter&) const override { return unused(); }
  Result<queue::Counts> counts() const override { return unused(); }
  Result<std::vector<std::string>> paused_lanes() const override { return unused(); }
  Result<std::vector<queue::OutboxRow>> outbox(int) const override { return unused(); }
  Result<std::vector<queue::QuarantinedRow>> quarantined_outbox(int) const override { return unused(); }
  Result<std::vector<queue::HeldRequest>> held() const override { return unused(); }
  Result<std::vector<std::string>> cancel_requested() const override { return std::vector<std::string>(); }
  Result<std::vector<queue::Survivor>> survivors() const override { return unused(); }
  Result<std::optional<WallTime>> next_run_at() const override { return std::optional<WallTime>(); }
  Result<std::vector<std::pair<std::string, std::string>>> stage_results(const std::string&) const override {
    return unused();
  }
  std::optional<Error> suspended() const override { return std::nullopt; }

 private:
  static tl::unexpected<Error> unused() { return vivid::fail(ErrorCode::unsupported, "not in this test"); }
  void end(std::string how, const queue::Completion<queue::StageOutcome>& done) {
    ends_.push_back(std::move(how));
    if (refusal_) return done(tl::make_unexpected(*refusal_));
    done(queue::StageOutcome{queue::StageState::ready, queue::JobState::running, std::nullopt});
  }

  int claims_ = 0;
  queue::Completion<std::vector<queue::Lease>> held_;
  std::vector<std::string> ends_;
  std::optional<Error> refusal_;
};

}  // namespace vivid::daemon
