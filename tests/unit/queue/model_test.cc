// Random operations from a printed seed, over a file system that breaks now and then; after each the queue must agree
// with a plain reference. VIVID_MODEL_SEED replays a run, VIVID_MODEL_OPERATIONS makes it longer.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/backoff.h"
#include "queue_fixture.h"
#include "reference_queue.h"
#include "tests/support/queue_faulty_vfs.h"

namespace vivid::queue {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Fault;
using testing::FaultyVfs;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

bool is_of_the_disk(const Error& error) {
  return error.code == ErrorCode::disk_full || error.code == ErrorCode::io_error;
}

class ModelTest : public QueueTest {
 protected:
  ModelTest()
      : seed_(number_from("VIVID_MODEL_SEED", std::random_device{}())),
        random_(seed_),
        reference_(reference_options()) {
    queue_.reset();
    options_.vfs = FaultyVfs::name();
    options_.keep_settled = reference_options().keep_settled;
    options_.reopen = {milliseconds(1), milliseconds(1), 1.0};
    open();
  }

  static Options reference_options() {
    Options options;
    options.keep_settled = hours(1);
    return options;
  }

  std::uint64_t pick(std::uint64_t bound) { return random_.up_to(bound - 1); }
  std::string some_uid() { return uid_of(static_cast<int>(pick(60))); }

  // True when the command was carried out; after an error of the disk the file is given back, and nothing may have
  // been kept.
  template <typename T>
  bool was_done(const Result<T>& result) {
    if (!result) last_error_ = result.error().describe();
    if (result || !is_of_the_disk(result.error())) return true;
    EXPECT_TRUE(FaultyVfs::struck()) << result.error().describe();
    ++faults_;
    if (pick(2) == 0) {
      const auto refused = vivid::queue::submit(*queue_, job_of(9'999));
      // It may have come back by itself in between only when nothing is broken any more.
      EXPECT_TRUE(!refused && is_of_the_disk(refused.error()));
    }
    FaultyVfs::heal();
    while (queue_->suspended()) std::this_thread::yield();
    return false;
  }

  // For commands of several transactions: what the earlier ones did stays done, so a broken one is repeated to its end.
  template <typename Call, typename Expected>
  void expect_count(Call call, Expected expected) {
    Result<std::int64_t> result = call();
    const bool whole = was_done(result);
    if (!whole) result = call();
    const std::int64_t count = expected();
    ASSERT_TRUE(result.has_value()) << last_error_;
    if (whole) {
      EXPECT_EQ(*result, count);
    }
  }

  NewJob random_job() {
    static const std::vector<std::string> kLanes{"cpu", "render", "net"};
    NewJob job = job_of(static_cast<int>(pick(60)), {});
    const std::uint64_t count = 1 + pick(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      StageSpec stage{.name = "stage" + std::to_string(i), .lane = kLanes[pick(3)], .limits = {}};
      stage.skipped = pick(8) == 0;
      stage.critical = pick(4) != 0;
      stage.limits.max_attempts = 1 + static_cast<int>(pick(3));
      job.stages.push_back(std::move(stage));
    }
    job.fence = static_cast<std::int64_t>(pick(4));
    job.priority = static_cast<int>(pick(10));
    if (pick(4) == 0) job.run_at = clock_.now() + seconds(pick(100));
    job.payload = std::string(pick(20) == 0 ? 20'000 : pick(600), 'p');
    return job;
  }

  LeaseKey key_of(const ReferenceQueue::Leased& lease) { return keys_.at({lease.uid, lease.stage}); }

  std::optional<ReferenceQueue::Leased> some_lease() {
    const std::vector<ReferenceQueue::Leased> leases = reference_.leased();
    if (leases.empty()) return std::nullopt;
    return leases[pick(leases.size())];
  }

  void do_submit() {
    const NewJob job = random_job();
    const auto result = vivid::queue::submit(*queue_, job);
    if (!was_done(result)) return;
    const ReferenceQueue::Submitted expected = reference_.submit(job, clock_.now());
    ASSERT_EQ(!result, expected.refused) << last_error_;
    if (!result) return;
    EXPECT_EQ(result->created, expected.created);
    EXPECT_EQ(result->fence_raised, expected.fence_raised);
  }

  void do_claim() {
    static const std::vector<std::string> kLanes{"cpu", "render", "net"};
    const std::string& lane = kLanes[pick(3)];
    const int limit = 1 + static_cast<int>(pick(4));
    const auto result = vivid::queue::claim(*queue_, lane, limit);
    if (!was_done(result)) return;
    std::vector<ReferenceQueue::Leased> got;
    for (const Lease& lease : result.value()) {
      got.push_back({lease.uid, lease.stage, lease.key.attempt});
      keys_[{lease.uid, lease.stage}] = lease.key;
    }
    EXPECT_EQ(got, reference_.claim(lane, limit, clock_.now()));
  }

  void do_complete() {
    const auto lease = some_lease();
    if (!lease) return;
    const auto result = vivid::queue::complete(*queue_, key_of(*lease));
    if (!was_done(result)) return;
    EXPECT_EQ(result.value().job_state, reference_.complete(*lease, clock_.now()));
    if (pick(3) == 0) {
      const auto again = vivid::queue::complete(*queue_, key_of(*lease));
      if (was_done(again)) {
        EXPECT_EQ(again.error().code, ErrorCode::lease_lost);
      }
    }
  }

  void do_fail() {
    static const std::vector<ErrorCode> kCodes{ErrorCode::unavailable, ErrorCode::worker_crashed,
                                               ErrorCode::invalid_input, ErrorCode::cancelled, ErrorCode::silence};
    const auto lease = some_lease();
    if (!lease) return;
    const ErrorCode code = kCodes[pick(kCodes.size())];
    const auto result = vivid::queue::fail_with(*queue_, key_of(*lease), code);
    if (!was_done(result)) return;
    EXPECT_EQ(result.value().job_state, reference_.fail(*lease, code, result.value().retry_at, clock_.now()));
  }

  void do_snooze() {
    const auto lease = some_lease();
    if (!lease) return;
    const WallTime until = clock_.now() + seconds(pick(20));
    const auto result = vivid::queue::snooze(*queue_, key_of(*lease), until);
    if (!was_done(result)) return;
    EXPECT_EQ(result.value().job_state, reference_.snooze(*lease, until, clock_.now()));
  }

  void do_operate() {
    const std::string uid = some_uid();
    if (pick(3) == 0) {
      const int priority = static_cast<int>(pick(10));
      const auto result = vivid::queue::set_priority(*queue_, uid, priority);
      if (was_done(result)) reference_.set_priority(uid, priority);
    } else if (pick(2) == 0) {
      const ErrorCode reason = pick(2) == 0 ? ErrorCode::cancelled : ErrorCode::lease_lost;
      const auto result = vivid::queue::cancel(*queue_, uid, {reason, "in the test"});
      if (was_done(result)) {
        EXPECT_EQ(result.value(), reference_.cancel(uid, reason, clock_.now()));
      }
    } else if (pick(8) == 0) {
      expect_count([&] { return vivid::queue::requeue_dead(*queue_); },
                   [&] { return reference_.requeue_dead(clock_.now()); });
    } else {
      const auto fence = pick(2) == 0 ? std::optional(static_cast<std::int64_t>(pick(8))) : std::nullopt;
      const auto result = vivid::queue::requeue(*queue_, uid, fence);
      if (was_done(result)) {
        EXPECT_EQ(result.has_value(), reference_.requeue(uid, fence, clock_.now())) << last_error_;
      }
    }
  }

  static std::string text_of(const OutboxRow& row) {
    return row.stage.empty() ? row.kind : row.kind + " " + row.stage + " " + std::to_string(row.attempt);
  }

  // Some of the first unsettled rows, in any order of verdicts.
  void do_settle() {
    const std::vector<OutboxRow> rows = queue_->outbox(static_cast<int>(1 + pick(20))).value();
    std::vector<Settlement> settlements;
    for (const OutboxRow& row : rows) {
      settlements.push_back({.seq = row.seq, .verdict = static_cast<Verdict>(pick(6)), .error = "in the test"});
    }
    if (!was_done(vivid::queue::settle(*queue_, settlements))) return;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      reference_.settle(rows[i].uid, text_of(rows[i]), settlements[i].verdict, clock_.now());
    }
    // A verdict for what has one already changes nothing.
    settlements.resize(pick(settlements.size() + 1));
    for (Settlement& settlement : settlements) settlement.verdict = Verdict::stale;
    static_cast<void>(was_done(vivid::queue::settle(*queue_, settlements)));
  }

  void do_outbox() {
    const std::uint64_t choice = pick(10);
    if (choice < 7) return do_settle();
    if (choice < 8) {
      const WallTime since = clock_.now() - seconds(pick(1'000));
      expect_count([&] { return vivid::queue::resend(*queue_, since); }, [&] { return reference_.resend(since); });
    } else if (choice < 9) {
      expect_count([&] { return vivid::queue::requeue_outbox(*queue_, std::nullopt); },
                   [&] { return reference_.requeue_outbox(); });
    } else {
      const hours keep(pick(3));
      expect_count([&] { return vivid::queue::prune(*queue_, keep, keep + hours(1)); },
                   [&] { return reference_.prune(keep, keep + hours(1), clock_.now()); });
    }
  }

  void do_pause() {
    static const std::vector<std::string> kNames{"cpu", "render", "net", ""};
    const std::string& lane = kNames[pick(4)];
    if (pick(4) == 0) {
      if (was_done(vivid::queue::pause(*queue_, lane))) reference_.paused.insert(lane);
    } else if (const Status resumed = vivid::queue::resume(*queue_, lane); was_done(resumed) && resumed) {
      lane.empty() ? reference_.paused.clear() : static_cast<void>(reference_.paused.erase(lane));
    }
  }

  void do_restart() {
    FaultyVfs::heal();
    reopen();
    std::vector<ReferenceQueue::Leased> left;
    const std::vector<Survivor> survivors = queue_->survivors().value();
    for (const Survivor& survivor : survivors) left.push_back({survivor.uid, survivor.stage, survivor.key.attempt});
    std::vector<ReferenceQueue::Leased> expected = reference_.leased();
    EXPECT_EQ(left, expected);
    for (const Survivor& survivor : survivors) {
      const auto result = vivid::queue::recover(*queue_, survivor.key);
      EXPECT_EQ(result.value().job_state,
                reference_.fail({survivor.uid, survivor.stage, survivor.key.attempt}, ErrorCode::worker_crashed,
                                result.value().retry_at, clock_.now()));
    }
  }

  void compare_everything() {
    compare_outbox();
    std::map<JobState, std::int64_t> states;
    for (const ReferenceQueue::Job& job : reference_.jobs()) {
      ++states[job.state];
      const auto found = queue_->find(job.uid).value();
      ASSERT_TRUE(found.has_value());
      EXPECT_EQ(found->summary.state, job.state) << job.uid;
      EXPECT_EQ(found->summary.fence, job.fence) << job.uid;
      for (std::size_t i = 0; i < job.stages.size(); ++i) {
        EXPECT_EQ(found->stages[i].state, job.stages[i].state) << job.uid << " " << i;
        EXPECT_EQ(found->stages[i].attempts, job.stages[i].used) << job.uid << " " << i;
      }
    }
    const Counts counts = queue_->counts().value();
    EXPECT_EQ(counts.outbox_rows, std::ssize(reference_.rows(std::nullopt)));
    EXPECT_EQ(counts.outbox_quarantined, std::ssize(reference_.rows(Verdict::quarantined)));
    for (const auto& [state, count] : counts.jobs) EXPECT_EQ(count, states[state]) << to_text(state);
    compare_lanes(counts);
  }

  void compare_outbox() {
    const auto texts_of = [](const std::vector<ReferenceQueue::Row>& rows) {
      std::vector<std::string> texts;
      for (const ReferenceQueue::Row& row : rows) texts.push_back(row.uid + " " + row.text);
      return texts;
    };
    std::vector<std::string> unsettled;
    const std::vector<OutboxRow> rows = queue_->outbox(100'000).value();
    for (const OutboxRow& row : rows) unsettled.push_back(row.uid + " " + text_of(row));
    EXPECT_EQ(unsettled, texts_of(reference_.rows(std::nullopt)));
    std::vector<std::string> quarantined;
    const std::vector<QuarantinedRow> refused = queue_->quarantined_outbox(100'000).value();
    for (const QuarantinedRow& row : refused) quarantined.push_back(row.row.uid + " " + text_of(row.row));
    EXPECT_EQ(quarantined, texts_of(reference_.rows(Verdict::quarantined)));
    std::set<std::string> held;
    for (const ReferenceQueue::Job& job : reference_.jobs()) {
      const bool waits = reference_.has_rows(job.uid, std::nullopt) || reference_.is_final_refused(job.uid);
      if (job.fence > 0 && (!is_final(job.state) || waits)) held.insert(job.uid);
    }
    std::set<std::string> said;
    const std::vector<HeldRequest> requests = queue_->held().value();
    for (const HeldRequest& request : requests) EXPECT_TRUE(said.insert(request.uid).second) << request.uid;
    EXPECT_EQ(said, held);
  }

  void compare_lanes(const Counts& counts) {
    for (const Counts::LaneCount& lane : counts.lanes) {
      Counts::LaneCount expected{.lane = lane.lane};
      for (const ReferenceQueue::Job& job : reference_.jobs()) {
        for (const ReferenceQueue::Stage& stage : job.stages) {
          if (stage.spec.lane != lane.lane) continue;
          if (stage.state == StageState::in_progress) ++expected.in_progress;
          if (stage.state == StageState::ready) ++(stage.ready_at <= clock_.now() ? expected.ready : expected.delayed);
        }
      }
      EXPECT_EQ(lane.ready, expected.ready) << lane.lane;
      EXPECT_EQ(lane.delayed, expected.delayed) << lane.lane;
      EXPECT_EQ(lane.in_progress, expected.in_progress) << lane.lane;
    }
  }

  void do_something() {
    if (pick(30) == 0) {
      static const std::vector<Fault> kFaults{Fault::full_disk, Fault::failed_sync, Fault::short_write};
      FaultyVfs::arm(kFaults[pick(3)], static_cast<int>(pick(12)));
    }
    const std::uint64_t choice = pick(100);
    if (choice < 20) return do_submit();
    if (choice < 46) return do_claim();
    if (choice < 61) return do_complete();
    if (choice < 70) return do_fail();
    if (choice < 74) return do_snooze();
    if (choice < 84) return do_operate();
    if (choice < 92) return do_outbox();
    if (choice < 96) return do_pause();
    if (choice < 99) return clock_.advance(pick(20) == 0 ? hours(1) : seconds(pick(200)));
    do_restart();
  }

  const std::uint64_t seed_;
  Random random_;
  ReferenceQueue reference_;
  std::map<std::pair<std::string, std::string>, LeaseKey> keys_;
  int faults_ = 0;
  std::string last_error_;
};

TEST_F(ModelTest, AgreesWithAPlainReferenceWhileTheDiskBreaks) {
  const std::uint64_t operations = number_from("VIVID_MODEL_OPERATIONS", 2'000);
  std::printf("VIVID_MODEL_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  SCOPED_TRACE("VIVID_MODEL_SEED=" + std::to_string(seed_));
  for (std::uint64_t i = 0; i < operations && !HasFailure(); ++i) {
    SCOPED_TRACE("operation " + std::to_string(i));
    SCOPED_TRACE("last error " + last_error_);
    do_something();
    if (i % 100 == 99) compare_everything();
  }
  FaultyVfs::heal();
  compare_everything();
  EXPECT_GT(faults_, 0);
}

}  // namespace
}  // namespace vivid::queue
