#include "daemon/vividctl/status_view.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

const Json kStatus = Json::parse(R"({
  "version": "0.1.0", "host": "render-01", "environment": "prod", "state": "draining",
  "admission": {"open": false, "reason": "0.8 GiB free on the spool's disk"}, "paused_lanes": ["render"],
  "uptime_seconds": 11520, "jobs": {"queued": 1204, "running": 1},
  "lanes": [{"lane": "render", "capacity": 1, "running": 1, "ready": 3, "delayed": 2}],
  "workers": [{"pid": 12345, "lane": "render", "state": "busy", "job": "3f0c5a52-8f6e", "stage": "video_generation",
               "stages_done": 12, "resident_bytes": 430000000, "age_seconds": 720}],
  "encoders": ["h264_nvenc", "libx264"], "encoder_fallbacks": 1, "text": {"completed": 1204, "saved_usd": 220.332},
  "disk_free_bytes": 84000000000, "oldest_ready_seconds": 12.4, "http": "127.0.0.1:9464"})");

TEST(StatusView, SaysFirstWhatNeedsAttention) {
  const std::string text = render_status(kStatus, Terminal{});
  std::istringstream lines(text);
  std::string first;
  std::string second;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_EQ(first, "vividd 0.1.0 on render-01 (prod) · draining · up 3h12m");
  EXPECT_EQ(second, "no jobs are admitted: 0.8 GiB free on the spool's disk");
  EXPECT_NE(text.find("render   1 of 1      3        2  paused"), std::string::npos) << text;
  EXPECT_NE(text.find("1,204 answered, $220.33 saved"), std::string::npos) << text;
}

TEST(StatusView, SaysHowItStandsWithTheCentralDatabase) {
  const auto line = [](const char* central) {
    return render_status(Json{{"central", Json::parse(central)}}, Terminal{});
  };
  EXPECT_NE(line(R"({"connected": true, "leases_held": 1, "undelivered": 0})")
                .find("\ndatabase connected · 1 lease held · 0 undelivered\n"),
            std::string::npos);
  EXPECT_NE(line(R"({"connected": false, "leases_held": 2, "undelivered": 6, "oldest_undelivered_seconds": 600,
                     "last_error": "permission_denied: cannot deliver results"})")
                .find("\ndatabase not connected · 2 leases held · 6 undelivered for 10m\n"
                      "permission_denied: cannot deliver results\n"),
            std::string::npos);
}

TEST(StatusView, NamesWhatIsPausedAndEveryLaneAsSuch) {
  EXPECT_EQ(pause_text(Json::parse(R"({"paused_lanes": []})")), "");
  EXPECT_EQ(pause_text(Json::parse(R"({"paused_lanes": ["cpu", "net"]})")), "paused: cpu, net");
  EXPECT_EQ(pause_text(Json::parse(R"({"paused_lanes": [""]})")), "paused: every lane");
  const Json all = Json::parse(R"({"paused_lanes": ["cpu", "net"], "lanes": [{"lane": "net"}, {"lane": "cpu"}]})");
  EXPECT_EQ(pause_text(all), "paused: every lane");
  EXPECT_NE(render_status(all, Terminal{}).find("\npaused: every lane\n"), std::string::npos);
}

TEST(StatusView, WarnsOfFallbacksOnlyWhereADeviceEncodes) {
  Terminal terminal;
  terminal.color = true;
  const Json absent = Json::parse(R"({"encoders": ["libx264"], "encoder_fallbacks": 2})");
  EXPECT_NE(render_status(absent, terminal).find(terminal.paint("2 encoder fallbacks", Tone::plain)),
            std::string::npos);
  EXPECT_EQ(render_status(absent, terminal).find(terminal.paint("2 encoder fallbacks", Tone::warning)),
            std::string::npos);
  EXPECT_NE(render_status(kStatus, terminal).find(terminal.paint("1 encoder fallback", Tone::warning)),
            std::string::npos);
}

TEST(StatusView, BreaksLinesBetweenFactsOnNarrowTerminals) {
  Terminal terminal;
  terminal.columns = 60;
  std::istringstream lines(render_status(kStatus, terminal));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 60U) << line;
  EXPECT_NE(render_status(kStatus, terminal).find("\nhttp://127.0.0.1:9464\n"), std::string::npos);
}

}  // namespace
}  // namespace vivid::ctl
