#include "daemon/pipeline/dispatcher.h"

#include <gmock/gmock.h>

#include <limits>

#include "daemon/pipeline/job_plan.h"
#include "sync/storage/local_object_store.h"
#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class QuietObserver : public DispatchObserver {
 public:
  void stage_started(const queue::Lease&, std::chrono::microseconds) override { ++started; }
  void stage_progressed(const queue::Lease&, const render::Progress&) override { ++progressed; }
  void stage_settled(const queue::Lease&, const StageReport&, const queue::StageOutcome& outcome,
                     std::chrono::microseconds) override {
    ++settled;
    last_state = outcome.job_state;
  }
  int started = 0, progressed = 0, settled = 0;
  queue::JobState last_state = queue::JobState::queued;
};

class DispatchWithWorkers : public LoopFixture {
 protected:
  DispatchWithWorkers() {
    queue::Options queue_options;
    queue_options.path = folder_ / "queue.db";
    queue_options.retry = {milliseconds(1), milliseconds(2), 2.0};
    auto opened = queue::JobQueue::open(queue_options, system_clock());
    EXPECT_TRUE(opened);
    queue_ = std::move(*opened);
    worker_options_.program = VIVID_TEST_WORKER_PROGRAM;
    worker_options_.grace = milliseconds(50);
    worker_options_.capacity = {{"cpu", 1}};
    worker_options_.restart = {milliseconds(1), milliseconds(5), 2.0};
    options_.capacity = {{"cpu", 1}, {"net", 1}, {"intake", 1}};
  }
  ~DispatchWithWorkers() override {
    // Nobody may ask the parts that go.
    stages_.reset();
    queue_.reset();
    dispatcher_.reset();
    workers_.reset();
    admission_.reset();
    mailbox_.reset();
  }

  void start(std::uint64_t min_free_bytes = 0) {
    mailbox_ = std::make_unique<Mailbox>(&loop_);
    stages_ = std::make_unique<TaskPool>(TaskPool::Options{"stage", 3, 100}, mailbox_->poster());
    workers_ = std::make_unique<WorkerPool>(
        &loop_, system_clock(), worker_options_,
        WorkerPool::Events{[this](const std::string&) { dispatcher_->wake(); }, [](const std::string&) {}});
    runner_ = std::make_unique<StageRunner>(
        StageRunner::Parts{&loop_, mailbox_->poster(), *stages_, *workers_, store_, *scripts_}, StageRunnerOptions{});
    admission_ = std::make_unique<Admission>(
        &loop_, *stages_, Admission::Options{folder_, min_free_bytes, milliseconds(5)},
        [] { return std::optional<Error>(); }, [this] { dispatcher_->wake(); });
    dispatcher_ =
        std::make_unique<Dispatcher>(Dispatcher::Parts{&loop_, system_clock(), mailbox_->poster(), *stages_, *queue_,
                                                       *workers_, *runner_, *admission_, spool_, observer_},
                                     options_);
    admission_->start();
    dispatcher_->start();
  }

  // A job of one stage, which does in each attempt what `input` says.
  std::string submit(const std::string& input,
                     queue::StageLimits limits = {milliseconds(600'000), milliseconds(600'000), 3}) {
    Request request;
    request.id = Uuid::random();
    request.input = input;
    request.modalities = {Modality::audio};
    queue::NewJob job;
    job.uid = request.id.to_text();
    job.job_class = "audio";
    job.payload = encode_payload(request);
    job.stages.push_back({"audio_synthesis", "cpu", limits});
    queue_->submit(std::move(job), [](const Result<queue::SubmitResult>& kept) { EXPECT_TRUE(kept); });
    return request.id.to_text();
  }
  queue::JobView view(const std::string& uid) {
    auto found = queue_->find(uid);
    EXPECT_TRUE(found && *found);
    return found && *found ? **found : queue::JobView{};
  }
  bool wait_for(const std::string& uid, queue::JobState state) {
    return run_until([&] {
      const auto found = queue_->find(uid);
      return found && *found && (*found)->summary.state == state;
    });
  }
  std::vector<std::string> outcomes(const std::string& uid) {
    std::vector<std::string> all;
    for (const auto& attempt : view(uid).attempts) all.push_back(attempt.outcome);
    return all;
  }

  std::unique_ptr<queue::JobQueue> queue_;
  WorkerPoolOptions worker_options_;
  DispatcherOptions options_;
  sync::LocalObjectStore store_{folder_ / "objects"};
  std::unique_ptr<ScriptProvider> scripts_ = make_template_script_provider();
  Spool spool_{folder_ / "spool"};
  QuietObserver observer_;
  std::unique_ptr<Mailbox> mailbox_;
  std::unique_ptr<TaskPool> stages_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<StageRunner> runner_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

TEST_F(DispatchWithWorkers, StageThatCrashedRunsAgain) {
  start();
  const auto job = submit(R"({"do": ["crash", "succeed"]})");
  ASSERT_TRUE(wait_for(job, queue::JobState::completed));
  EXPECT_THAT(outcomes(job), ElementsAre("worker_crashed", "completed"));
}

TEST_F(DispatchWithWorkers, JobThatKillsItsWorkerThreeTimesIsQuarantined) {
  start();
  const auto job = submit(R"({"do": "crash"})");
  ASSERT_TRUE(wait_for(job, queue::JobState::quarantined));
  EXPECT_EQ(outcomes(job).size(), 3U);
}

TEST_F(DispatchWithWorkers, PermanentErrorIsNotTriedAgain) {
  start();
  const auto job = submit(R"({"do": "fail"})");
  ASSERT_TRUE(wait_for(job, queue::JobState::failed));
  EXPECT_THAT(outcomes(job), ElementsAre("invalid_input"));
}

TEST_F(DispatchWithWorkers, SilentStageIsKilledAndRunsAgain) {
  start();
  const auto job =
      submit(R"({"do": ["progress_then_hang", "succeed"]})", {milliseconds(600'000), milliseconds(3000), 3});
  ASSERT_TRUE(wait_for(job, queue::JobState::completed));
  EXPECT_THAT(outcomes(job), ElementsAre("silence", "completed"));
}

TEST_F(DispatchWithWorkers, StageThatRunsTooLongIsKilledThoughItIgnoresTerm) {
  start();
  const auto job = submit(R"({"do": ["ignore_term", "succeed"]})", {milliseconds(3000), milliseconds(600'000), 3});
  ASSERT_TRUE(wait_for(job, queue::JobState::completed));
  EXPECT_THAT(outcomes(job), ElementsAre("start_to_close", "completed"));
}

TEST_F(DispatchWithWorkers, CancelledStageIsStopped) {
  start();
  const auto job = submit(R"({"do": "hang"})");
  ASSERT_TRUE(run_until([&] { return observer_.started == 1; }));
  queue_->cancel(job, [](const Result<queue::CancelResult>&) {});
  EXPECT_TRUE(wait_for(job, queue::JobState::cancelled));
}

TEST_F(DispatchWithWorkers, WorkersThatCannotStartCostNoAttempt) {
  worker_options_.program = folder_ / "worker";
  start();
  const auto job = submit(R"({"do": "succeed"})");
  ASSERT_TRUE(run_until([&] { return !workers_->unhealthy_reason().empty(); }));
  EXPECT_EQ(view(job).summary.attempt, 0);
  std::filesystem::create_symlink(VIVID_TEST_WORKER_PROGRAM, folder_ / "worker");
  ASSERT_TRUE(wait_for(job, queue::JobState::completed));
  EXPECT_THAT(outcomes(job), ElementsAre("completed"));
}

TEST_F(DispatchWithWorkers, NothingIsClaimedWhileAdmissionIsClosed) {
  start(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(admission_->closed_reason()->code, ErrorCode::disk_full);
  const auto job = submit(R"({"do": "succeed"})");
  turn(50);
  EXPECT_EQ(observer_.started, 0);
  admission_->set_min_free_bytes(0);
  EXPECT_TRUE(wait_for(job, queue::JobState::completed));
}

TEST_F(DispatchWithWorkers, GivenBackStageCountsNoAttemptAndDrainEnds) {
  start();
  const auto job = submit(R"({"do": "hang"})");
  ASSERT_TRUE(run_until([&] { return observer_.started == 1; }));
  bool idle = false;
  dispatcher_->drain([&] { idle = true; });
  dispatcher_->give_back_all();
  ASSERT_TRUE(run_until([&] { return idle; }));
  EXPECT_EQ(view(job).stages[0].state, queue::StageState::ready);
  EXPECT_EQ(view(job).stages[0].attempts, 0);
}

TEST_F(DispatchWithWorkers, DrainWithNothingRunningEndsAtOnce) {
  start();
  bool idle = false;
  dispatcher_->drain([&] { idle = true; });
  EXPECT_TRUE(run_until([&] { return idle; }));
  submit(R"({"do": "succeed"})");
  dispatcher_->wake();
  turn(50);
  EXPECT_EQ(observer_.started, 0);
}

}  // namespace
}  // namespace vivid::daemon
