// Any timeline, any of the encoder's settings that splicing allows: what comes out is what went in.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "render/hold/mix_slice.h"
#include "tests/unit/render/hold/clip.h"

namespace vivid::render::testing_support {
namespace {

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  std::int64_t number(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }
  bool chance(int percent) { return number(1, 100) <= percent; }
  template <typename T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + number(0, static_cast<std::int64_t>(values.size()) - 1));
  }

 private:
  std::mt19937 random_;
};

std::string draw_params(Draw& draw) {
  const std::int64_t references = draw.number(1, 4);
  std::string params = "bframes=" + std::to_string(draw.one_of<int>({0, 0, 1, 3, 5}));
  params += ":ref=" + std::to_string(references);
  params += std::string(":weightb=") + (references == 1 && draw.chance(70) ? "1" : "0");
  params += ":weightp=" + std::to_string(draw.number(0, 2));
  params += ":cabac=" + std::to_string(draw.number(0, 1));
  params += ":b-adapt=" + std::to_string(draw.number(0, 2));
  params += ":8x8dct=" + std::to_string(draw.number(0, 1));
  params += ":no-deblock=" + std::to_string(draw.number(0, 1));
  params += ":slices=" + std::to_string(draw.one_of<int>({1, 1, 1, 3}));
  params += ":scenecut=" + std::to_string(draw.one_of<int>({0, 40}));
  params += ":qp=" + std::to_string(draw.one_of<int>({0, 18, 30, 51}));
  return params;
}

std::vector<std::int64_t> draw_timeline(Draw& draw, std::int64_t longest_gap, std::int64_t pictures) {
  std::vector<std::int64_t> holds;
  for (std::int64_t i = 0; i < pictures; ++i) {
    holds.push_back(draw.chance(25) ? draw.number(1, draw.chance(30) ? 3 * longest_gap : 12) : 0);
  }
  return holds;
}

std::vector<std::vector<int>> draw_fades(Draw& draw, std::size_t pictures) {
  std::vector<std::vector<int>> mixes(pictures);
  for (std::vector<int>& shares : mixes) {
    if (draw.chance(60)) continue;
    for (std::int64_t left = draw.number(1, 15); left > 0; --left) {
      shares.push_back(static_cast<int>(draw.number(1, h264::kWholeShare - 1)));
    }
  }
  return mixes;
}

// Returns what is wrong with one draw.
std::string try_one(unsigned seed, bool large) {
  Draw draw(seed);
  ClipSettings settings;
  settings.seed = seed;
  settings.width_px = large ? 3'840 : static_cast<int>(2 * draw.number(16, 90));
  settings.height_px = large ? 2'160 : static_cast<int>(2 * draw.number(16, 60));
  settings.preset = large ? "ultrafast" : draw.one_of({"ultrafast", "superfast", "veryfast", "fast", "medium", "slow"});
  settings.x264_params = draw_params(draw);
  settings.variant = draw.chance(60) ? SpliceVariant::continuous : SpliceVariant::closed;
  settings.longest_gap = draw.number(HoldPlanner::kShortestGap, 60);
  settings.threads = static_cast<int>(draw.number(1, 3));
  const auto holds = draw_timeline(draw, settings.longest_gap, large ? 3 : draw.number(1, 40));
  const auto clip = make_clip(settings, holds, draw_fades(draw, holds.size()));
  const std::string fault = clip.has_value() ? find_fault(settings, *clip) : clip.error().describe();
  if (fault.empty()) return {};
  return fault + " [" + settings.preset + " " + settings.x264_params + " " + std::to_string(settings.width_px) + "x" +
         std::to_string(settings.height_px) + " variant " + std::to_string(static_cast<int>(settings.variant)) + "]";
}

// VIVID_SEED=N tries that one again.
TEST(HeldFrames, AnyTimelineInAnySettingsComesOutAsItWentIn) {
  if (const char* given = std::getenv("VIVID_SEED"); given != nullptr) {
    EXPECT_EQ(try_one(static_cast<unsigned>(std::strtoul(given, nullptr, 10)), false), "");
    return;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8);
  unsigned seed = std::random_device{}();
  int tried = 0;
  for (; tried < 300 && std::chrono::steady_clock::now() < end; ++tried, ++seed) {
    const std::string fault = try_one(seed, false);
    ASSERT_EQ(fault, "") << "again with VIVID_SEED=" << seed;
  }
  std::printf("%d draws, the last with seed %u\n", tried, seed - 1);
}

TEST(HeldFrames, ComeOutInUltraHighDefinitionToo) {
  const unsigned seed = std::random_device{}();
  EXPECT_EQ(try_one(seed, true), "") << "seed " << seed;
}

}  // namespace
}  // namespace vivid::render::testing_support
