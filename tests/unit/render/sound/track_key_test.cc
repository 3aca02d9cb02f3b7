#include "render/sound/track_key.h"

#include <gtest/gtest.h>

#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

using std::chrono::seconds;

class TrackKeyTest : public testing::Test {
 protected:
  std::string key(const std::vector<std::int16_t>& voice, bool with_music = false) {
    synthetic::write_wav(folder_ / "narration.wav", 22'050, voice);
    narration_.sample_rate_hz = 22'050;
    narration_.samples = static_cast<std::int64_t>(voice.size());
    SoundRecipe recipe{folder_ / "narration.wav", narration_, std::nullopt};
    if (with_music) recipe.music = MusicFacts{folder_ / "music.wav", 100'000, -20.0};
    const auto made = sound_track_key(recipe);
    EXPECT_TRUE(made.has_value());
    return made.value_or("");
  }

  synthetic::Folder folder_;
  Narration narration_;
};

TEST_F(TrackKeyTest, TellsWhatIsHeardApart) {
  const auto voice = synthetic::tone(22'050, 4'000);
  const std::string first = key(voice);
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(first, key(voice));
  auto other = voice;
  other[2'000] = static_cast<std::int16_t>(other[2'000] + 1);
  EXPECT_NE(first, key(other));
}

TEST_F(TrackKeyTest, KnowsTheMusicByItsContentAndWhereItIsDucked) {
  const auto voice = synthetic::tone(22'050, 4'000);
  synthetic::write_wav(folder_ / "music.wav", 44'100, synthetic::tone(44'100, 9'000));
  const std::string first = key(voice, true);
  EXPECT_NE(first, key(voice));
  EXPECT_EQ(first, key(voice, true));
  narration_.utterances = {{0, 0, "…", seconds(0), seconds(1), {}}};
  const std::string ducked = key(voice, true);
  EXPECT_NE(first, ducked);
  synthetic::write_wav(folder_ / "music.wav", 44'100, synthetic::tone(44'100, 9'000, 441.0));
  EXPECT_NE(ducked, key(voice, true));
}

TEST_F(TrackKeyTest, DoesNotChangeWithWhatIsOnlySeen) {
  const auto voice = synthetic::tone(22'050, 4'000);
  const std::string first = key(voice);
  narration_.utterances = {{0, 0, "other words", seconds(0), seconds(1), {}}};
  narration_.scenes = {{seconds(0), seconds(1)}};
  EXPECT_EQ(first, key(voice));
}

TEST_F(TrackKeyTest, NeedsTheFiles) {
  const SoundRecipe recipe{folder_ / "none.wav", narration_, std::nullopt};
  EXPECT_FALSE(sound_track_key(recipe).has_value());
}

}  // namespace
}  // namespace vivid::render
