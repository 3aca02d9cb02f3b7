#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/files.h"
#include "render/speech/narration.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class Described : public testing::Test {
 protected:
  Narration narrated(const Storyboard& board) {
    auto engine = make_speech_engine({"espeak", "en", 165, {}});
    EXPECT_TRUE(engine.has_value());
    auto narration = narrate(board, **engine, folder_.path(), {}, Descriptions::spoken);
    EXPECT_TRUE(narration.has_value()) << narration.error().message;
    return *narration;
  }
  std::vector<std::int16_t> samples(const std::string& name) const {
    const auto wav = read_file(folder_ / name, 1U << 30U);
    EXPECT_TRUE(wav.has_value()) << name;
    std::vector<std::int16_t> out((wav->size() - 44) / 2);
    std::memcpy(out.data(), wav->data() + 44, out.size() * 2);
    return out;
  }
  // The loudest sample of a stretch.
  static int peak(const std::vector<std::int16_t>& sound, int rate_hz, microseconds from, microseconds to) {
    int most = 0;
    for (auto i = from.count() * rate_hz / 1'000'000; i < to.count() * rate_hz / 1'000'000; ++i) {
      most = std::max(most, std::abs(static_cast<int>(sound.at(static_cast<std::size_t>(i)))));
    }
    return most;
  }

  test::TemporaryFolder folder_;
};

Storyboard board_of(std::vector<Scene> scenes) {
  Storyboard board;
  board.scenes = std::move(scenes);
  return board;
}

TEST_F(Described, ScenesBeginWithWhatIsToBeSeenWhileTheNarrationRests) {
  Scene scene;
  scene.visual_description = "A ramp with $v^2$ on it.";
  scene.narration = {{"The steeper the ramp, the faster.", milliseconds(500), -1}};
  Scene bare = scene;
  bare.visual_description = " ";
  const Narration narration = narrated(board_of({scene, bare}));
  ASSERT_EQ(narration.descriptions.size(), 1U);
  const SpokenUtterance& told = narration.descriptions[0];
  EXPECT_EQ(told.text, "A ramp with v² on it.");
  EXPECT_EQ(told.start, milliseconds(300));
  EXPECT_GE(narration.utterances[0].start, told.end + milliseconds(500));
  ASSERT_EQ(narration.utterances.size(), 2U);
  EXPECT_LT(narration.utterances[1].start - narration.scenes[1].start, milliseconds(400));
  const auto own = samples("narration.wav");
  const auto described = samples("narration-described.wav");
  ASSERT_EQ(own.size(), described.size());
  const int rate = narration.sample_rate_hz;
  EXPECT_EQ(peak(own, rate, told.start, told.end), 0);
  EXPECT_GT(peak(described, rate, told.start, told.end), 3'000);
  const auto from = static_cast<std::ptrdiff_t>(told.end.count() * rate / 1'000'000 + 1);
  EXPECT_TRUE(std::equal(own.begin() + from, own.end(), described.begin() + from));
}

TEST_F(Described, ASilentSceneIsLongerOnlyWhereItsTimeIsTooShort) {
  Scene scene;
  scene.visual_description = "A ramp.";
  scene.planned_duration = milliseconds(9'000);
  Scene hurried = scene;
  hurried.planned_duration = milliseconds(200);
  const Narration narration = narrated(board_of({scene, hurried}));
  EXPECT_NEAR(static_cast<double>((narration.scenes[0].end - narration.scenes[0].start).count()), 9'000'000, 100);
  EXPECT_GT(narration.scenes[1].end, narration.descriptions[1].end);
}

TEST_F(Described, AreKeptForLaterStagesAndAreCues) {
  Scene scene;
  scene.visual_description = "A ramp,\nseen from above.";
  scene.narration = {{"Down.", milliseconds(500), -1}};
  const Narration narration = narrated(board_of({scene}));
  const auto loaded = load_narration(folder_.path());
  ASSERT_TRUE(loaded.has_value());
  ASSERT_EQ(loaded->descriptions.size(), 1U);
  EXPECT_EQ(loaded->descriptions[0].text, scene.visual_description);
  EXPECT_EQ(loaded->descriptions[0].end, narration.descriptions[0].end);
  const auto cues = description_cues(*loaded);
  ASSERT_EQ(cues.size(), 1U);
  EXPECT_EQ(cues[0].lines, std::vector<std::string>{"A ramp, seen from above."});
  EXPECT_EQ(make_captions(*loaded).size(), 1U);
}

}  // namespace
}  // namespace vivid::render
