// Every sample of the project as a video: what other programs see in it and hear of it.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/integration/render/loudness.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"
#if VIVID_HAS_OPENH264
#include "tests/support/render/h264_stream.h"
#endif

namespace vivid::render::testing_support {
namespace {

using nlohmann::json;
constexpr int kRate = 5;
const std::string kSamples = std::string(VIVID_SOURCE_DIR) + "/samples/";

// Each sample and the language of its narration.
struct Sample {
  const char* file;
  const char* language;
};
void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.file; }

class Samples : public testing::TestWithParam<Sample> {
 protected:
  void render(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{std::string(VIVID_BINARY_DIR) + "/bin/vivid-render",
                                       kSamples + GetParam().file,
                                       "-o",
                                       (folder_ / "out").string(),
                                       "--assets",
                                       kSamples,
                                       "--size",
                                       "1280x720",
                                       "--fps",
                                       std::to_string(kRate),
                                       "--hardware",
                                       "never",
                                       "--formats",
                                       "mp3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = Child(std::move(arguments), folder_.path()).wait();
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
    manifest_ = json::parse(slurp(folder_ / "out/manifest.json"));
    EXPECT_FALSE(manifest_["video"].contains("hold_problem")) << manifest_["video"];
  }

  std::string output(std::vector<std::string> arguments) const {
    const Finished finished = Child(std::move(arguments), folder_.path()).wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    return finished.out;
  }
  std::string file(const std::string& name) const { return (folder_ / "out" / name).string(); }
  json probe(const std::string& name) const {
    return json::parse(output(
        {"ffprobe", "-v", "error", "-show_streams", "-show_format", "-show_chapters", "-of", "json", file(name)}));
  }

  // A checksum for each frame in the order of time, by FFmpeg, which has nothing to complain of.
  std::vector<std::uint32_t> frames() const {
    std::istringstream lines(output({"ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-i",
                                     file("video.mp4"), "-map", "0:v", "-f", "framecrc", "-"}));
    std::vector<std::uint32_t> sums;
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("0,", 0) == 0) {
        sums.push_back(static_cast<std::uint32_t>(std::stoul(line.substr(line.rfind("0x")), nullptr, 16)));
      }
    }
    return sums;
  }
  // Pictures that were not encoded but mixed of two others: B pictures of a few bytes. Some of the encoder's own may be
  // among them.
  std::size_t small_b_pictures() const {
    const json probed = json::parse(output({"ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                                            "frame=pict_type,pkt_size", "-of", "json", file("video.mp4")}));
    std::size_t count = 0;
    for (const json& frame : probed["frames"]) {
      count += frame["pict_type"] == "B" && std::stoi(frame["pkt_size"].get<std::string>()) < 300 ? 1 : 0;
    }
    return count;
  }
  // A frame that was neither encoded nor mixed repeats the one before, bit by bit.
  void expect_held_frames_repeat(const std::vector<std::uint32_t>& frames) const {
    ASSERT_EQ(frames.size(), manifest_["video"]["frames"].get<std::size_t>());
    std::size_t changes = 1;
    for (std::size_t i = 1; i < frames.size(); ++i) changes += frames[i] != frames[i - 1] ? 1 : 0;
    EXPECT_LE(changes, manifest_["video"]["frames_encoded"].get<std::size_t>() + small_b_pictures());
    EXPECT_LT(changes, frames.size());
    EXPECT_LT(manifest_["video"]["frames_encoded"].get<std::size_t>(), frames.size());
  }

  const synthetic::Folder folder_;
  json manifest_;
};

TEST_P(Samples, HoldStillFramesAndAreWhatTheySay) {
  ASSERT_NO_FATAL_FAILURE(render({}));
  expect_held_frames_repeat(frames());
  const json facts = probe("video.mp4");
  const double seconds = manifest_["video"]["duration_seconds"].get<double>();
  EXPECT_NEAR(std::stod(facts["format"]["duration"].get<std::string>()), seconds, 0.05);
  EXPECT_EQ(facts["format"]["tags"]["title"], manifest_["title"]);
  EXPECT_EQ(facts["chapters"].size(), manifest_["scenes"].size());
  const json& video = facts["streams"][0];
  for (const auto& [fact, wanted] : {std::pair{"codec_name", "h264"},
                                     {"pix_fmt", "yuv420p"},
                                     {"color_range", "tv"},
                                     {"color_space", "bt709"},
                                     {"color_transfer", "bt709"},
                                     {"color_primaries", "bt709"},
                                     {"sample_aspect_ratio", "1:1"}}) {
    EXPECT_EQ(video[fact], wanted) << fact;
  }
  EXPECT_EQ(video["avg_frame_rate"], std::to_string(kRate) + "/1");
  EXPECT_EQ(video["nb_frames"], std::to_string(manifest_["video"]["frames"].get<int>()));
  EXPECT_NEAR(std::stod(video["duration"].get<std::string>()), seconds, 0.001);
  const json& sound = facts["streams"][1];
  EXPECT_EQ(sound["codec_name"], "aac");
  EXPECT_EQ(sound["profile"], "LC");
  EXPECT_EQ(sound["sample_rate"], "48000");
  EXPECT_EQ(sound["channels"], 2);
  EXPECT_EQ(sound["tags"]["language"], GetParam().language);
  EXPECT_NEAR(std::stod(sound["duration"].get<std::string>()), seconds, 1.0 / kRate + 0.03);
  EXPECT_EQ(facts["streams"][2]["codec_name"], "mov_text");
  EXPECT_EQ(facts["streams"][2]["tags"]["language"], GetParam().language);
  for (const char* name : {"video.mp4", "narration.m4a", "narration.mp3"})
    expect_loudness(hear(file(name), folder_.path()), name);
}

#if VIVID_HAS_OPENH264

// It gets B pictures wrong, in the encoder's own streams too: this preset has none.
TEST_P(Samples, LookTheSameToASecondDecoder) {
  ASSERT_NO_FATAL_FAILURE(render({"--preset", "ultrafast"}));
  const std::vector<std::uint32_t> wanted = frames();
  expect_held_frames_repeat(wanted);
  output({"ffmpeg", "-v", "error", "-i", file("video.mp4"), "-map", "0:v", "-c", "copy", "-bsf:v", "h264_mp4toannexb",
          "-f", "h264", file("video.h264")});
  const SecondOpinion opinion = decode_with_openh264(slurp(file("video.h264")));
  EXPECT_EQ(opinion.complaints, 0);
  EXPECT_EQ(opinion.frames, wanted);
}

#endif

std::string name_of(const testing::TestParamInfo<Sample>& info) {
  std::string name = info.param.file;
  name.resize(name.find('.'));
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    All, Samples,
    testing::Values(Sample{"script-fenced-by-the-model.txt", "eng"}, Sample{"script-newton-basketball.json", "eng"},
                    Sample{"script-photosynthesis-text-only.json", "eng"}, Sample{"script-respiracion-es.json", "spa"},
                    Sample{"storyboard-arabic-rtl.json", "ara"}, Sample{"storyboard-newton-full.json", "eng"}),
    name_of);

}  // namespace
}  // namespace vivid::render::testing_support
