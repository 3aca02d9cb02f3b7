#include "render/vivid_render/progress_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/unit/render/vivid_render/manual_clock.h"

namespace vivid::render {
namespace {

using std::chrono::milliseconds;

// Shows a hundred frames, one each 50 ms; what was printed.
std::string shown(ProgressStyle style, bool ends = true) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = ::open_memstream(&text, &size);
  ManualClock clock;
  {
    ProgressView view(style, stream, clock);
    view.begin_stage("video_generation");
    for (int i = 1; i <= 100; ++i) {
      clock.advance(milliseconds(50));
      view.show(Progress{i / 100.0, "encode", i, 100, 20.0});
    }
    if (ends) view.end_stage();
  }
  std::fclose(stream);
  std::string printed(text, size);
  std::free(text);
  return printed;
}

TEST(ProgressView, PrintsALineEveryTwoSecondsWhereNobodyWatches) {
  EXPECT_EQ(shown(ProgressStyle::lines),
            "video_generation: 40%  frame 40/100  20 fps  3s left\n"
            "video_generation: 80%  frame 80/100  20 fps  1s left\n"
            "video_generation: ended after 5s\n");
}

TEST(ProgressView, RedrawsOneLineOnATerminal) {
  const std::string printed = shown(ProgressStyle::bar);
  EXPECT_EQ(std::count(printed.begin(), printed.end(), '\n'), 1);
  EXPECT_EQ(std::count(printed.begin(), printed.end(), '\r'), 51);
  EXPECT_NE(printed.find("99%"), std::string::npos);
}

TEST(ProgressView, DoesNotCallAnInterruptedStageEnded) {
  EXPECT_EQ(shown(ProgressStyle::lines, false).find("ended"), std::string::npos);
  const std::string printed = shown(ProgressStyle::bar, false);
  EXPECT_EQ(std::count(printed.begin(), printed.end(), '\n'), 0);
  EXPECT_TRUE(printed.ends_with("\r\033[K"));
}

TEST(ProgressView, IsSilentWhenToldSo) { EXPECT_EQ(shown(ProgressStyle::none), ""); }

}  // namespace
}  // namespace vivid::render
