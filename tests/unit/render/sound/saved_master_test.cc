#include "render/sound/saved_master.h"

#include <gtest/gtest.h>

#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

using std::chrono::seconds;

constexpr int kRateHz = 22'050;

class SavedMasterTest : public testing::Test {
 protected:
  SavedMasterTest() {
    const auto voice = synthetic::tone(kRateHz, 4 * kRateHz);
    synthetic::write_wav(folder_ / "narration.wav", kRateHz, voice);
    write_music(500.0);
    narration_.sample_rate_hz = kRateHz;
    narration_.samples = static_cast<std::int64_t>(voice.size());
    narration_.utterances = {{0, 0, "…", seconds(1), seconds(2), {}}};
  }
  void write_music(double pitch_hz) {
    synthetic::write_wav(folder_ / "music.wav", 44'100, synthetic::tone(44'100, 3 * 44'100, pitch_hz));
  }
  SavedMaster planned(bool with_music) {
    SoundRecipe recipe{folder_ / "narration.wav", narration_, std::nullopt};
    if (with_music) recipe.music = measure_music(folder_ / "music.wav").value();
    const MasterPlan plan = plan_master(recipe, {}).value();
    return {recipe, plan};
  }
  Result<SavedMaster> loaded() { return load_master(folder_ / kSoundJson, folder_ / "narration.wav", narration_); }
  static std::vector<float> play(const SavedMaster& master) {
    const auto source = play_master(master.recipe, master.plan);
    EXPECT_TRUE(source.has_value());
    std::vector<float> all;
    std::vector<float> piece(4'096);
    for (;;) {
      const std::size_t frames = (*source)->read(piece).value();
      if (frames == 0) return all;
      const auto count = static_cast<std::ptrdiff_t>(frames) * (*source)->channels();
      all.insert(all.end(), piece.begin(), piece.begin() + count);
    }
  }

  synthetic::Folder folder_;
  Narration narration_;
};

TEST_F(SavedMasterTest, IsHeardAgainToTheSample) {
  for (const bool with_music : {false, true}) {
    const SavedMaster master = planned(with_music);
    ASSERT_TRUE(save_master(master, folder_ / kSoundJson).has_value());
    const auto again = loaded();
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(again->recipe.music.has_value(), with_music);
    EXPECT_EQ(play(*again), play(master));
  }
}

TEST_F(SavedMasterTest, RefusesMusicThatIsAnotherByNow) {
  ASSERT_TRUE(save_master(planned(true), folder_ / kSoundJson).has_value());
  write_music(501.0);
  const auto changed = loaded();
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().code, ErrorCode::data_corrupt);
  EXPECT_EQ(changed.error().message, "music.wav has changed since the lesson was spoken");
  std::filesystem::remove(folder_ / "music.wav");
  EXPECT_EQ(loaded().error().code, ErrorCode::not_found);
}

TEST_F(SavedMasterTest, RefusesAFileOfAnotherForm) {
  EXPECT_EQ(loaded().error().code, ErrorCode::not_found);
  for (const char* text : {"", "[]", R"({"gain_db": "loud", "ceiling_dbtp": -1})", R"({"gain_db": 1})"}) {
    std::ofstream(folder_ / kSoundJson) << text;
    ASSERT_FALSE(loaded().has_value()) << text;
    EXPECT_EQ(loaded().error().code, ErrorCode::data_corrupt) << text;
  }
}

}  // namespace
}  // namespace vivid::render
