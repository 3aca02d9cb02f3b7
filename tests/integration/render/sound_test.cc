// What is heard in the end, by another meter: FFmpeg's ebur128 on the finished files.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "tests/integration/render/lesson.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render::testing_support {
namespace {

const std::string kProgram = std::string(VIVID_BINARY_DIR) + "/bin/vivid-render";

struct Heard {
  double loudness_lufs = 0.0;
  double true_peak_dbtp = 0.0;
};

class FinishedSound : public testing::Test {
 protected:
  nlohmann::json render(const std::string& lesson, std::vector<std::string> more = {}) {
    std::ofstream(folder_ / "lesson.json") << lesson;
    std::vector<std::string> arguments{kProgram,     (folder_ / "lesson.json").string(),
                                       "-o",         out().string(),
                                       "--hardware", "never",
                                       "--size",     "1280x720",
                                       "--preset",   "ultrafast",
                                       "--assets",   folder_.path().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = Child(std::move(arguments), folder_.path()).wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return nlohmann::json::parse(slurp(out() / "manifest.json"));
  }

  Heard hear(const std::string& file) {
    const Finished finished = Child({"ffmpeg", "-hide_banner", "-nostats", "-i", (out() / file).string(), "-map", "0:a",
                                     "-af", "ebur128=peak=true", "-f", "null", "-"},
                                    folder_.path())
                                  .wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    const std::string summary = finished.err.substr(finished.err.rfind("Summary:"));
    const auto value = [&summary](const char* pattern) {
      std::smatch match;
      EXPECT_TRUE(std::regex_search(summary, match, std::regex(pattern))) << summary;
      return match[1] == "-inf" ? -1'000.0 : std::stod(match[1]);
    };
    return {value(R"(I:\s+(\S+) LUFS)"), value(R"(Peak:\s+(\S+) dBFS)")};
  }

  std::filesystem::path out() const { return folder_ / "out"; }

  synthetic::Folder folder_;
};

void expect_within_limits(const Heard& heard) {
  EXPECT_NEAR(heard.loudness_lufs, -16.0, 0.5);
  EXPECT_LE(heard.true_peak_dbtp, -1.0);
}

// Times, sizes and digests of the packets of sound.
std::string packets(const std::filesystem::path& file, const std::filesystem::path& folder) {
  return Child({"ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "packet=pts,duration,size,data_hash",
                "-show_data_hash", "sha256", "-of", "csv", file.string()},
               folder)
      .wait()
      .out;
}

TEST_F(FinishedSound, IsAsLoudAsItShouldBeInEveryFile) {
  const auto manifest = render(kLongLesson, {"--formats", "mp3,webm", "--fps", "5"});
  EXPECT_TRUE(manifest["warnings"].empty()) << manifest["warnings"];
  for (const char* file : {"narration.m4a", "video.mp4", "narration.mp3", "video.webm"}) {
    SCOPED_TRACE(file);
    const Heard heard = hear(file);
    expect_within_limits(heard);
    EXPECT_NEAR(heard.loudness_lufs, manifest["audio"]["loudness_lufs"], 0.15);
    EXPECT_NEAR(heard.true_peak_dbtp, manifest["audio"]["true_peak_dbtp"], 0.3);
  }
  EXPECT_NE(manifest["audio"]["loudness_before_lufs"], manifest["audio"]["loudness_lufs"]);
}

TEST_F(FinishedSound, Mp3IsHeardAtTheSameTimesAsM4a) {
  render(kLongLesson, {"--formats", "mp3"});
  const auto samples = [this](const std::string& file) {
    const std::string raw =
        Child({"ffmpeg", "-v", "error", "-i", (out() / file).string(), "-af", "pan=mono|c0=c0", "-f", "s16le", "-"},
              folder_.path())
            .wait()
            .out;
    std::vector<std::int16_t> sound(raw.size() / 2);
    std::memcpy(sound.data(), raw.data(), sound.size() * 2);
    return sound;
  };
  const auto mp3 = samples("narration.mp3");
  const auto m4a = samples("narration.m4a");
  ASSERT_GT(mp3.size(), 400'000U);
  // At the same place in both, within a sample.
  EXPECT_NEAR(static_cast<double>(mp3.size()), static_cast<double>(m4a.size()), 1'152.0 * 2);
  double best = 0.0;
  for (int lag = -3; lag <= 3; ++lag) {
    double both = 0.0;
    double one = 0.0;
    double other = 0.0;
    for (std::size_t i = 100'000; i < 300'000; ++i) {
      const double a = mp3[i];
      const double b = m4a[static_cast<std::size_t>(static_cast<int>(i) + lag)];
      both += a * b;
      one += a * a;
      other += b * b;
    }
    best = std::max(best, both / std::sqrt(one * other));
  }
  EXPECT_GT(best, 0.999);
}

TEST_F(FinishedSound, IsEncodedOnceForBothFiles) {
  render(kLesson);
  const std::string alone = packets(out() / "narration.m4a", folder_.path());
  EXPECT_GT(alone.size(), 1'000U);
  EXPECT_EQ(alone, packets(out() / "video.mp4", folder_.path()));
}

TEST_F(FinishedSound, StaysWithinTheLimitsWithMusic) {
  std::minstd_rand random(3);
  std::vector<std::int16_t> music(2 * 44'100 * 5);
  for (std::int16_t& sample : music) sample = static_cast<std::int16_t>(random() % 20'000 - 10'000);
  synthetic::write_wav(folder_ / "bed.wav", 44'100, music, 2);
  const auto manifest = render(kLongLesson, {"--music", "bed.wav"});
  EXPECT_TRUE(manifest["warnings"].empty()) << manifest["warnings"];
  expect_within_limits(hear("video.mp4"));
  const std::string first = slurp(out() / "narration.m4a");
  render(kLongLesson, {"--music", "bed.wav"});
  EXPECT_EQ(first, slurp(out() / "narration.m4a"));
  render(kLongLesson);
  EXPECT_NE(first, slurp(out() / "narration.m4a"));
}

TEST_F(FinishedSound, LessonNamesItsMusicOrNone) {
  const auto lesson = [](const std::string& music) {
    return R"({"metadata": {"topic_title": "T", "music": ")" + music +
           R"("}, "scenes": [{"visual_type": "title", "text_overlay": "T", "narration": "Hello there."}]})";
  };
  const auto missing = render(lesson("absent.ogg"));
  ASSERT_EQ(missing["warnings"].size(), 1U) << missing["warnings"];
  EXPECT_EQ(missing["warnings"][0], "music not played: 'absent.ogg' is not in the asset folder");
  expect_within_limits(hear("video.mp4"));
  EXPECT_TRUE(render(lesson("none"), {"--music", "absent.ogg"})["warnings"].empty());
}

TEST_F(FinishedSound, SilenceStaysSilent) {
  const auto manifest = render(kLesson, {"--speech", "none"});
  EXPECT_FALSE(manifest["audio"].contains("loudness_lufs"));
  EXPECT_LT(hear("video.mp4").true_peak_dbtp, -60.0);
}

}  // namespace
}  // namespace vivid::render::testing_support
