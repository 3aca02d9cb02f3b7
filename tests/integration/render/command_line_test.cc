#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "base/files.h"
#include "tests/integration/render/lesson.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render::testing_support {
namespace {

const std::string kProgram = std::string(VIVID_BINARY_DIR) + "/bin/vivid-render";

class VividRender : public testing::Test {
 protected:
  Finished render(std::vector<std::string> arguments, const std::string& lesson) {
    std::ofstream(folder_ / "lesson.json") << lesson;
    arguments.insert(arguments.begin(), {kProgram, (folder_ / "lesson.json").string(), "-o", out().string()});
    return Child(std::move(arguments), folder_.path()).wait();
  }
  nlohmann::json probe(const std::string& file) {
    const Finished finished = Child({"ffprobe", "-v", "error", "-show_streams", "-show_format", "-show_chapters", "-of",
                                     "json", (out() / file).string()},
                                    folder_.path())
                                  .wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return nlohmann::json::parse(finished.out);
  }
  std::filesystem::path out() const { return folder_ / "out"; }
  static const nlohmann::json& stream(const nlohmann::json& facts, const std::string& type) {
    for (const auto& candidate : facts["streams"]) {
      if (candidate["codec_type"] == type) return candidate;
    }
    static const nlohmann::json none;
    return none;
  }

  synthetic::Folder folder_;
};

const std::vector<std::string> kQuick{"--hardware", "never", "--size", "1280x720", "--preset", "ultrafast"};

std::vector<std::string> with(std::vector<std::string> more) {
  more.insert(more.begin(), kQuick.begin(), kQuick.end());
  return more;
}

TEST_F(VividRender, MakesAVideoAsPlayersExpectIt) {
  const Finished finished = render({"--hardware", "never"}, kLesson);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json facts = probe("video.mp4");
  const nlohmann::json& video = stream(facts, "video");
  const nlohmann::json wanted{
      {"codec_name", "h264"},       {"profile", "High"},         {"width", 1920},          {"height", 1080},
      {"pix_fmt", "yuv420p"},       {"color_range", "tv"},       {"color_space", "bt709"}, {"color_transfer", "bt709"},
      {"color_primaries", "bt709"}, {"chroma_location", "left"}, {"r_frame_rate", "30/1"}, {"avg_frame_rate", "30/1"}};
  for (const auto& [key, value] : wanted.items()) EXPECT_EQ(video.at(key), value) << key;
  const nlohmann::json& audio = stream(facts, "audio");
  EXPECT_EQ(audio.at("codec_name"), "aac");
  EXPECT_EQ(audio.at("profile"), "LC");
  EXPECT_EQ(audio.at("sample_rate"), "48000");
  EXPECT_EQ(audio.at("channels"), 2);
  const nlohmann::json& text = stream(facts, "subtitle");
  EXPECT_EQ(text.at("codec_name"), "mov_text");
  EXPECT_EQ(text.at("tags").at("language"), "spa");
  EXPECT_GE(facts["chapters"].size(), 2U);
  const auto manifest = nlohmann::json::parse(slurp(out() / "manifest.json"));
  const double narrated = manifest["audio"]["duration_seconds"];
  EXPECT_NEAR(std::stod(video.at("duration").get<std::string>()), narrated, 1.0 / 30);
  EXPECT_NEAR(std::stod(audio.at("duration").get<std::string>()), narrated, 1.0 / 30);
  const std::string bytes = slurp(out() / "video.mp4");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST_F(VividRender, DescribesEveryFileInTheManifestAndLeavesNoOther) {
  const Finished finished = render(kQuick, kLesson);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const auto manifest = nlohmann::json::parse(slurp(out() / "manifest.json"));
  std::set<std::string> described{"manifest.json"};
  for (const auto& file : manifest["files"]) {
    described.insert(file["name"]);
    const auto found = describe_file(out() / file["name"].get<std::string>());
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->sha256, file["sha256"]);
    EXPECT_EQ(found->crc32c, file["crc32c"]);
    EXPECT_EQ(found->size_bytes, file["size_bytes"]);
  }
  std::set<std::string> present;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(out())) {
    if (!entry.is_directory()) present.insert(entry.path().lexically_relative(out()));
  }
  EXPECT_EQ(present, described);
  EXPECT_EQ(present, (std::set<std::string>{"captions.srt", "captions.vtt", "manifest.json", "narration.m4a",
                                            "poster.jpg", "text.md", "thumbnail.jpg", "thumbnails/scene-01.jpg",
                                            "thumbnails/scene-02.jpg", "video.mp4"}));
}

TEST_F(VividRender, GivesTheSameBytesTwice) {
  const auto files_of = [this] {
    const Finished finished = render(kQuick, kLesson);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return nlohmann::json::parse(slurp(out() / "manifest.json"))["files"];
  };
  const nlohmann::json first = files_of();
  EXPECT_EQ(first.size(), 9U);
  EXPECT_EQ(first, files_of());
}

TEST_F(VividRender, CarriesCaptionsAsAsked) {
  const std::map<std::string, int> modes{{"track", 0}, {"shown", 1}};
  for (const auto& [mode, by_default] : modes) {
    const Finished finished = render(with({"--captions", mode}), kLesson);
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
    const nlohmann::json facts = probe("video.mp4");
    EXPECT_EQ(stream(facts, "subtitle").at("disposition").at("default"), by_default) << mode;
    EXPECT_EQ(stream(facts, "video").at("disposition").at("default"), 1) << mode;
    EXPECT_EQ(stream(facts, "audio").at("disposition").at("default"), 1) << mode;
  }
  ASSERT_EQ(render(with({"--captions", "off"}), kLesson).exit_code, 0);
  EXPECT_TRUE(stream(probe("video.mp4"), "subtitle").is_null());
  EXPECT_NE(slurp(out() / "captions.vtt").find("La fuerza cambia"), std::string::npos);
}

TEST_F(VividRender, SpeaksThePreferredLanguageWhereTheLessonNamesNone) {
  const Finished finished = render(with({"--language", "es_MX", "--voice", "es-US-Neural2-B"}), kLessonWithoutLanguage);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json facts = probe("video.mp4");
  EXPECT_EQ(stream(facts, "audio").at("tags").at("language"), "spa");
  EXPECT_EQ(stream(facts, "subtitle").at("tags").at("language"), "spa");
  const auto manifest = nlohmann::json::parse(slurp(out() / "manifest.json"));
  EXPECT_EQ(manifest["language"], "es-MX");
  EXPECT_EQ(manifest["audio"]["language"], "es-MX");
  EXPECT_EQ(manifest["audio"]["voice"], "espeak-ng es");
  EXPECT_EQ(manifest["warnings"],
            nlohmann::json::array({"voice 'es-US-Neural2-B' is not known to espeak-ng; its es speaks"}));
  EXPECT_NE(slurp(out() / "text.md").find("Puntos clave"), std::string::npos);
  EXPECT_NE(slurp(out() / "captions.vtt").find("Repasemos los puntos clave."), std::string::npos);
}

TEST_F(VividRender, KeepsTheLanguageThatTheLessonNames) {
  ASSERT_EQ(render(with({"--language", "de"}), kLesson).exit_code, 0);
  EXPECT_EQ(stream(probe("narration.m4a"), "audio").at("tags").at("language"), "spa");
  EXPECT_EQ(nlohmann::json::parse(slurp(out() / "manifest.json"))["audio"]["voice"], "espeak-ng es");
  EXPECT_EQ(render(with({"--language", "Klingon"}), kLesson).err.find("Klingon"), std::string::npos);
}

TEST_F(VividRender, MakesALargePictureWithLargeTextOfHighContrast) {
  const Finished finished = render({"--hardware", "never", "--size", "3840x2160", "--preset", "ultrafast", "--fps", "5",
                                    "--speech", "none", "--high-contrast", "--font-scale", "2"},
                                   kLesson);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json facts = probe("video.mp4");
  EXPECT_EQ(stream(facts, "video").at("width"), 3840);
  EXPECT_EQ(stream(facts, "video").at("height"), 2160);
  EXPECT_EQ(stream(facts, "video").at("pix_fmt"), "yuv420p");
  EXPECT_EQ(stream(facts, "subtitle").at("height"), 2160);
  EXPECT_EQ(stream(probe("thumbnail.jpg"), "video").at("width"), 1280);
}

TEST_F(VividRender, FallsBackToEnglishFromALanguageNobodyKnows) {
  const Finished finished = render(with({"--language", "Klingon"}), kLessonWithoutLanguage);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.err.find("warning: the preferred language 'Klingon' is not known; English is used"),
            std::string::npos)
      << finished.err;
  EXPECT_EQ(stream(probe("video.mp4"), "audio").at("tags").at("language"), "eng");
}

TEST_F(VividRender, TagsTheSoundWithWhatIsSpokenAndTheCaptionsWithWhatIsWritten) {
  std::string lesson = kLesson;
  lesson.replace(lesson.find("\"es\""), 4, "\"tlh\"");
  const Finished finished = render(kQuick, lesson);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json facts = probe("video.mp4");
  const auto manifest = nlohmann::json::parse(slurp(out() / "manifest.json"));
  EXPECT_EQ(manifest["language"], "tlh");
  EXPECT_EQ(stream(facts, "subtitle").at("tags").at("language"), "tlh");
  if (manifest["audio"]["language"] == "tlh") GTEST_SKIP() << "this espeak-ng speaks Klingon";
  EXPECT_EQ(stream(facts, "audio").at("tags").at("language"), "eng");
}

TEST_F(VividRender, GivesTheSameBytesTwiceForWhatAViewerPrefers) {
  const auto files_of = [this] {
    const Finished finished = render(with({"--high-contrast", "--font-scale", "1.6", "--captions", "shown", "--voice",
                                           "en-US-Neural2-J", "--language", "es", "--watermark", "Free"}),
                                     kLessonWithoutLanguage);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return nlohmann::json::parse(slurp(out() / "manifest.json"))["files"];
  };
  const nlohmann::json first = files_of();
  EXPECT_EQ(first.size(), 10U);
  EXPECT_EQ(first, files_of());
}

TEST_F(VividRender, ReadsStandardInputAndPrintsTheManifest) {
  std::ofstream(folder_ / "lesson.json") << "Here it is:\n```json\n" << kLesson << "\n```\n";
  std::vector<std::string> command{kProgram, "-", "-o", out().string(), "--json", "--progress", "--speech", "none"};
  command.insert(command.end(), kQuick.begin(), kQuick.end());
  const Finished finished = Child(command, folder_.path(), -1, folder_ / "lesson.json").wait();
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out, slurp(out() / "manifest.json"));
  EXPECT_NE(finished.err.find("video_generation: ended after"), std::string::npos) << finished.err;
  EXPECT_EQ(finished.err.find('\r'), std::string::npos);
}

TEST_F(VividRender, WritesAStillForEachSceneWhenAsked) {
  std::vector<std::string> arguments = kQuick;
  arguments.emplace_back("--scene-images");
  const Finished finished = render(arguments, kLesson);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(stream(probe("images/scene-01.png"), "video").at("width"), 1280);
  EXPECT_TRUE(std::filesystem::exists(out() / "images/scene-02.png"));
}

TEST_F(VividRender, NamesAllProblemsOfAnInputAndLeavesNothing) {
  const Finished finished = render({}, R"({"title": 7, "sections": [{"title": "a"}, {"content": 3}]})");
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_NE(finished.err.find("/title"), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("/sections/1/content"), std::string::npos) << finished.err;
  EXPECT_FALSE(std::filesystem::exists(out()));
}

TEST_F(VividRender, RefusesAWrongCommandLine) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--size", "800x600"}, {"--fps", "0"}, {"--crf", "99"}, {"--encoder", "mpeg2video"}, {"--bogus"}}) {
    EXPECT_EQ(render(arguments, kLesson).exit_code, 2) << arguments[0];
  }
  EXPECT_EQ(Child({kProgram}, folder_.path()).wait().exit_code, 2);
  EXPECT_EQ(Child({kProgram, "--version"}, folder_.path()).wait().out, "vivid-render " VIVID_VERSION "\n");
}

TEST_F(VividRender, FailsForGoodWhereTheRequiredDeviceIsMissing) {
  const Finished finished = render({"--hardware", "required", "--size", "1280x720"}, kLesson);
  if (finished.exit_code == 0) GTEST_SKIP() << "an NVENC session opens on this machine";
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_NE(finished.err.find("h264_nvenc: "), std::string::npos) << finished.err;
  EXPECT_FALSE(std::filesystem::exists(out()));
}

TEST_F(VividRender, LeavesAFolderThatWasThere) {
  std::filesystem::create_directory(out());
  const Finished finished = render({"--hardware", "required", "--size", "1280x720"}, kLesson);
  if (finished.exit_code == 0) GTEST_SKIP() << "an NVENC session opens on this machine";
  EXPECT_TRUE(std::filesystem::is_empty(out()));
}

TEST_F(VividRender, SaysThatTheEncoderAskedForDidNotOpen) {
  const Finished finished = render({"--encoder", "h264_nvenc", "--size", "1280x720", "--preset", "ultrafast"}, kLesson);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const auto manifest = nlohmann::json::parse(slurp(out() / "manifest.json"));
  if (manifest["video"]["encoder"] == "h264_nvenc") GTEST_SKIP() << "an NVENC session opens on this machine";
  const std::string warning = "encoder h264_nvenc was asked for, libx264 encoded instead: ";
  EXPECT_NE(finished.err.find("warning: " + warning), std::string::npos) << finished.err;
  EXPECT_NE(manifest["warnings"].dump().find(warning), std::string::npos) << manifest["warnings"];
}

TEST_F(VividRender, LeavesNothingWhenItIsInterrupted) {
  std::ofstream(folder_ / "lesson.json") << kLongLesson;
  for (const int number : {SIGINT, SIGTERM}) {
    std::filesystem::remove(folder_ / "stderr");
    Child child({kProgram, (folder_ / "lesson.json").string(), "-o", out().string(), "--progress",
                 "--encode-every-frame", "--preset", "veryslow"},
                folder_.path());
    // In the middle of the frames: its lines tell.
    while (slurp(folder_ / "stderr").find("video_generation: ") == std::string::npos) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    child.signal(number);
    const Finished finished = child.wait();
    EXPECT_EQ(finished.exit_code, 130) << finished.err;
    EXPECT_FALSE(std::filesystem::exists(out()));
  }
}

}  // namespace
}  // namespace vivid::render::testing_support
