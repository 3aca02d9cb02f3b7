#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render::testing_support {
namespace {

const std::string kProgram = std::string(VIVID_BINARY_DIR) + "/bin/vivid-render";
constexpr const char* kStory = R"({
  "title": "Fuerzas", "language": "es", "hook": "Hola a todos, vamos a empezar.",
  "sections": [{"title": "Una", "content": "La fuerza cambia el movimiento. Un balón se queda quieto. Una pelota rueda."}]
})";

class Formats : public testing::Test {
 protected:
  Finished render(const std::string& formats) {
    std::ofstream(folder_ / "lesson.json") << kStory;
    return Child({kProgram, (folder_ / "lesson.json").string(), "-o", out().string(), "--hardware", "never", "--size",
                  "1280x720", "--preset", "ultrafast", "--keyframe-seconds", "2", "--formats", formats},
                 folder_.path())
        .wait();
  }
  nlohmann::json probe(const std::string& file) {
    const Finished finished =
        Child({"ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", (out() / file).string()},
              folder_.path())
            .wait();
    EXPECT_EQ(finished.exit_code, 0) << file << ": " << finished.err;
    return nlohmann::json::parse(finished.out);
  }
  std::vector<std::string> starting_times(const std::string& file) {
    const Finished finished = Child({"ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                                     "packet=pts_time,flags", "-of", "json", (out() / file).string()},
                                    folder_.path())
                                  .wait();
    EXPECT_EQ(finished.exit_code, 0) << file << ": " << finished.err;
    std::vector<std::string> times;
    const nlohmann::json read = nlohmann::json::parse(finished.out);
    for (const auto& packet : read["packets"]) {
      if (packet["flags"].get<std::string>().starts_with("K")) times.push_back(packet["pts_time"]);
    }
    return times;
  }
  // Nothing for a decoder to complain of.
  void expect_plays(const std::string& file) {
    const Finished finished =
        Child({"ffmpeg", "-v", "error", "-xerror", "-i", (out() / file).string(), "-f", "null", "-"}, folder_.path())
            .wait();
    EXPECT_EQ(finished.exit_code, 0) << file << ": " << finished.err;
    EXPECT_EQ(finished.err, "") << file;
  }
  nlohmann::json manifest() const { return nlohmann::json::parse(slurp(out() / "manifest.json")); }
  std::filesystem::path out() const { return folder_ / "out"; }

  synthetic::Folder folder_;
};

double seconds_of(const nlohmann::json& facts) { return std::stod(facts["format"]["duration"].get<std::string>()); }

// Reads a media playlist as RFC 8216 has it; a line that does not belong fails.
struct ReadPlaylist {
  double target = 0;
  std::vector<double> durations;
  std::int64_t next_byte = -1;
};
ReadPlaylist read_media_playlist(const std::filesystem::path& path) {
  ReadPlaylist read;
  std::istringstream lines(slurp(path));
  std::string line;
  std::vector<std::string> expected{"#EXTM3U", "#EXT-X-VERSION:7"};
  for (const std::string& head : expected) {
    std::getline(lines, line);
    EXPECT_EQ(line, head);
  }
  bool ended = false;
  while (std::getline(lines, line)) {
    EXPECT_FALSE(ended) << line;
    long long size = 0;
    long long at = 0;
    double number = 0;
    char name[64] = {};
    if (std::sscanf(line.c_str(), "#EXT-X-TARGETDURATION:%lf", &number) == 1) {
      read.target = number;
    } else if (std::sscanf(line.c_str(), "#EXT-X-MAP:URI=\"%63[^\"]\",BYTERANGE=\"%lld@0\"", name, &size) == 2) {
      read.next_byte = size;
    } else if (std::sscanf(line.c_str(), "#EXTINF:%lf,", &number) == 1) {
      EXPECT_LE(std::lround(number), read.target);
      read.durations.push_back(number);
    } else if (std::sscanf(line.c_str(), "#EXT-X-BYTERANGE:%lld@%lld", &size, &at) == 2) {
      EXPECT_EQ(at, read.next_byte);
      read.next_byte = at + size;
    } else if (line == "#EXT-X-ENDLIST") {
      ended = true;
    } else if (line[0] != '#') {
      EXPECT_EQ(line, name[0] == '\0' ? line : name);
      EXPECT_TRUE(std::filesystem::exists(path.parent_path() / line)) << line;
    } else {
      EXPECT_TRUE(line == "#EXT-X-PLAYLIST-TYPE:VOD" || line == "#EXT-X-INDEPENDENT-SEGMENTS") << line;
    }
  }
  EXPECT_TRUE(ended);
  return read;
}

TEST_F(Formats, MakeEveryOneAsOtherToolsReadThem) {
  const Finished finished = render("srt,poster,thumbnails,sprite,mp3,ladder,hls,webm");
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json told = manifest();
  EXPECT_EQ(told["warnings"], nlohmann::json::array());
  std::map<std::string, std::string> types;
  for (const auto& file : told["files"]) types[file["name"]] = file["content_type"];
  const std::map<std::string, std::string> wanted{{"captions.srt", "application/x-subrip"},
                                                  {"poster.jpg", "image/jpeg"},
                                                  {"thumbnails/scene-02.jpg", "image/jpeg"},
                                                  {"preview.jpg", "image/jpeg"},
                                                  {"preview.vtt", "text/vtt"},
                                                  {"narration.mp3", "audio/mpeg"},
                                                  {"video-480p.mp4", "video/mp4"},
                                                  {"video.webm", "video/webm"},
                                                  {"hls/master.m3u8", "application/vnd.apple.mpegurl"},
                                                  {"hls/sound.m4a", "audio/mp4"}};
  for (const auto& [name, type] : wanted) EXPECT_EQ(types[name], type) << name;
  const double seconds = seconds_of(probe("video.mp4"));
  for (const char* file : {"video-480p.mp4", "video.webm", "narration.mp3", "hls/720p.mp4"}) {
    EXPECT_NEAR(seconds_of(probe(file)), seconds, 0.1) << file;
    expect_plays(file);
  }
  EXPECT_EQ(probe("video-480p.mp4")["streams"][0]["width"], 854);
  EXPECT_EQ(probe("video-480p.mp4")["streams"][0]["nb_frames"], probe("video.mp4")["streams"][0]["nb_frames"]);
  EXPECT_EQ(probe("video.webm")["streams"][0]["codec_name"], "vp9");
  EXPECT_EQ(probe("video.webm")["streams"][1]["codec_name"], "opus");
  EXPECT_EQ(probe("poster.jpg")["streams"][0]["width"], 1280);
  EXPECT_EQ(probe("thumbnails/scene-01.jpg")["streams"][0]["height"], 360);
  EXPECT_EQ(probe("captions.srt")["streams"][0]["codec_name"], "subrip");
}

TEST_F(Formats, StreamHasTheSameCutsInEverySize) {
  const Finished finished = render("hls");
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const ReadPlaylist large = read_media_playlist(out() / "hls/720p.m3u8");
  const ReadPlaylist small = read_media_playlist(out() / "hls/480p.m3u8");
  const ReadPlaylist sound = read_media_playlist(out() / "hls/sound.m3u8");
  EXPECT_EQ(large.durations, small.durations);
  EXPECT_EQ(large.durations.size(), sound.durations.size());
  EXPECT_EQ(large.target, small.target);
  EXPECT_EQ(large.next_byte, static_cast<std::int64_t>(std::filesystem::file_size(out() / "hls/720p.mp4")));
  read_media_playlist(out() / "hls/captions.m3u8");
  for (const char* file : {"hls/master.m3u8", "hls/720p.m3u8", "hls/480p.m3u8", "hls/sound.m3u8"}) expect_plays(file);
  EXPECT_FALSE(std::filesystem::exists(out() / "video-480p.mp4"));
}

TEST_F(Formats, EverySizeCanBeStartedWhereverTheVideoCan) {
  ASSERT_EQ(render("ladder").exit_code, 0);
  const std::vector<std::string> starts = starting_times("video.mp4");
  EXPECT_GT(starts.size(), 3U);
  const std::vector<std::string> smaller = starting_times("video-480p.mp4");
  for (const std::string& time : starts) {
    EXPECT_NE(std::find(smaller.begin(), smaller.end(), time), smaller.end()) << time;
  }
}

TEST_F(Formats, GiveTheSameBytesTwice) {
  const auto files_of = [this] {
    EXPECT_EQ(render("sprite,mp3,ladder,hls,webm").exit_code, 0);
    return manifest()["files"];
  };
  const nlohmann::json first = files_of();
  EXPECT_EQ(first, files_of());
}

}  // namespace
}  // namespace vivid::render::testing_support
