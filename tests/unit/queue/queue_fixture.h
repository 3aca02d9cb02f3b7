// A queue in a folder of its own under a clock that stands still until told, and commands as plain calls.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "queue/job_queue.h"
#include "tests/support/temporary_folder.h"

namespace vivid::queue {

class FakeClock final : public Clock {
 public:
  WallTime now() const override { return WallTime(std::chrono::microseconds(now_us_.load())); }
  SteadyTime steady_now() const override { return SteadyTime(std::chrono::microseconds(now_us_.load())); }
  void advance(std::chrono::microseconds by) { now_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_us_{1'800'000'000'000'000};
};

using test::TemporaryFolder;

// ask<T>(queue, &JobQueue::submit, arguments …): posts and waits for the answer.
template <typename T, typename Call>
Result<T> ask(Call&& call) {
  std::promise<Result<T>> promise;
  std::future<Result<T>> answer = promise.get_future();
  call([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

inline Result<SubmitResult> submit(JobQueue& queue, NewJob job) {
  return ask<SubmitResult>([&](auto done) { queue.submit(std::move(job), std::move(done)); });
}
inline Result<std::vector<Lease>> claim(JobQueue& queue, const std::string& lane, int limit = 1, Holder holder = {}) {
  return ask<std::vector<Lease>>([&](auto done) { queue.claim(lane, holder, limit, std::move(done)); });
}
inline Result<StageOutcome> complete(JobQueue& queue, LeaseKey key, std::string result = "{}",
                                     std::string detail = "") {
  return ask<StageOutcome>(
      [&](auto done) { queue.complete(key, std::move(result), std::move(detail), std::move(done)); });
}
inline Result<StageOutcome> fail_with(JobQueue& queue, LeaseKey key, ErrorCode code, std::string message = "it broke") {
  return ask<StageOutcome>([&](auto done) { queue.fail(key, {code, std::move(message)}, "", std::move(done)); });
}
inline Result<StageOutcome> snooze(JobQueue& queue, LeaseKey key, WallTime until) {
  return ask<StageOutcome>([&](auto done) { queue.snooze(key, until, "waiting", std::move(done)); });
}
inline Result<CancelResult> cancel(JobQueue& queue, const std::string& uid) {
  return ask<CancelResult>([&](auto done) { queue.cancel(uid, std::move(done)); });
}
inline Result<CancelResult> cancel(JobQueue& queue, const std::string& uid, Error reason) {
  return ask<CancelResult>([&](auto done) { queue.cancel(uid, std::move(reason), std::move(done)); });
}
inline Result<JobSummary> requeue(JobQueue& queue, const std::string& uid,
                                  std::optional<std::int64_t> fence = std::nullopt) {
  return ask<JobSummary>([&](auto done) { queue.requeue(uid, fence, std::move(done)); });
}
inline Result<std::int64_t> requeue_dead(JobQueue& queue) {
  return ask<std::int64_t>([&](auto done) { queue.requeue_dead(std::move(done)); });
}
inline Result<JobSummary> set_priority(JobQueue& queue, const std::string& uid, int priority) {
  return ask<JobSummary>([&](auto done) { queue.set_priority(uid, priority, std::move(done)); });
}
inline Status pause(JobQueue& queue, const std::string& lane) {
  return ask<void>([&](auto done) { queue.pause(lane, std::move(done)); });
}
inline Status resume(JobQueue& queue, const std::string& lane) {
  return ask<void>([&](auto done) { queue.resume(lane, std::move(done)); });
}
inline Result<std::int64_t> prune(JobQueue& queue, std::chrono::hours keep, std::chrono::hours keep_dead) {
  return ask<std::int64_t>([&](auto done) { queue.prune(keep, keep_dead, std::move(done)); });
}
inline Status settle(JobQueue& queue, std::vector<Settlement> settlements) {
  return ask<void>([&](auto done) { queue.settle_outbox(std::move(settlements), std::move(done)); });
}
// All unsettled rows get this verdict.
inline void settle_all(JobQueue& queue, Verdict verdict = Verdict::applied) {
  std::vector<Settlement> settlements;
  const std::vector<OutboxRow> rows = queue.outbox(10'000).value();
  for (const OutboxRow& row : rows) settlements.push_back({.seq = row.seq, .verdict = verdict, .error = "because"});
  ASSERT_TRUE(settle(queue, std::move(settlements)).has_value());
}
inline Result<std::int64_t> resend(JobQueue& queue, WallTime since) {
  return ask<std::int64_t>([&](auto done) { queue.resend_outbox(since, std::move(done)); });
}
inline Result<std::int64_t> requeue_outbox(JobQueue& queue, std::optional<std::int64_t> seq) {
  return ask<std::int64_t>([&](auto done) { queue.requeue_outbox(seq, std::move(done)); });
}
inline Result<StageOutcome> recover(JobQueue& queue, LeaseKey key) {
  return ask<StageOutcome>([&](auto done) { queue.recover(key, std::move(done)); });
}

inline std::string uid_of(int number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

// A job with these stages, all in lane cpu.
inline NewJob job_of(int number, const std::vector<std::string>& stages = {"render"}) {
  NewJob job;
  job.uid = uid_of(number);
  job.fence = 7;
  job.correlation_id = "c-" + std::to_string(number);
  job.job_class = "video";
  job.payload = R"({"number":)" + std::to_string(number) + "}";
  for (const std::string& name : stages) job.stages.push_back({.name = name, .lane = "cpu", .limits = {}});
  return job;
}

class QueueTest : public ::testing::Test {
 protected:
  QueueTest() {
    options_.path = folder_.path() / "queue.db";
    options_.seed = 42;
    open();
  }
  void open() {
    auto opened = JobQueue::open(options_, clock_);
    ASSERT_TRUE(opened.has_value()) << opened.error().describe();
    queue_ = std::move(*opened);
  }
  void reopen() {
    queue_.reset();
    open();
  }

  // The single lease that can be had now; fails the test when there is none.
  Lease claim_one(const std::string& lane = "cpu") {
    auto leases = claim(*queue_, lane);
    EXPECT_TRUE(leases.has_value() && leases->size() == 1) << "nothing to claim in " << lane;
    return leases && !leases->empty() ? leases->front() : Lease{};
  }
  bool nothing_to_claim(const std::string& lane = "cpu") {
    auto leases = claim(*queue_, lane);
    return leases.has_value() && leases->empty();
  }
  JobView view(int number) {
    auto found = queue_->find(uid_of(number));
    EXPECT_TRUE(found.has_value() && found->has_value());
    return found && *found ? **found : JobView{};
  }
  // "kind stage" of each row, in order.
  std::vector<std::string> outbox_lines() {
    std::vector<std::string> lines;
    const std::vector<OutboxRow> rows = queue_->outbox(1000).value();
    for (const OutboxRow& row : rows) {
      lines.push_back(row.stage.empty() ? row.kind : row.kind + " " + row.stage);
    }
    return lines;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  Options options_;
  std::unique_ptr<JobQueue> queue_;
};

}  // namespace vivid::queue
