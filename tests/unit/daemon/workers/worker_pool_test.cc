#include "daemon/workers/worker_pool.h"

#include <signal.h>

#include <fstream>

#include "daemon/loop/process_facts.h"
#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

using std::chrono::milliseconds;

bool runs(std::int32_t pid) {
  const auto facts = process_facts(pid);
  return facts && !facts->ended();
}

class WorkerPoolTest : public LoopFixture {
 protected:
  WorkerPoolTest() {
    options_.program = VIVID_TEST_WORKER_PROGRAM;
    options_.grace = milliseconds(50);
    options_.capacity = {{"cpu", 1}};
    options_.restart = {milliseconds(1), milliseconds(5), 2.0};
  }
  ~WorkerPoolTest() override { pool_.reset(); }

  void open() {
    pool_ = std::make_unique<WorkerPool>(
        &loop_, clock_, options_,
        WorkerPool::Events{[this](const std::string&) { ++free_; },
                           [this](const std::string& reason) { gone_.push_back(reason); }});
  }
  void open_as(const std::string& mode) {
    options_.environment = {"VIVID_TEST_WORKER=" + mode};
    open();
  }

  // A worker that is ready, reserved.
  WorkerName reserved() {
    std::optional<WorkerName> worker;
    EXPECT_TRUE(run_until([&] {
      if (pool_->workers_in("cpu") == 0) pool_->start_worker("cpu");
      worker = pool_->reserve("cpu");
      return worker.has_value();
    }));
    return worker.value_or(WorkerName{});
  }

  void run(WorkerName worker, const std::string& what) {
    outcome_.reset();
    render::Task task;
    task.job = "job";
    task.stage = "audio_synthesis";
    task.work_directory = folder_;
    task.input = R"({"do": ")" + what + "\"}";
    pool_->run(worker, task,
               {[this](const render::Progress& progress) { progress_.push_back(progress); },
                [this](TaskOutcome outcome) { outcome_ = std::move(outcome); }});
  }
  ErrorCode error_of(const std::string& what) {
    run(reserved(), what);
    EXPECT_TRUE(run_until([&] { return outcome_.has_value(); }));
    EXPECT_FALSE(outcome_->result);
    return outcome_->result ? ErrorCode::internal : outcome_->result.error().code;
  }

  ManualClock clock_;
  WorkerPoolOptions options_;
  std::unique_ptr<WorkerPool> pool_;
  int free_ = 0;
  std::vector<std::string> gone_;
  std::vector<render::Progress> progress_;
  std::optional<TaskOutcome> outcome_;
};

TEST_F(WorkerPoolTest, OneWorkerRunsOneTaskAfterAnother) {
  open();
  const WorkerName first = reserved();
  run(first, "succeed");
  ASSERT_TRUE(run_until([&] { return outcome_.has_value(); }));
  EXPECT_TRUE(outcome_->result);
  const WorkerName second = reserved();
  EXPECT_EQ(first.pid, second.pid);
  EXPECT_EQ(pool_->encoders(), std::vector<std::string>{"test_encoder"});
}

TEST_F(WorkerPoolTest, ReservedWorkerIsGivenToNobodyElse) {
  open();
  const WorkerName worker = reserved();
  EXPECT_FALSE(pool_->reserve("cpu"));
  EXPECT_TRUE(pool_->holds(worker));
  pool_->release(worker);
  EXPECT_FALSE(pool_->holds(worker));
  EXPECT_TRUE(pool_->reserve("cpu"));
}

TEST_F(WorkerPoolTest, WorkerThatDiesWhileReservedIsNoLongerHeld) {
  open();
  const WorkerName worker = reserved();
  ::kill(worker.pid, SIGKILL);
  ASSERT_TRUE(run_until([&] { return !gone_.empty(); }));
  EXPECT_FALSE(pool_->holds(worker));
}

TEST_F(WorkerPoolTest, FailureOfTheTaskLeavesTheWorkerInPlace) {
  open();
  EXPECT_EQ(error_of("fail"), ErrorCode::invalid_input);
  EXPECT_TRUE(gone_.empty());
}

TEST_F(WorkerPoolTest, CrashExitGarbageAndFloodAreWorkerCrashes) {
  open();
  for (const char* what : {"crash", "exit", "garbage", "flood"}) {
    EXPECT_EQ(error_of(what), ErrorCode::worker_crashed) << what;
  }
  EXPECT_EQ(gone_, (std::vector<std::string>{"signal", "exited", "protocol", "protocol"}));
}

TEST_F(WorkerPoolTest, StoppedTaskEndsWithTheGivenErrorOnceTheProcessIsGone) {
  open();
  const WorkerName worker = reserved();
  run(worker, "progress_then_hang");
  ASSERT_TRUE(run_until([&] { return !progress_.empty(); }));
  pool_->stop(worker, "silence", {ErrorCode::silence, "too quiet"});
  EXPECT_FALSE(outcome_);
  ASSERT_TRUE(run_until([&] { return outcome_.has_value(); }));
  EXPECT_EQ(outcome_->result.error().code, ErrorCode::silence);
  EXPECT_EQ(outcome_->last_progress->step, "encode");
  EXPECT_FALSE(runs(worker.pid));
  EXPECT_EQ(gone_, std::vector<std::string>{"silence"});
}

TEST_F(WorkerPoolTest, KillLadderEndsAWholeGroupThatIgnoresTerm) {
  open();
  const WorkerName worker = reserved();
  run(worker, "ignore_term");
  ASSERT_TRUE(run_until([&] { return !progress_.empty(); }));
  std::int32_t child = 0;
  std::ifstream(folder_ / "child") >> child;
  ASSERT_TRUE(runs(child));
  pool_->stop(worker, "start_to_close", {ErrorCode::start_to_close, "too long"});
  ASSERT_TRUE(run_until([&] { return outcome_.has_value(); }));
  EXPECT_EQ(outcome_->result.error().code, ErrorCode::start_to_close);
  EXPECT_FALSE(runs(worker.pid));
  EXPECT_TRUE(run_until([&] { return !runs(child); }));
}

TEST_F(WorkerPoolTest, WorkerIsReplacedAfterItsNumberOfStages) {
  options_.max_stages = 2;
  open();
  for (int i = 0; i < 2; ++i) {
    run(reserved(), "succeed");
    ASSERT_TRUE(run_until([&] { return outcome_.has_value(); }));
  }
  ASSERT_TRUE(run_until([&] { return !gone_.empty(); }));
  EXPECT_EQ(gone_.front(), "recycled_jobs");
}

TEST_F(WorkerPoolTest, WorkerIsReplacedOverItsMemory) {
  options_.max_memory_bytes = 64ULL << 20;
  open();
  run(reserved(), "succeed");
  ASSERT_TRUE(run_until([&] { return outcome_.has_value(); }));
  EXPECT_TRUE(gone_.empty());
  run(reserved(), "grow");
  ASSERT_TRUE(run_until([&] { return !gone_.empty(); }));
  EXPECT_EQ(gone_.front(), "recycled_memory");
}

TEST_F(WorkerPoolTest, WorkerIsReplacedAtItsAge) {
  options_.max_age = std::chrono::hours(1);
  open();
  pool_->release(reserved());
  clock_.advance(std::chrono::minutes(59));
  pool_->release(reserved());
  EXPECT_TRUE(gone_.empty());
  clock_.advance(std::chrono::minutes(2));
  pool_->release(reserved());
  ASSERT_TRUE(run_until([&] { return !gone_.empty(); }));
  EXPECT_EQ(gone_.front(), "recycled_age");
}

TEST_F(WorkerPoolTest, SmallerCapacityEndsIdleWorkers) {
  open();
  pool_->release(reserved());
  options_.capacity["cpu"] = 0;
  pool_->set_options(options_);
  ASSERT_TRUE(run_until([&] { return !gone_.empty(); }));
  EXPECT_EQ(gone_.front(), "idle");
  EXPECT_FALSE(pool_->start_worker("cpu"));
}

TEST_F(WorkerPoolTest, StartsThatFailInARowMakeItUnhealthyAndItRecoversByItself) {
  options_.program = folder_ / "worker";
  open();
  pool_->start_worker("cpu");
  // Whoever has work asks whenever the lane is said to be free.
  int seen = 0;
  ASSERT_TRUE(run_until([&] {
    if (free_ > seen) pool_->start_worker("cpu");
    seen = free_;
    return !pool_->unhealthy_reason().empty();
  }));
  EXPECT_NE(pool_->unhealthy_reason().find("workers do not start"), std::string::npos);
  std::filesystem::create_symlink(VIVID_TEST_WORKER_PROGRAM, folder_ / "worker");
  // Nobody asks now.
  EXPECT_TRUE(run_until([&] { return pool_->unhealthy_reason().empty(); }));
}

TEST_F(WorkerPoolTest, WorkersThatEndBeforeTheyAreReadyBackOff) {
  options_.restart = {std::chrono::hours(1), std::chrono::hours(1), 2.0};
  open_as("exit");
  ASSERT_TRUE(pool_->start_worker("cpu"));
  ASSERT_TRUE(run_until([&] { return !gone_.empty(); }));
  EXPECT_EQ(gone_.front(), "start_failed");
  EXPECT_FALSE(pool_->start_worker("cpu"));
}

TEST_F(WorkerPoolTest, WorkersThatEndBeforeTheirFirstTaskBackOffToo) {
  options_.restart = {std::chrono::hours(1), std::chrono::hours(1), 2.0};
  open_as("exit_after_hello");
  ASSERT_TRUE(pool_->start_worker("cpu"));
  ASSERT_TRUE(run_until([&] { return !gone_.empty(); }));
  EXPECT_EQ(gone_.front(), "exited");
  EXPECT_FALSE(pool_->start_worker("cpu"));
}

TEST_F(WorkerPoolTest, ShutDownEndsBusyIdleAndStartingWorkers) {
  options_.capacity["cpu"] = 2;
  open();
  const WorkerName busy = reserved();
  run(busy, "ignore_term");
  ASSERT_TRUE(run_until([&] { return !progress_.empty(); }));
  ASSERT_TRUE(pool_->start_worker("cpu"));
  bool done = false;
  pool_->shut_down(std::chrono::hours(1), [&] { done = true; });
  EXPECT_FALSE(pool_->start_worker("cpu"));
  // Whoever ignores it has an hour, until it is told otherwise.
  pool_->hurry(milliseconds(1));
  ASSERT_TRUE(run_until([&] { return done; }));
  EXPECT_EQ(outcome_->result.error().code, ErrorCode::unavailable);
  EXPECT_EQ(pool_->workers_in("cpu"), 0);
}

}  // namespace
}  // namespace vivid::daemon
