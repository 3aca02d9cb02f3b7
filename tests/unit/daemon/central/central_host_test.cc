#include "daemon/central/central_host.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/central/await.h"
#include "render/protocol/messages.h"
#include "sync/storage/local_object_store.h"
#include "tests/support/daemon/loop_fixture.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr const char* kId = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";

class CentralHostTest : public LoopFixture {
 protected:
  CentralHostTest() {
    queue::Options options;
    options.path = folder_ / "queue.db";
    queue_ = std::move(*queue::JobQueue::open(options, clock_));
    settings_.environment = "dev";
    for (const std::string& stage : all_stages()) settings_.plan.limits[stage] = {};
    settings_.report.node = "host-a";
    settings_.report.bucket = "bucket";
    settings_.slots = 3;
    settings_.max_undelivered = 10;
    CentralEvents events;
    events.taken = [this](const std::string&, queue::JobState, bool refused) { taken_.push_back(refused); };
    events.stop = [this](const std::string& uid) { stopped_.push_back(uid); };
    events.cancelled = [this](const queue::JobSummary& job) { cancelled_.push_back(job.uid); };
    events.in_background = [this](const std::function<void()>& work) {
      if (pool_is_full_) return false;
      work();
      return true;
    };
    host_ = std::make_unique<CentralHost>(
        CentralHost::Parts{clock_, *queue_, store_, spool_, mailbox_->poster(), folder_ / "server"}, settings_,
        std::move(events));
    host_->set_taking(true);
  }
  ~CentralHostTest() override {
    host_.reset();
    queue_.reset();
    mailbox_.reset();
  }

  static sync::ClaimedRequest claimed(std::int64_t fence, const json& modalities = {"video"}) {
    const json row = {{"correlation_id", "req_1"},
                      {"student_id", "student"},
                      {"topic", "Forces"},
                      {"grade_level", "10"},
                      {"requested_modalities", modalities},
                      {"preferred_modality", "video"},
                      {"request_metadata", nullptr}};
    return {kId, fence, 0, row.dump()};
  }
  queue::Lease claim_stage(const std::string& lane) {
    auto leases = await<std::vector<queue::Lease>>([&](auto done) { queue_->claim(lane, {}, 1, std::move(done)); });
    EXPECT_TRUE(leases && leases->size() == 1);
    return leases->at(0);
  }
  void fail_stage(const queue::Lease& lease, const Error& error) {
    EXPECT_TRUE(await<queue::StageOutcome>([&](auto done) { queue_->fail(lease.key, error, "", std::move(done)); }));
  }
  queue::JobState state() { return queue_->state_of(kId)->value(); }
  std::filesystem::path put_artefact(std::int64_t fence) {
    const auto path = folder_ / "objects/bucket/requests" / kId / std::to_string(fence) / "video.mp4";
    EXPECT_TRUE(make_directories(path.parent_path()));
    EXPECT_TRUE(write_file_durably(path, "x"));
    return path;
  }
  std::vector<sync::Settled> all(sync::Verdict verdict, const std::vector<sync::Delivery>& deliveries) {
    std::vector<sync::Settled> settled;
    for (const auto& delivery : deliveries) settled.push_back({delivery.seq, verdict, ""});
    return settled;
  }

  ManualClock clock_;
  std::unique_ptr<Mailbox> mailbox_ = std::make_unique<Mailbox>(&loop_);
  std::unique_ptr<queue::JobQueue> queue_;
  sync::LocalObjectStore store_{folder_ / "objects"};
  Spool spool_{folder_ / "spool"};
  CentralSettings settings_;
  std::unique_ptr<CentralHost> host_;
  std::vector<bool> taken_;
  std::vector<std::string> stopped_;
  std::vector<std::string> cancelled_;
  bool pool_is_full_ = false;
};

TEST_F(CentralHostTest, TakesNoMoreThanItsSlots) {
  EXPECT_EQ(host_->free_slots(), 3);
  ASSERT_TRUE(host_->accept(claimed(7)));
  EXPECT_EQ(host_->free_slots(), 2);
  host_->set_taking(false);
  EXPECT_EQ(host_->free_slots(), 0);
}

TEST_F(CentralHostTest, TakesNothingWhileTheRenderLaneIsPaused) {
  ASSERT_TRUE(await<void>([&](auto done) { queue_->pause("cpu", std::move(done)); }));
  EXPECT_EQ(host_->free_slots(), 3);
  ASSERT_TRUE(await<void>([&](auto done) { queue_->pause("render", std::move(done)); }));
  EXPECT_EQ(host_->free_slots(), 0);
}

TEST_F(CentralHostTest, TakesNothingWithTooMuchToDeliver) {
  settings_.max_undelivered = 0;
  host_->set_settings(settings_);
  EXPECT_EQ(host_->free_slots(), 3);
  ASSERT_TRUE(host_->accept(claimed(7)));
  EXPECT_EQ(host_->free_slots(), 0);
}

TEST_F(CentralHostTest, ClaimedRequestIsAJobWithItsFence) {
  ASSERT_TRUE(host_->accept(claimed(7)));
  turn();
  EXPECT_EQ(taken_, std::vector<bool>{false});
  EXPECT_EQ((*queue_->summary(kId))->fence, 7);
  const auto held = host_->held();
  ASSERT_EQ(held->size(), 1U);
  EXPECT_EQ(held->at(0).id, kId);
  EXPECT_EQ(held->at(0).fence, 7);
}

TEST_F(CentralHostTest, WrongRequestIsAJobUnderItsOwnIdThatFails) {
  ASSERT_TRUE(host_->accept(claimed(7, {"hologram"})));
  turn();
  EXPECT_EQ(taken_, std::vector<bool>{true});
  fail_stage(claim_stage("intake"), {ErrorCode::invalid_input, "hologram"});
  EXPECT_EQ(state(), queue::JobState::failed);
  const auto deliveries = host_->undelivered();
  ASSERT_TRUE(deliveries);
  const json body = json::parse(deliveries->back().body);
  EXPECT_EQ(deliveries->back().kind, "final");
  EXPECT_EQ(body["status"], "failed");
  EXPECT_EQ(body["error"]["stage"], "validation");
}

TEST_F(CentralHostTest, CancellationStopsWhatRunsAndEndsWhatWaits) {
  ASSERT_TRUE(host_->accept(claimed(7)));
  const queue::Lease lease = claim_stage("intake");
  host_->cancel(kId);
  turn();
  EXPECT_EQ(stopped_, std::vector<std::string>{kId});
  fail_stage(lease, {ErrorCode::cancelled, "stopped"});
  EXPECT_EQ(state(), queue::JobState::cancelled);

  ASSERT_TRUE(host_->settle(all(sync::Verdict::applied, *host_->undelivered())));
  turn();
  ASSERT_TRUE(host_->accept(claimed(8)));
  host_->cancel(kId);
  turn();
  EXPECT_EQ(cancelled_, std::vector<std::string>{kId});
}

TEST_F(CentralHostTest, LostLeaseStopsTheJobAndTellsNobodyOfItsEnd) {
  ASSERT_TRUE(host_->accept(claimed(7)));
  ASSERT_TRUE(host_->settle(all(sync::Verdict::applied, *host_->undelivered())));
  const queue::Lease lease = claim_stage("intake");
  const auto artefact = put_artefact(7);
  host_->lease_lost({kId, 7});
  turn();
  EXPECT_EQ(stopped_, std::vector<std::string>{kId});
  fail_stage(lease, {ErrorCode::cancelled, "stopped"});
  const auto deliveries = host_->undelivered();
  for (const auto& delivery : *deliveries) EXPECT_NE(delivery.kind, "final");
  host_->job_ended(**queue_->summary(kId));
  turn();
  EXPECT_FALSE(std::filesystem::exists(artefact));
}

TEST_F(CentralHostTest, LossOfAnOlderFenceLeavesTheNewerClaimAlone) {
  ASSERT_TRUE(host_->accept(claimed(8)));
  host_->lease_lost({kId, 7});
  turn();
  EXPECT_TRUE(cancelled_.empty());
  EXPECT_EQ(state(), queue::JobState::queued);
}

TEST_F(CentralHostTest, StaleFinalTakesItsArtefactsWithIt) {
  ASSERT_TRUE(host_->accept(claimed(7)));
  fail_stage(claim_stage("intake"), {ErrorCode::invalid_input, "wrong"});
  const auto artefact = put_artefact(7);
  const auto of_another = put_artefact(8);
  ASSERT_TRUE(make_directories(spool_.folder_of(kId)));
  ASSERT_TRUE(host_->settle(all(sync::Verdict::stale, *host_->undelivered())));
  turn();
  EXPECT_FALSE(std::filesystem::exists(artefact));
  EXPECT_FALSE(std::filesystem::exists(spool_.folder_of(kId)));
  EXPECT_TRUE(std::filesystem::exists(of_another));
  EXPECT_TRUE(host_->undelivered()->empty());
}

TEST_F(CentralHostTest, StaleFinalStandsUntilItsArtefactsAreRemoved) {
  ASSERT_TRUE(host_->accept(claimed(7)));
  ASSERT_TRUE(host_->settle(all(sync::Verdict::applied, *host_->undelivered())));
  fail_stage(claim_stage("intake"), {ErrorCode::invalid_input, "wrong"});
  const auto artefact = put_artefact(7);
  const auto deliveries = host_->undelivered();
  ASSERT_TRUE(host_->settle(all(sync::Verdict::stale, *deliveries)));
  // Killed here, the next daemon finds the row, sends it, and removes what it is told is stale.
  EXPECT_TRUE(std::filesystem::exists(artefact));
  ASSERT_EQ(queue_->outbox(10)->size(), 1U);
  EXPECT_EQ(queue_->outbox(10)->at(0).kind, "final");
  EXPECT_TRUE(host_->undelivered()->empty()) << "it is not sent again while it is being removed";
  turn();
  EXPECT_FALSE(std::filesystem::exists(artefact));
  EXPECT_TRUE(queue_->outbox(10)->empty());
}

TEST_F(CentralHostTest, RemovalThatFailsIsTriedAgainAfterAWhile) {
  ASSERT_TRUE(host_->accept(claimed(7)));
  fail_stage(claim_stage("intake"), {ErrorCode::invalid_input, "wrong"});
  const auto artefact = put_artefact(7);
  pool_is_full_ = true;
  ASSERT_TRUE(host_->settle(all(sync::Verdict::stale, *host_->undelivered())));
  turn();
  EXPECT_TRUE(host_->undelivered()->empty());
  pool_is_full_ = false;
  clock_.advance(std::chrono::minutes(2));
  const auto again = host_->undelivered();
  ASSERT_EQ(again->size(), 1U);
  ASSERT_TRUE(host_->settle(all(sync::Verdict::stale, *again)));
  turn();
  EXPECT_FALSE(std::filesystem::exists(artefact));
  EXPECT_TRUE(queue_->outbox(10)->empty());
}

TEST_F(CentralHostTest, RowsOfLocalJobsAreNobodysBusiness) {
  Request request;
  request.id = Uuid::random();
  request.correlation_id = "local";
  ASSERT_TRUE(await<queue::SubmitResult>(
      [&](auto done) { queue_->submit(plan_job(request, settings_.plan), std::move(done)); }));
  ASSERT_TRUE(host_->accept(claimed(7)));
  const auto deliveries = host_->undelivered();
  ASSERT_EQ(deliveries->size(), 1U);
  EXPECT_EQ(deliveries->at(0).request_id, kId);
  EXPECT_EQ(queue_->outbox(10)->size(), 1U);
  EXPECT_EQ(host_->held()->size(), 1U);
}

TEST_F(CentralHostTest, DeliversAgainWhatWasSettledOfLate) {
  ASSERT_TRUE(host_->accept(claimed(7)));
  ASSERT_TRUE(host_->settle(all(sync::Verdict::applied, *host_->undelivered())));
  EXPECT_TRUE(host_->undelivered()->empty());
  ASSERT_TRUE(host_->deliver_again());
  EXPECT_EQ(host_->undelivered()->size(), 1U);
}

TEST_F(CentralHostTest, ProgressIsTheLatestOfEachRunningClaim) {
  JobProgress progress;
  progress.uid = kId;
  progress.state = "running";
  progress.stage = "video_generation";
  progress.percent = 100.0;
  progress.stage_started = clock_.steady_now();
  host_->note_progress(progress);
  EXPECT_TRUE(host_->progress().empty());  // submitted here: nobody asks
  progress.fence = 7;
  clock_.advance(std::chrono::seconds(3));
  host_->note_progress(progress);
  const auto notes = host_->progress();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].percent, 99);
  EXPECT_EQ(notes[0].status, "generating_video");
  EXPECT_EQ(notes[0].stage_started, clock_.now() - std::chrono::seconds(3));
  EXPECT_TRUE(host_->progress().empty());
  host_->note_progress(progress);
  progress.state = "cancelled";
  host_->note_progress(progress);
  EXPECT_TRUE(host_->progress().empty());
}

TEST_F(CentralHostTest, RemembersTheServerOverARestart) {
  EXPECT_EQ(host_->known_server(), "");
  ASSERT_TRUE(host_->remember_server("7001/2"));
  EXPECT_EQ(host_->known_server(), "7001/2");
}

TEST_F(CentralHostTest, LargeInputsAreNotAllReadAtOnce) {
  constexpr int kJobs = 5;
  for (int i = 0; i < kJobs; ++i) {
    queue::NewJob job;
    job.uid = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a0" + std::to_string(i);
    job.fence = 7;
    job.job_class = "video";
    job.payload = '"' + std::string(4 * 1024 * 1024, 'x') + '"';
    job.stages.emplace_back();
    job.stages.back().name = "validation";
    job.stages.back().lane = "cpu";
    ASSERT_TRUE(await<queue::SubmitResult>([&](auto done) { queue_->submit(std::move(job), std::move(done)); }));
  }
  std::size_t delivered = 0;
  for (int batch = 0; batch < kJobs && delivered < kJobs; ++batch) {
    const auto deliveries = host_->undelivered();
    ASSERT_TRUE(deliveries);
    EXPECT_LE(deliveries->size(), 3U);
    delivered += deliveries->size();
    ASSERT_TRUE(host_->settle(all(sync::Verdict::applied, *deliveries)));
  }
  EXPECT_EQ(delivered, kJobs);
}

}  // namespace
}  // namespace vivid::daemon
