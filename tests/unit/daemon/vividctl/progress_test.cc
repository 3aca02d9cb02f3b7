#include "daemon/vividctl/progress.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

JobProgress half_done() {
  return parse_progress(Json{{"job", "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01"},
                             {"state", "running"},
                             {"stage", "video_generation"},
                             {"step", "encode"},
                             {"fraction", 0.5},
                             {"frames_done", 900},
                             {"frames_total", 1800},
                             {"fps", 84.2},
                             {"remaining_seconds", 10.4},
                             {"attempt", 2}})
      .value();
}

Terminal terminal_of(std::size_t columns) {
  Terminal terminal;
  terminal.columns = columns;
  return terminal;
}

TEST(Progress, BarNamesStageFramesSpeedAndTimeLeft) {
  EXPECT_EQ(bar_line(half_done(), terminal_of(151)),
            "● 3f0c5a52  video_generation    ━━━━━━━━━━━━━━━───────────────   50%  11s left  900/1,800 frames  84 fps  "
            "encode  attempt 2");
}

TEST(Progress, BarNeverExceedsTheTerminal) {
  for (std::size_t columns = 20; columns < 160; ++columns) {
    EXPECT_LT(columns_of(bar_line(half_done(), terminal_of(columns))), columns) << columns;
  }
}

TEST(Progress, FinalLineSaysWhy) {
  JobProgress failed = half_done();
  failed.state = "failed";
  failed.note = "silence: no progress (audio)";
  EXPECT_EQ(bar_line(failed, terminal_of(80)), "✗ 3f0c5a52  failed  silence: no progress (audio)");
  EXPECT_EQ(plain_line(failed), "3f0c5a52  failed  silence: no progress (audio)");
}

TEST(Progress, SaysAHundredPercentOnlyWhenItIs) {
  JobProgress nearly = half_done();
  nearly.fraction = 0.9999;
  EXPECT_NE(plain_line(nearly).find("  99%"), std::string::npos) << plain_line(nearly);
}

TEST(Progress, OddValuesAreBounded) {
  const auto odd = parse_progress(Json{{"job", "x"},
                                       {"state", "running"},
                                       {"fraction", 7},
                                       {"fps", -3},
                                       {"remaining_seconds", -1},
                                       {"frames_total", 1e300}});
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->fraction, 1.0);
  EXPECT_FALSE(odd->frames_per_second || odd->remaining_seconds);
  EXPECT_EQ(odd->frames_total, 0);
  EXPECT_FALSE(parse_progress(Json{{"state", "running"}}));
  EXPECT_FALSE(parse_progress(Json::array()));
}

}  // namespace
}  // namespace vivid::ctl
