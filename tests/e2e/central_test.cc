// The real daemon and a real PostgreSQL: rows come in, results go back.
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/e2e/central_fixture.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;
constexpr std::chrono::milliseconds kPoll{50};

TEST_F(Central, RowBecomesAVideoAndItsResultsGoBack) {
  const std::string id = insert("[\"text\", \"video\"]", {{"script", short_script()}, {"priority", 9}});
  DaemonProcess daemon;
  configure(daemon);
  daemon.set("VIVIDD_RENDER_SPEECH", "espeak");
  daemon.start();
  ASSERT_TRUE(wait_for_status(id, "completed")) << of(id, "status");
  EXPECT_EQ(of(id, "progress_percentage"), "100");
  EXPECT_TRUE(of(id, "video_url").ends_with("/video.mp4"));
  EXPECT_NE(of(id, "thumbnail_url"), "");
  const std::string fence = value("SELECT fence FROM vividd.request_lease WHERE request_id = '" + id + "'");
  EXPECT_TRUE(std::filesystem::exists(daemon.folder() / "objects/vivid-media/requests" / id / fence / "video.mp4"));
  const auto content = [&](const std::string& column) {
    return value("SELECT " + column + " FROM content_metadata WHERE content_id = 'vivid_" + id + "'");
  };
  EXPECT_EQ(content("status"), "ready");
  EXPECT_EQ(content("title"), "Forces");
  EXPECT_EQ(content("gcs_bucket"), "vivid-media");
  EXPECT_EQ(content("gcs_path"), "requests/" + id + "/" + fence + "/video.mp4");
  EXPECT_EQ(content("modality_type"), "video");
  EXPECT_NE(content("captions_url"), "");
  EXPECT_NE(content("text_content"), "");
  EXPECT_NE(content("audio_url"), "");
  EXPECT_EQ(content("generation_metadata->>'node'"), "host-a");
  EXPECT_EQ(content("generation_metadata->>'encoder'"), "libx264");
  std::ifstream manifest(daemon.folder() / "objects/vivid-media/requests" / id / fence / "manifest.json");
  const json settings = json::parse(manifest).value("settings", json::object());
  EXPECT_EQ(settings.value("high_contrast", false), true);
  EXPECT_EQ(settings.value("font_scale", 0.0), 1.25);
  EXPECT_EQ(settings.value("captions", ""), "shown");
  const auto stages = [&](const std::string& status) {
    return value("SELECT count(*) FROM request_stages WHERE status = '" + status + "' AND request_id = '" + id + "'");
  };
  EXPECT_EQ(stages("completed"), "5");
  EXPECT_EQ(stages("skipped"), "4");
  EXPECT_EQ(value("SELECT string_agg(modality, ',' ORDER BY modality) FROM vividd.request_usage"), "text,video");
  EXPECT_EQ(value("SELECT usd FROM vividd.request_cost WHERE kind = 'script'"), "0.017");
  EXPECT_EQ(value("SELECT count(*) FROM vividd.request_cost WHERE kind = 'speech_characters' AND usd > 0"), "1");
  EXPECT_EQ(daemon.end_with(SIGTERM), 0);
  EXPECT_EQ(value("SELECT count(*) FROM vividd.request_lease WHERE state = 'leased'"), "0");
}

TEST_F(Central, TextRowIsAnsweredWithoutAJob) {
  DaemonProcess daemon;
  configure(daemon);
  daemon.start();
  const std::string with_script = insert("[\"text\"]", {{"script", short_script()}});
  const std::string without = insert("[\"text\"]", json::object());
  ASSERT_TRUE(wait_for_status(with_script, "completed")) << of(with_script, "status");
  ASSERT_TRUE(wait_for_status(without, "completed")) << of(without, "status");
  EXPECT_EQ(value("SELECT modality_type FROM content_metadata WHERE request_id = '" + with_script + "'"), "text");
  EXPECT_EQ(value("SELECT generation_metadata->>'script_provider' FROM content_metadata WHERE request_id = '" +
                  without + "'"),
            "template");
  EXPECT_EQ(of(without, "output_formats"), "[\"text\"]");
  EXPECT_EQ(value("SELECT sum(usd) FROM vividd.request_cost WHERE entry = 'cost' AND request_id = '" + without + "'"),
            "0.017");
  EXPECT_EQ(value("SELECT sum(usd) FROM vividd.request_cost WHERE entry = 'saving' AND request_id = '" + without + "'"),
            "0.183");
  const json status = daemon.client().result("status", json::object());
  EXPECT_EQ(status["text"]["completed"], 2);
  EXPECT_EQ(status["jobs"]["completed"], 0);
  EXPECT_EQ(status["central"]["connected"], true);
}

TEST_F(Central, WrongRowFailsOnceWithItsReason) {
  const std::string media = insert("[\"hologram\"]", {{"script", short_script()}});
  const std::string text = insert("[\"text\"]", {{"script", {{"title", "no sections"}}}});
  DaemonProcess daemon;
  configure(daemon);
  daemon.start();
  ASSERT_TRUE(wait_for_status(media, "failed")) << of(media, "status");
  EXPECT_EQ(of(media, "error_stage"), "validation");
  EXPECT_EQ(of(media, "error_message"),
            "requested_modalities names \"hologram\", allowed are text, audio, video and images");
  EXPECT_EQ(of(media, "error_details->>'code'"), "invalid_input");
  EXPECT_EQ(of(media, "retry_count"), "0");
  const json retried = daemon.client().call("job.retry", {{"job", media}});
  EXPECT_EQ(retried["error"]["data"]["code"], "unsupported");
  EXPECT_NE(retried["error"]["message"].get<std::string>().find("vividctl request retry " + media), std::string::npos);
  ASSERT_TRUE(wait_for_status(text, "failed")) << of(text, "status");
  EXPECT_EQ(of(text, "error_stage"), "validation");
}

TEST_F(Central, CancelledRowStopsInTheMidstOfItsVideo) {
  const std::string id = insert("[\"video\"]", {{"script", long_script()}});
  DaemonProcess daemon;
  configure(daemon);
  daemon.render_at(Pace::minutes);
  daemon.start();
  ASSERT_GT(daemon.wait_for_stage(id, "video_generation"), 0);
  sql("UPDATE content_requests SET status = 'cancelled' WHERE id = '" + id + "'");
  const auto cancelled = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon.wait_for_end(id)["state"], "cancelled");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - cancelled;
  RecordProperty("seconds", std::to_string(took.count()));
  EXPECT_TRUE(wait_for("SELECT state FROM vividd.request_lease WHERE request_id = '" + id + "'", "finished",
                       std::chrono::minutes(1)));
  EXPECT_EQ(of(id, "status"), "cancelled");
}

TEST_F(Central, MissingRightIsSaidWhereAnOperatorLooks) {
  sql("REVOKE SELECT ON pipeline_stage_definitions FROM vividd");
  const std::string id = insert("[\"video\"]", {{"script", long_script()}});
  DaemonProcess daemon;
  configure(daemon);
  daemon.start();
  ASSERT_TRUE(daemon.wait_for_log("job claimed"));
  EXPECT_EQ(daemon.wait_for_end(id)["state"], "completed");
  const json status = daemon.client().result("status", json::object());
  EXPECT_EQ(status["central"]["connected"], true);
  const std::string curl = "curl -sS http://" + status["http"].get<std::string>() +
                           "/readyz | grep -q 'permission denied for table pipeline_stage_definitions'";
  bool said = false;
  for (int i = 0; i < 600 && !said; ++i) {
    said = std::system(curl.c_str()) == 0;
    if (!said) std::this_thread::sleep_for(kPoll);
  }
  EXPECT_TRUE(said);
}

TEST_F(Central, OutageOfTheDatabaseCostsNothing) {
  DaemonProcess daemon;
  configure(daemon);
  daemon.start();
  auto control = daemon.client();
  control.result("pause", {{"lane", "net"}});
  const std::string id = insert("[\"video\"]", {{"script", long_script()}});
  ASSERT_TRUE(daemon.wait_until_before(id, "video_processing"));
  ASSERT_TRUE(server_->stop(SIGQUIT));
  control.result("resume", {{"lane", "net"}});
  EXPECT_EQ(daemon.wait_for_end(id)["state"], "completed");
  const json status = daemon.client().result("status", json::object());
  EXPECT_EQ(status["central"]["connected"], false);
  EXPECT_GT(status["outbox_rows"], 0);
  ASSERT_TRUE(server_->start_again());
  EXPECT_TRUE(wait_for_status(id, "completed")) << of(id, "status");
  EXPECT_EQ(value("SELECT count(*) FROM content_metadata WHERE request_id = '" + id + "'"), "1");
  EXPECT_EQ(of(id, "retry_count"), "0");
}

TEST_F(Central, KilledDaemonGoesOnWithItsRequests) {
  const std::string id = insert("[\"video\"]", {{"script", long_script()}});
  DaemonProcess daemon;
  configure(daemon);
  daemon.render_at(Pace::minutes);
  daemon.start();
  ASSERT_GT(daemon.wait_for_stage(id, "video_generation"), 0);
  const std::string fence = value("SELECT fence FROM vividd.request_lease WHERE request_id = '" + id + "'");
  daemon.kill_now();
  daemon.render_at(Pace::moments);
  daemon.start();
  ASSERT_TRUE(wait_for_status(id, "completed")) << of(id, "status");
  EXPECT_EQ(value("SELECT fence FROM vividd.request_lease WHERE request_id = '" + id + "'"), fence);
  EXPECT_EQ(value("SELECT count(*) FROM content_metadata WHERE request_id = '" + id + "'"), "1");
}

TEST_F(Central, LostLeaseStopsTheJobAndLeavesNothing) {
  const std::string id = insert("[\"video\"]", {{"script", long_script()}});
  DaemonProcess daemon;
  configure(daemon);
  daemon.render_at(Pace::minutes);
  daemon.start();
  ASSERT_GT(daemon.wait_for_stage(id, "video_generation"), 0);
  sql("UPDATE vividd.request_lease SET fence = nextval('vividd.fence'), node_id = 'host-b',"
      " leased_until = now() + interval '1 hour' WHERE request_id = '" +
      id + "'");
  const json ended = daemon.wait_for_end(id);
  EXPECT_EQ(ended["state"], "cancelled");
  EXPECT_EQ(ended["error"]["code"], "lease_lost");
  EXPECT_EQ(value("SELECT node_id || state FROM vividd.request_lease WHERE request_id = '" + id + "'"), "host-bleased");
  EXPECT_NE(of(id, "status"), "cancelled");
}

TEST_F(Central, StoppedDaemonDeliversWhatItHasFirst) {
  const std::string id = insert("[\"video\"]", {{"script", long_script()}});
  DaemonProcess daemon;
  configure(daemon);
  daemon.render_at(Pace::seconds);
  daemon.set("VIVIDD_SHUTDOWN_DRAIN_LIMIT", "5m");
  daemon.start();
  ASSERT_GT(daemon.wait_for_stage(id, "video_generation"), 0);
  const int ended = daemon.end_with(SIGTERM);
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(
      value("SELECT status FROM request_stages WHERE stage_name = 'video_generation' AND request_id = '" + id + "'"),
      "completed");
}

}  // namespace
}  // namespace vivid::e2e
