#include "daemon/metrics/metrics.h"

#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace vivid::daemon {
namespace {

// The value of the series written exactly as `series`, or NaN.
double value_of(const std::string& text, const std::string& series) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(series + " ", 0) == 0) return std::stod(line.substr(series.size() + 1));
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::set<std::string> series_of(const std::string& text, const std::string& family) {
  std::set<std::string> series;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(family, 0) == 0) series.insert(line.substr(0, line.rfind(' ')));
  }
  return series;
}

// Every method once, so that every family has a series.
void use_everything(Metrics& metrics) {
  metrics.stage_started("video_generation", Seconds(0.2));
  metrics.stage_completed("video_generation", Seconds(12));
  metrics.stage_failed("video_generation", ErrorCode::silence, Seconds(30));
  metrics.stage_released("validation", Seconds(0.1));
  metrics.job_finished("video", "completed", Seconds(40));
  metrics.submission("media", "created");
  metrics.text_request("completed", Seconds(0.004), 0.183);
  metrics.rendered("libx264", "h264_nvenc: Cannot load libcuda.so.1", 900, Seconds(30));
  metrics.not_held("a slice of the stream: weights of B pictures");
  metrics.uploaded(5, 1'000'000);
  metrics.reused({7, 3, 70'000, 30'000, 2, 1, 4});
  metrics.worker_exited("recycled_memory");
  metrics.control_request("status", "ok", Seconds(0.001));
  metrics.observe(QueueObservation{{{"queued", 3}}, {{"render", 1, 2, 1, 1, true}}, Seconds(7), 4, Seconds(9), true});
  metrics.observe(std::vector<WorkerCount>{{"render", "busy", 1, 300'000'000}});
  metrics.observe_admission(true, 5'000'000'000);
  metrics.observe_control(2, 1, 1, 6);
  metrics.observe_log(8);
  metrics.observe_encoders({"h264_nvenc", "libx264"});
}

struct Checked {
  int status = -1;
  std::string output;
};

Checked promtool_check(const std::string& text) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "metrics";
  std::ofstream(path) << text;
  Checked checked;
  FILE* pipe = ::popen(("promtool check metrics < " + path + " 2>&1").c_str(), "r");
  char buffer[512];
  while (::fgets(buffer, sizeof(buffer), pipe) != nullptr) checked.output += buffer;
  checked.status = ::pclose(pipe);
  return checked;
}

TEST(Metrics, PassPromtoolsChecks) {
  if (::system("command -v promtool > /dev/null") != 0) GTEST_SKIP() << "promtool (package prometheus) is missing";
  Metrics metrics;
  const Checked fresh = promtool_check(metrics.expose());
  EXPECT_EQ(fresh.status, 0) << fresh.output;
  EXPECT_EQ(fresh.output, "");
  use_everything(metrics);
  const Checked used = promtool_check(metrics.expose());
  EXPECT_EQ(used.status, 0) << used.output;
  EXPECT_EQ(used.output, "");
  EXPECT_NE(promtool_check("# TYPE bad_total gauge\nbad_total 1\n").status, 0)
      << "promtool finds no fault in a bad one";
}

TEST(Metrics, CountAStageFromClaimToEnd) {
  Metrics metrics;
  use_everything(metrics);
  const std::string text = metrics.expose();
  EXPECT_EQ(value_of(text, R"(vividd_stage_attempts_total{stage="video_generation"})"), 1);
  EXPECT_EQ(value_of(text, R"(vividd_stage_wait_seconds_count{stage="video_generation"})"), 1);
  EXPECT_EQ(value_of(text, R"(vividd_stage_duration_seconds_sum{outcome="completed",stage="video_generation"})"), 12);
  EXPECT_EQ(value_of(text, R"(vividd_stage_failures_total{reason="silence",stage="video_generation"})"), 1);
  EXPECT_EQ(value_of(text, R"(vividd_stage_timeouts_total{limit="silence",stage="video_generation"})"), 1);
  EXPECT_EQ(value_of(text, R"(vividd_stage_timeouts_total{limit="start_to_close",stage="video_generation"})"), 0);
  EXPECT_EQ(value_of(text, R"(vividd_stage_duration_seconds_count{outcome="released",stage="validation"})"), 1);
}

TEST(Metrics, CountWhatWasMadeAndSaved) {
  Metrics metrics;
  use_everything(metrics);
  const std::string text = metrics.expose();
  EXPECT_EQ(value_of(text, "vividd_frames_rendered_total"), 900);
  EXPECT_EQ(value_of(text, "vividd_media_seconds_rendered_total"), 30);
  EXPECT_EQ(value_of(text, "vividd_uploaded_bytes_total"), 1'000'000);
  EXPECT_EQ(value_of(text, "vividd_span_cache_lookups_total{outcome=\"hit\"}"), 7);
  EXPECT_EQ(value_of(text, "vividd_span_cache_lookups_total{outcome=\"miss\"}"), 3);
  EXPECT_EQ(value_of(text, "vividd_span_cache_bytes_total{direction=\"read\"}"), 70'000);
  EXPECT_EQ(value_of(text, "vividd_span_cache_evictions_total"), 2);
  EXPECT_EQ(value_of(text, "vividd_span_cache_corrupt_total"), 1);
  EXPECT_EQ(value_of(text, "vividd_span_cache_refused_total"), 4);
  EXPECT_DOUBLE_EQ(value_of(text, "vividd_text_saved_usd_total"), 0.183);
  EXPECT_EQ(value_of(text, R"(vividd_encoder_fallbacks_total{reason="no_driver"})"), 1);
  EXPECT_EQ(value_of(text, R"(vividd_hold_problems_total{reason="slice"})"), 1);
  EXPECT_EQ(value_of(text, R"(vividd_hold_problems_total{reason="parameters"})"), 0);
  EXPECT_EQ(value_of(text, R"(vividd_encoder_in_use{encoder="libx264"})"), 1);
  EXPECT_EQ(value_of(text, R"(vividd_encoder_in_use{encoder="h264_nvenc"})"), 0);
}

TEST(Metrics, ShowTheLastObservationOfTheQueue) {
  Metrics metrics;
  use_everything(metrics);
  EXPECT_EQ(value_of(metrics.expose(), R"(vividd_jobs{state="queued"})"), 3);
  EXPECT_EQ(value_of(metrics.expose(), R"(vividd_lane_paused{lane="render"})"), 1);
  metrics.observe(QueueObservation{{{"completed", 3}}, {{"render", 1, 0, 0, 0, false}}, {}, 0, {}, false});
  const std::string text = metrics.expose();
  EXPECT_EQ(value_of(text, R"(vividd_jobs{state="queued"})"), 0) << "a state that nobody mentions any more is empty";
  EXPECT_EQ(value_of(text, R"(vividd_jobs{state="completed"})"), 3);
  EXPECT_EQ(value_of(text, R"(vividd_lane_paused{lane="render"})"), 0);
  EXPECT_EQ(value_of(text, "vividd_queue_suspended"), 0);
}

TEST(Metrics, ShowWorkersThatAreGoneAsZero) {
  Metrics metrics;
  metrics.observe(std::vector<WorkerCount>{{"render", "busy", 1, 100}, {"render", "busy", 1, 50}});
  EXPECT_EQ(value_of(metrics.expose(), R"(vividd_workers{lane="render",state="busy"})"), 2);
  EXPECT_EQ(value_of(metrics.expose(), R"(vividd_workers_resident_bytes{lane="render",state="busy"})"), 150);
  metrics.observe(std::vector<WorkerCount>{});
  EXPECT_EQ(value_of(metrics.expose(), R"(vividd_workers{lane="render",state="busy"})"), 0);
}

TEST(Metrics, CountersObservedElsewhereNeverGoBack) {
  Metrics metrics;
  metrics.observe_control(1, 5, 0, 0);
  metrics.observe_control(0, 3, 0, 0);
  EXPECT_EQ(value_of(metrics.expose(), "vividd_control_connections_refused_total"), 5);
  EXPECT_EQ(value_of(metrics.expose(), "vividd_control_connections"), 0);
}

TEST(Metrics, HaveBoundedSeriesWhateverComesIn) {
  Metrics metrics;
  use_everything(metrics);
  const std::size_t before = series_of(metrics.expose(), "vividd_").size();
  const auto flood = [&](int i) {
    const std::string text = "x\"\n" + std::to_string(i);
    metrics.stage_started(text, Seconds(1));
    metrics.stage_completed(text, Seconds(1));
    metrics.job_finished(text, text, Seconds(1));
    metrics.submission(text, text);
    metrics.text_request(text, Seconds(1), 0);
    metrics.rendered(text, text, 1, Seconds(1));
    metrics.not_held(text);
    metrics.worker_exited(text);
    metrics.control_request(text, text, Seconds(1));
    metrics.observe(QueueObservation{{{text, 1}}, {{text, 1, 1, 1, 1, true}}, {}, 0, {}, false});
    metrics.observe(std::vector<WorkerCount>{{text, text, 1, 1}});
  };
  flood(0);
  const std::size_t once = series_of(metrics.expose(), "vividd_").size();
  for (int i = 1; i < 200; ++i) flood(i);
  const std::string text = metrics.expose();
  EXPECT_GT(once, before);
  EXPECT_EQ(series_of(text, "vividd_").size(), once);
  EXPECT_EQ(value_of(text, R"(vividd_control_requests_total{method="other",outcome="other"})"), 200);
}

TEST(Metrics, SayWhatRunsAndHowItFares) {
  Metrics metrics;
  const std::string text = metrics.expose();
  EXPECT_EQ(value_of(text, std::string("vividd_build_info{version=\"") + VIVID_VERSION + "\"}"), 1);
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value_of(text, "process_virtual_memory_bytes"), value_of(text, "process_resident_memory_bytes"));
  EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  EXPECT_GT(value_of(text, "process_max_fds"), value_of(text, "process_open_fds"));
  const double now = std::chrono::duration<double>(system_clock().now().time_since_epoch()).count();
  EXPECT_NEAR(value_of(text, "process_start_time_seconds"), now, 60);
}

TEST(Metrics, AreSafeFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        use_everything(metrics);
        if (n % 10 == 0) {
          EXPECT_FALSE(metrics.expose().empty());
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(value_of(metrics.expose(), "vividd_frames_rendered_total"), 4 * 50 * 900);
}

TEST(Metrics, CentralDatabaseIsShownOnceItIsObserved) {
  Metrics metrics;
  EXPECT_EQ(metrics.expose().find("vividd_central_"), std::string::npos);
  CentralObservation seen;
  seen.connected = true;
  seen.claims = 3;
  seen.deliveries = {{"applied", 5}, {"rumour", 1}};
  metrics.observe(seen);
  seen.claims = 4;
  metrics.observe(seen);
  const std::string text = metrics.expose();
  EXPECT_NE(text.find("vividd_central_connected 1\n"), std::string::npos);
  EXPECT_NE(text.find("vividd_central_claims_total 4\n"), std::string::npos);
  EXPECT_NE(text.find("vividd_central_deliveries_total{verdict=\"applied\"} 5\n"), std::string::npos);
  EXPECT_NE(text.find("vividd_central_deliveries_total{verdict=\"other\"} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace vivid::daemon
