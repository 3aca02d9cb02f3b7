#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/render/child.h"
#include "tests/support/temporary_folder.h"

namespace vivid::render::testing_support {
namespace {

constexpr const char* kStory = R"({"metadata": {"language": "en"}, "scenes": [
  {"visual_type": "bullets", "text_overlay": "Forces", "bullets": ["Push"], "narration": "You push the floor.",
   "visual_description": "A player bends her knees."},
  {"visual_type": "title", "text_overlay": "The end", "narration": "And it pushes back."}]})";

class Viewers : public testing::Test {
 protected:
  Finished render(const std::vector<std::string>& more) {
    std::ofstream(folder_ / "lesson.json") << kStory;
    std::vector<std::string> command{std::string(VIVID_BINARY_DIR) + "/bin/vivid-render",
                                     (folder_ / "lesson.json").string(),
                                     "-o",
                                     out().string(),
                                     "--hardware",
                                     "never",
                                     "--size",
                                     "1280x720",
                                     "--preset",
                                     "ultrafast",
                                     "--fps",
                                     "10",
                                     "--formats",
                                     "none"};
    command.insert(command.end(), more.begin(), more.end());
    return Child(command, folder_.path()).wait();
  }
  nlohmann::json probe(const std::string& file) {
    const Finished finished =
        Child({"ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", (out() / file).string()},
              folder_.path())
            .wait();
    EXPECT_EQ(finished.exit_code, 0) << file << ": " << finished.err;
    return nlohmann::json::parse(finished.out);
  }
  // The loudest of a second, from `start` on.
  double peak_db(const std::string& file, int start) {
    const Finished finished = Child({"ffmpeg", "-hide_banner", "-ss", std::to_string(start), "-t", "1", "-i",
                                     (out() / file).string(), "-af", "volumedetect", "-f", "null", "-"},
                                    folder_.path())
                                  .wait();
    const std::size_t at = finished.err.find("max_volume: ");
    EXPECT_NE(at, std::string::npos) << finished.err;
    return at == std::string::npos ? 0.0 : std::stod(finished.err.substr(at + 12));
  }
  std::filesystem::path out() const { return folder_ / "out"; }

  vivid::test::TemporaryFolder folder_;
};

TEST_F(Viewers, HearWhatIsToBeSeen) {
  const Finished finished = render({"--audio-descriptions", "--formats", "none"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const std::string cues = slurp(out() / "descriptions.vtt");
  EXPECT_NE(cues.find("00:00:00.300 --> "), std::string::npos) << cues;
  EXPECT_NE(cues.find("A player bends her knees."), std::string::npos) << cues;
  EXPECT_EQ(slurp(out() / "captions.vtt").find("knees"), std::string::npos);
  // While it is told the narration rests, and both end together.
  EXPECT_LT(peak_db("narration.m4a", 0), -50.0);
  EXPECT_GT(peak_db("narration-described.m4a", 0), -20.0);
  const auto film = probe("video-described.mp4");
  ASSERT_GE(film["streams"].size(), 3U);
  EXPECT_EQ(film["streams"][1]["disposition"]["default"], 1);
  EXPECT_EQ(film["streams"][1]["disposition"]["visual_impaired"], 0);
  EXPECT_EQ(film["streams"][2]["codec_type"], "audio");
  EXPECT_EQ(film["streams"][2]["disposition"]["visual_impaired"], 1);
  EXPECT_EQ(film["streams"][2]["disposition"]["default"], 0);
  EXPECT_EQ(film["streams"][2]["tags"]["language"], "eng");
  EXPECT_NEAR(std::stod(film["streams"][1]["duration"].get<std::string>()),
              std::stod(film["streams"][2]["duration"].get<std::string>()), 0.05);
  const auto manifest = nlohmann::json::parse(slurp(out() / "manifest.json"));
  std::vector<std::string> names;
  for (const auto& file : manifest["files"]) names.push_back(file["name"]);
  for (const char* name : {"descriptions.vtt", "narration-described.m4a", "video-described.mp4"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
  EXPECT_EQ(manifest["settings"]["audio_descriptions"], true);
}

TEST_F(Viewers, ChooseTheDescribedSoundOfAStream) {
  ASSERT_EQ(render({"--audio-descriptions", "--formats", "hls"}).exit_code, 0);
  const std::string master = slurp(out() / "hls/master.m3u8");
  EXPECT_NE(
      master.find("NAME=\"en (described)\",LANGUAGE=\"en\",CHARACTERISTICS=\"public.accessibility.describes-video\""),
      std::string::npos)
      << master;
  const auto sound = probe("hls/sound.m3u8");
  const auto described = probe("hls/sound-described.m3u8");
  EXPECT_NEAR(std::stod(described["format"]["duration"].get<std::string>()),
              std::stod(sound["format"]["duration"].get<std::string>()), 0.05);
  EXPECT_NE(slurp(out() / "manifest.json").find("hls/sound-described.m4a"), std::string::npos);
}

TEST_F(Viewers, SeeCaptionsInThePictureAndInNoTrack) {
  ASSERT_EQ(render({"--captions", "burnt_in", "--formats", "none"}).exit_code, 0);
  const auto video = probe("video.mp4");
  for (const auto& stream : video["streams"]) EXPECT_NE(stream["codec_type"], "subtitle");
  EXPECT_NE(slurp(out() / "captions.vtt").find("push the floor"), std::string::npos);
}

}  // namespace
}  // namespace vivid::render::testing_support
