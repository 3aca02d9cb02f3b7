// Random operations from a printed seed, over a file system that breaks now and then; after each the queue must agree
// with a plain reference. VIVID_MODEL_SEED replays a run, VIVID_MODEL_OPERATIONS makes it longer.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "base/backoff.h"
#include "queue_fixture.h"
#include "reference_queue.h"
#include "tests/support/queue_faulty_vfs.h"

namespace vivid::queue {
namespace {

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
  ModelTest() : seed_(number_from("VIVID_MODEL_SEED", std::random_device{}())), random_(seed_), reference_(options_) {
    queue_.reset();
    options_.vfs = FaultyVfs::name();
    options_.reopen = {milliseconds(1), milliseconds(1), 1.0};
    open();
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
    EXPECT_EQ(result.value().created, reference_.submit(job, clock_.now()));
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
    EXPECT_EQ(result.value().job_state, reference_.snooze(*lease, until));
  }

  void do_operate() {
    const std::string uid = some_uid();
    if (pick(3) == 0) {
      const int priority = static_cast<int>(pick(10));
      const auto result = vivid::queue::set_priority(*queue_, uid, priority);
      if (was_done(result)) reference_.set_priority(uid, priority);
    } else if (pick(2) == 0) {
      const auto result = vivid::queue::cancel(*queue_, uid);
      if (was_done(result)) {
        EXPECT_EQ(result.value(), reference_.cancel(uid));
      }
    } else {
      const auto result = vivid::queue::requeue(*queue_, uid);
      if (was_done(result)) {
        EXPECT_EQ(result.has_value(), reference_.requeue(uid, clock_.now()));
      }
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
    std::map<std::string, std::set<std::string>> outbox;
    const std::vector<OutboxRow> rows = queue_->outbox(100'000).value();
    for (const OutboxRow& row : rows) {
      EXPECT_TRUE(outbox[row.uid].insert(row.stage.empty() ? row.kind : row.kind + " " + row.stage).second);
    }
    std::map<JobState, std::int64_t> states;
    for (const ReferenceQueue::Job& job : reference_.jobs()) {
      ++states[job.state];
      const auto found = queue_->find(job.uid).value();
      ASSERT_TRUE(found.has_value());
      EXPECT_EQ(found->summary.state, job.state) << job.uid;
      EXPECT_EQ(outbox[job.uid], job.outbox) << job.uid;
      for (std::size_t i = 0; i < job.stages.size(); ++i) {
        EXPECT_EQ(found->stages[i].state, job.stages[i].state) << job.uid << " " << i;
        EXPECT_EQ(found->stages[i].attempts, job.stages[i].used) << job.uid << " " << i;
      }
    }
    const Counts counts = queue_->counts().value();
    for (const auto& [state, count] : counts.jobs) EXPECT_EQ(count, states[state]) << to_text(state);
    compare_lanes(counts);
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
    if (choice < 50) return do_claim();
    if (choice < 65) return do_complete();
    if (choice < 77) return do_fail();
    if (choice < 82) return do_snooze();
    if (choice < 92) return do_operate();
    if (choice < 96) return do_pause();
    if (choice < 99) return clock_.advance(seconds(pick(200)));
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
