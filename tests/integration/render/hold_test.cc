// What is in the file when still frames are held, seen by other programs.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/render/lesson.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render::testing_support {
namespace {

constexpr int kRate = 10;  // so that a tenth of a second is a frame

class HeldVideo : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new synthetic::Folder;
    std::ofstream(*folder_ / "lesson.json") << kLesson;
    render("held", {});
    render("every", {"--encode-every-frame"});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static void render(const std::string& to, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{std::string(VIVID_BINARY_DIR) + "/bin/vivid-render",
                                       (*folder_ / "lesson.json").string(),
                                       "-o",
                                       (*folder_ / to.c_str()).string(),
                                       "--size",
                                       "1280x720",
                                       "--fps",
                                       std::to_string(kRate),
                                       "--keyframe-seconds",
                                       "2",
                                       "--hardware",
                                       "never"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = Child(std::move(arguments), folder_->path()).wait();
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
  }

  static std::string video(const std::string& of) { return (*folder_ / of.c_str() / "video.mp4").string(); }

  static nlohmann::json manifest() { return nlohmann::json::parse(slurp(*folder_ / "held" / "manifest.json")); }

  static Finished run(std::vector<std::string> arguments) {
    return Child(std::move(arguments), folder_->path()).wait();
  }

  static nlohmann::json probe(const std::string& of, std::vector<std::string> what) {
    std::vector<std::string> arguments{"ffprobe", "-v", "error", "-of", "json"};
    arguments.insert(arguments.end(), what.begin(), what.end());
    arguments.push_back(video(of));
    const Finished finished = run(std::move(arguments));
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return nlohmann::json::parse(finished.out);
  }

  // A checksum a frame, from `seconds` on.
  static std::vector<std::string> frames_from(const std::string& of, const std::string& seconds) {
    const Finished finished = run({"ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-ss", seconds, "-i",
                                   video(of), "-map", "0:v", "-f", "framemd5", "-"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    std::vector<std::string> sums;
    std::istringstream lines(finished.out);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("0,", 0) == 0) sums.push_back(line.substr(line.rfind(' ') + 1));
    }
    return sums;
  }

  static synthetic::Folder* folder_;
};
synthetic::Folder* HeldVideo::folder_ = nullptr;

TEST_F(HeldVideo, HasAFrameForEveryTickAndFewThatWereEncoded) {
  const auto facts = probe("held", {"-select_streams", "v", "-count_frames", "-show_streams", "-show_packets"});
  const auto& packets = facts["packets"];
  const auto said = manifest();
  EXPECT_EQ(packets.size(), said["video"]["frames"].get<std::size_t>());
  EXPECT_EQ(facts["streams"][0]["nb_read_frames"], std::to_string(packets.size()));
  EXPECT_EQ(facts["streams"][0]["avg_frame_rate"], std::to_string(kRate) + "/1");
  EXPECT_LT(said["video"]["frames_encoded"].get<std::size_t>(), packets.size());
  EXPECT_FALSE(said["video"].contains("hold_problem"));
  double last_start = 0.0;
  std::size_t few_bytes = 0;
  for (const auto& packet : packets) {
    const double time = std::stod(packet["pts_time"].get<std::string>());
    EXPECT_EQ(packet["duration_time"], packets[0]["duration_time"]);
    if (std::stoi(packet["size"].get<std::string>()) < 100) ++few_bytes;
    if (packet["flags"].get<std::string>()[0] != 'K') continue;
    EXPECT_LE(time - last_start, 2.001);
    last_start = time;
  }
  EXPECT_GT(few_bytes, packets.size() / 4);
}

TEST_F(HeldVideo, LastsAsLongAndSaysTheSameAsWithEveryFrameEncoded) {
  const std::vector<std::string> what{"-show_format", "-show_chapters", "-show_streams"};
  auto held = probe("held", what);
  auto every = probe("every", what);
  EXPECT_EQ(held["format"]["duration"], every["format"]["duration"]);
  EXPECT_EQ(held["chapters"], every["chapters"]);
  ASSERT_EQ(held["streams"].size(), every["streams"].size());
  for (std::size_t i = 0; i < held["streams"].size(); ++i) {
    for (const char* fact : {"codec_name", "profile", "width", "height", "pix_fmt", "level", "duration", "nb_frames",
                             "avg_frame_rate", "color_space", "tags", "disposition"}) {
      EXPECT_EQ(held["streams"][i][fact], every["streams"][i][fact]) << i << " " << fact;
    }
  }
}

TEST_F(HeldVideo, DecodesWithoutAWordFromAnyPlace) {
  const std::vector<std::string> all = frames_from("held", "0");
  const auto said = manifest();
  ASSERT_EQ(all.size(), said["video"]["frames"].get<std::size_t>());
  for (const int tenths : {7, 19, 20, 21, 33}) {
    const auto first = static_cast<std::size_t>(tenths);
    ASSERT_LT(first, all.size());
    const std::vector<std::string> rest =
        frames_from("held", std::to_string(tenths / 10) + "." + std::to_string(tenths % 10));
    EXPECT_EQ(rest, std::vector<std::string>(all.begin() + tenths, all.end())) << tenths;
  }
}

TEST_F(HeldVideo, IsTheSameFileAgain) {
  render("again", {});
  EXPECT_TRUE(slurp(video("again")) == slurp(video("held")));
}

}  // namespace
}  // namespace vivid::render::testing_support
