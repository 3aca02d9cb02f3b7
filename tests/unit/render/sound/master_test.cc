#include "render/sound/master.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "render/sound/loudness_meter.h"
#include "render/sound/music_file.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kVoiceRateHz = 22'050;

// Speech as a meter sees it: a tone that comes and goes, with rests between.
std::vector<std::int16_t> voice(double length_seconds, double height) {
  std::vector<std::int16_t> sound(static_cast<std::size_t>(length_seconds * kVoiceRateHz));
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const double time = static_cast<double>(i) / kVoiceRateHz;
    const double syllable = std::pow(std::fabs(std::sin(std::numbers::pi * 4.0 * time)), 4.0);
    sound[i] = static_cast<std::int16_t>(32'000 * height * syllable * std::sin(2 * std::numbers::pi * 440.0 * time));
  }
  return sound;
}

class MasterTest : public testing::Test {
 protected:
  SoundRecipe recipe(const std::vector<std::int16_t>& sound) {
    synthetic::write_wav(folder_ / "narration.wav", kVoiceRateHz, sound);
    narration_.sample_rate_hz = kVoiceRateHz;
    narration_.samples = static_cast<std::int64_t>(sound.size());
    return {folder_ / "narration.wav", narration_, std::nullopt};
  }
  // Noise in both channels: of two pieces of a tone, one may cancel the other.
  MusicFacts music(double length_seconds, double height = 0.4) {
    std::vector<std::int16_t> sound;
    std::minstd_rand random(7);
    for (int i = 0; i < static_cast<int>(length_seconds * 44'100); ++i) {
      const double share = static_cast<double>(random()) / static_cast<double>(std::minstd_rand::max());
      const auto sample = static_cast<std::int16_t>(32'000 * height * (2.0 * share - 1.0));
      sound.insert(sound.end(), {sample, sample});
    }
    synthetic::write_wav(folder_ / "music.wav", 44'100, sound, 2);
    auto facts = measure_music(folder_ / "music.wav");
    EXPECT_TRUE(facts.has_value()) << facts.error().message;
    return *facts;
  }
  static std::vector<float> play(const SoundRecipe& recipe, const MasterPlan& plan) {
    const auto source = play_master(recipe, plan);
    EXPECT_TRUE(source.has_value());
    std::vector<float> all;
    std::vector<float> piece(2'000);
    for (;;) {
      const auto frames = (*source)->read(piece);
      EXPECT_TRUE(frames.has_value());
      if (!frames.has_value() || *frames == 0) return all;
      const auto count = static_cast<std::ptrdiff_t>(*frames) * (*source)->channels();
      all.insert(all.end(), piece.begin(), piece.begin() + count);
    }
  }

  synthetic::Folder folder_;
  Narration narration_;
};

// Of frames [from, to) seconds, in decibels.
double level_db(const std::vector<float>& stereo, double from, double to) {
  double sum = 0.0;
  const auto begin = static_cast<std::size_t>(from * kSoundRateHz) * 2;
  const auto end = std::min(stereo.size(), static_cast<std::size_t>(to * kSoundRateHz) * 2);
  for (std::size_t i = begin; i < end; ++i) sum += static_cast<double>(stereo[i]) * stereo[i];
  return 10.0 * std::log10(sum / static_cast<double>(end - begin) + 1e-12);
}

TEST_F(MasterTest, LoudAndSoftVoicesComeOutAlike) {
  for (const double height : {0.02, 0.2, 1.0}) {
    const SoundRecipe given = recipe(voice(12.0, height));
    const auto plan = plan_master(given, {});
    ASSERT_TRUE(plan.has_value()) << plan.error().message;
    const auto sound = play(given, *plan);
    EXPECT_NEAR(static_cast<double>(sound.size()), 12.0 * kSoundRateHz, 48) << height;
    LoudnessMeter meter = LoudnessMeter::create(1, true).value();
    ASSERT_TRUE(meter.add(sound).has_value());
    EXPECT_NEAR(meter.loudness_lufs().value(), kTargetLufs, 0.1) << height;
    EXPECT_LT(meter.true_peak_dbtp(), kMostTruePeakDbtp) << height;
  }
}

TEST_F(MasterTest, SilenceIsNotAmplified) {
  const SoundRecipe given = recipe(std::vector<std::int16_t>(kVoiceRateHz * 3));
  const auto plan = plan_master(given, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_FALSE(plan->loudness_lufs.has_value());
  EXPECT_EQ(plan->gain_db, 0.0);
  const auto sound = play(given, *plan);
  EXPECT_TRUE(std::all_of(sound.begin(), sound.end(), [](float sample) { return sample == 0.0F; }));
}

TEST_F(MasterTest, NoiseAndShortSoundsKeepTheGainWithinReason) {
  const auto hiss = plan_master(recipe(voice(3.0, 0.0015)), {});
  ASSERT_TRUE(hiss.has_value());
  EXPECT_LE(hiss->gain_db, 30.0);
  const auto blip = plan_master(recipe(voice(0.05, 0.2)), {});
  ASSERT_TRUE(blip.has_value());
  EXPECT_LE(blip->gain_db, 30.0);
  const auto nothing = plan_master(recipe({}), {});
  ASSERT_TRUE(nothing.has_value());
  EXPECT_EQ(nothing->gain_db, 0.0);
}

TEST_F(MasterTest, MusicMakesRoomBeforeTheVoiceAndComesBackAfterIt) {
  std::vector<std::int16_t> sound(kVoiceRateHz * 20);
  const auto spoken = voice(5.0, 0.3);
  std::copy(spoken.begin(), spoken.end(), sound.begin() + kVoiceRateHz * 8);
  SoundRecipe given = recipe(sound);
  narration_.utterances = {{0, 0, "…", seconds(8), seconds(13), {}}};
  const auto voice_alone = plan_master(given, {});
  given.music = music(6.0);
  const auto plan = plan_master(given, {});
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  EXPECT_NEAR(plan->bed.open_db - plan->bed.ducked_db, 9.0, 0.01);
  // Under the voice at least 20 LU below it.
  EXPECT_LE(given.music->loudness_lufs + plan->bed.ducked_db, *voice_alone->loudness_lufs - 20.0);
  // What is heard of the music alone, with the voice's place empty.
  std::fill(sound.begin(), sound.end(), std::int16_t{0});
  synthetic::write_wav(folder_ / "narration.wav", kVoiceRateHz, sound);
  const auto heard = play(given, *plan);
  const double open = level_db(heard, 3.0, 7.0);
  EXPECT_NEAR(level_db(heard, 8.0, 13.0), open - 9.0, 0.5);
  EXPECT_NEAR(level_db(heard, 15.0, 16.5), open, 0.5);
  // No gap and no bump where it begins anew: crossfades at 4 s, 8 s, 12 s and 16 s.
  for (double at = 2.0; at < 7.0; at += 0.25) EXPECT_NEAR(level_db(heard, at, at + 0.25), open, 0.5) << at;
  EXPECT_LT(level_db(heard, 0.0, 0.1), open - 15.0);
  EXPECT_LT(level_db(heard, 19.8, 20.0), open - 15.0);
}

TEST_F(MasterTest, GivesTheSameSoundTwice) {
  SoundRecipe given = recipe(voice(7.0, 0.9));
  narration_.utterances = {{0, 0, "…", seconds(1), seconds(3), {}}};
  given.music = music(2.5);
  const auto plan = plan_master(given, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->gain_db, plan_master(given, {})->gain_db);
  EXPECT_EQ(play(given, *plan), play(given, *plan));
}

TEST_F(MasterTest, MusicWithoutAVoiceIsAsLoudAsAVoiceWouldBe) {
  SoundRecipe given = recipe(std::vector<std::int16_t>(kVoiceRateHz * 12));
  given.music = music(3.0, 0.05);
  const auto plan = plan_master(given, {});
  ASSERT_TRUE(plan.has_value());
  LoudnessMeter meter = LoudnessMeter::create(2, false).value();
  ASSERT_TRUE(meter.add(play(given, *plan)).has_value());
  EXPECT_NEAR(meter.loudness_lufs().value(), kTargetLufs, 0.2);
}

TEST_F(MasterTest, StopsWhenItIsTold) {
  const auto plan = plan_master(recipe(voice(3.0, 0.2)), [](double fraction) { return fraction < 0.5; });
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().code, ErrorCode::cancelled);
}

TEST_F(MasterTest, MusicThatCannotBePlayedIsRefusedWithAReason) {
  std::ofstream(folder_ / "text.mp3") << "no music at all";
  EXPECT_EQ(measure_music(folder_ / "text.mp3").error().message,
            "text.mp3 is no sound that can be played; WAV, MP3, AAC, M4A, FLAC, Ogg are");
  synthetic::write_wav(folder_ / "short.wav", 44'100, synthetic::tone(44'100, 44'100));
  EXPECT_EQ(measure_music(folder_ / "short.wav").error().message,
            "short.wav is too short to repeat; at least 2 s are needed");
  synthetic::write_wav(folder_ / "still.wav", 44'100, std::vector<std::int16_t>(44'100 * 3));
  EXPECT_EQ(measure_music(folder_ / "still.wav").error().message, "still.wav holds nothing but silence");
  // A playlist names other files; it is not opened.
  std::ofstream(folder_ / "list.m3u8") << "#EXTM3U\n#EXTINF:3,\nfile:///etc/passwd\n";
  EXPECT_EQ(measure_music(folder_ / "list.m3u8").error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace vivid::render
