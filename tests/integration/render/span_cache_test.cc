// What the span cache and spans side by side change about a video, seen by other programs: nothing but the time it
// takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/integration/render/lesson.h"
#include "tests/support/render/child.h"
#include "tests/support/render/synthetic.h"
#if VIVID_HAS_OPENH264
#include "tests/support/render/h264_stream.h"
#endif

namespace vivid::render::testing_support {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// What the cache leaves to others, and some more.
constexpr std::uintmax_t kFreeBytes = std::uintmax_t{3} << 30;

// Scenes that are slides of their own; the last one is what a test changes.
std::string lesson(const std::string& last = "Una pelota rueda.") {
  json sections = json::array();
  for (const std::string& text : {std::string("La fuerza cambia el movimiento."),
                                  std::string("Un balón se queda quieto."), std::string("El suelo empuja."), last}) {
    sections.push_back(
        {{"title", "Parte " + std::to_string(sections.size())}, {"content", text}, {"duration_seconds", 6}});
  }
  return json{{"title", "Fuerzas"}, {"language", "es"}, {"hook", "Hola a todos."}, {"sections", sections}}.dump();
}

class Spans : public testing::Test {
 protected:
  void SetUp() override {
    if (fs::space(folder_.path()).available < kFreeBytes) GTEST_SKIP() << "the disk is too full to keep anything";
  }

  std::vector<std::string> command(const std::string& text, const std::string& to,
                                   const std::vector<std::string>& more) const {
    std::ofstream(folder_ / (to + ".json")) << text;
    std::vector<std::string> words{std::string(VIVID_BINARY_DIR) + "/bin/vivid-render",
                                   folder_ / (to + ".json"),
                                   "-o",
                                   folder_ / to,
                                   "--hardware",
                                   "never"};
    words.insert(words.end(), more.begin(), more.end());
    for (const auto& [option, value] :
         {std::pair{"--size", "1280x720"}, {"--fps", "10"}, {"--keyframe-seconds", "2"}, {"--preset", "ultrafast"}}) {
      if (std::find(more.begin(), more.end(), option) == more.end()) words.insert(words.end(), {option, value});
    }
    return words;
  }
  std::vector<std::string> cached(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--cache", cache().string()});
    return more;
  }

  // What the program said.
  std::string render(const std::string& text, const std::string& to, const std::vector<std::string>& more) const {
    const Finished finished = Child(command(text, to, more), folder_.path()).wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return finished.err;
  }

  std::string output(std::vector<std::string> arguments) const {
    const Finished finished = Child(std::move(arguments), folder_.path()).wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    return finished.out;
  }

  json manifest(const std::string& of) const { return json::parse(slurp(folder_ / of / "manifest.json")); }
  // What came of the cache in one stage; null: it was not used.
  json reuse(const std::string& of, const std::string& stage = "video_generation") const {
    const json said = manifest(of);
    for (const json& entry : said["stages"]) {
      if (entry["stage"] == stage) return entry.value("reuse", json());
    }
    return nullptr;
  }
  std::string path(const std::string& of) const { return folder_ / of / "video.mp4"; }
  std::string video(const std::string& of) const { return slurp(path(of)); }

  // A checksum for each frame from `seconds` on, by FFmpeg, which has nothing to complain of.
  std::vector<std::uint32_t> frames(const std::string& of, const std::string& seconds = "0") const {
    std::istringstream lines(output({"ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-ss", seconds, "-i",
                                     path(of), "-map", "0:v", "-f", "framecrc", "-"}));
    std::vector<std::uint32_t> sums;
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("0,", 0) != 0) continue;
      sums.push_back(static_cast<std::uint32_t>(std::stoul(line.substr(line.rfind("0x")), nullptr, 16)));
    }
    return sums;
  }

  fs::path cache() const { return folder_ / "cache"; }
  std::vector<fs::path> entries() const {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::recursive_directory_iterator file(cache(), error), end; !error && file != end; file.increment(error)) {
      if (file->path().filename().string().size() == 64) found.push_back(file->path());
    }
    return found;
  }
  bool nothing_is_half_written() const { return fs::is_empty(cache() / ".new"); }

  synthetic::Folder folder_;
};

TEST_F(Spans, MakeTheSameFileColdWarmAndSideBySide) {
  render(lesson(), "plain", {});
  EXPECT_TRUE(reuse("plain").is_null());
  for (const char* many : {"1", "3"}) {
    render(lesson(), "beside", {"--parallel-spans", many});
    EXPECT_TRUE(video("beside") == video("plain")) << many;
  }
  render(lesson(), "cold", cached({"--parallel-spans", "3"}));
  EXPECT_TRUE(video("cold") == video("plain"));
  EXPECT_EQ(reuse("cold")["hits"], 0);
  const int spans = reuse("cold")["misses"].get<int>();
  EXPECT_GE(spans, 5);
  render(lesson(), "warm", cached({"--parallel-spans", "1"}));
  EXPECT_TRUE(video("warm") == video("plain"));
  EXPECT_EQ(reuse("warm")["hits"], spans);
  EXPECT_EQ(reuse("warm")["misses"], 0);
  EXPECT_EQ(reuse("warm", "audio_synthesis")["hits"], 1);
  EXPECT_TRUE(nothing_is_half_written());
}

TEST_F(Spans, CostOnlyWhatAnEditChanges) {
  render(lesson(), "before", cached());
  const int spans = reuse("before")["misses"].get<int>();
  render(lesson("Una pelota gira."), "after", cached());
  render(lesson("Una pelota gira."), "plain", {});
  EXPECT_TRUE(video("after") == video("plain"));
  EXPECT_FALSE(video("after") == video("before"));
  // The scene itself, and at most a neighbour on each side.
  EXPECT_LE(reuse("after")["misses"].get<int>(), 3);
  EXPECT_GE(reuse("after")["misses"].get<int>(), 1);
  EXPECT_GE(reuse("after")["hits"].get<int>(), spans - 3);
}

TEST_F(Spans, OfOtherSettingsAreNotTaken) {
  render(lesson(), "first", cached());
  render(lesson(), "second", cached({"--crf", "30"}));
  EXPECT_EQ(reuse("second")["hits"], 0);
  render(lesson(), "plain", {"--crf", "30"});
  EXPECT_TRUE(video("second") == video("plain"));
}

TEST_F(Spans, ThatAreDamagedAreFoundCountedAndMadeAgain) {
  render(lesson(), "first", cached());
  const std::vector<fs::path> files = entries();
  ASSERT_FALSE(files.empty());
  for (const fs::path& path : files) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(fs::file_size(path) / 2);
    file.seekg(middle);
    const char flipped = static_cast<char>(file.get() ^ 4);
    file.seekp(middle);
    file.put(flipped);
  }
  render(lesson(), "second", cached());
  EXPECT_TRUE(video("second") == video("first"));
  EXPECT_EQ(reuse("second")["corrupt"], reuse("first")["misses"]);
  EXPECT_EQ(reuse("second", "audio_synthesis")["corrupt"], 1);
  render(lesson(), "third", cached());
  EXPECT_TRUE(video("third") == video("first"));
  EXPECT_EQ(reuse("third")["corrupt"], 0);
  EXPECT_EQ(reuse("third")["misses"], 0);
}

TEST_F(Spans, AreCutShortOnTheDiskAndMadeAgain) {
  render(lesson(), "first", cached());
  for (const fs::path& path : entries()) fs::resize_file(path, fs::file_size(path) - 1);
  render(lesson(), "second", cached());
  EXPECT_TRUE(video("second") == video("first"));
  EXPECT_EQ(reuse("second")["corrupt"], reuse("first")["misses"]);
}

TEST_F(Spans, AreMadeWhereNoneCanBeKept) {
  render(lesson(), "plain", {});
  std::ofstream(folder_ / "file") << "no folder";
  const std::string said = render(lesson(), "nowhere", {"--cache", folder_ / "file"});
  EXPECT_NE(said.find("warning: nothing is kept for the next time: "), std::string::npos) << said;
  EXPECT_NE(manifest("nowhere")["warnings"].dump().find("nothing is kept"), std::string::npos);
  EXPECT_TRUE(video("nowhere") == video("plain"));

  // The folder is there, but what stands in it keeps entries from being put in place.
  fs::create_directories(cache() / ".total");
  const std::string refused = render(lesson(), "refused", cached());
  EXPECT_NE(refused.find("warning: "), std::string::npos) << refused;
  EXPECT_NE(refused.find("could not be kept for the next time: "), std::string::npos) << refused;
  EXPECT_GE(reuse("refused")["refused"].get<int>(), 5);
  EXPECT_EQ(reuse("refused")["refused"], reuse("refused")["misses"]);
  EXPECT_TRUE(video("refused") == video("plain"));
  EXPECT_TRUE(nothing_is_half_written());
}

TEST_F(Spans, KeepWithinTheBytesTheyMayTake) {
  constexpr std::uintmax_t kBytes = 400'000;
  render(lesson(), "plain", {});
  for (const char* to : {"first", "second"}) {
    render(lesson(), to, cached({"--cache-bytes", std::to_string(kBytes)}));
    EXPECT_TRUE(video(to) == video("plain"));
    std::uintmax_t sum = 0;
    for (const fs::path& path : entries()) sum += fs::file_size(path);
    EXPECT_LE(sum, kBytes);
    EXPECT_GT(sum, 0U);
  }
  EXPECT_GT(reuse("first")["evicted"].get<int>(), 0);
}

TEST_F(Spans, AreSharedByProcessesThatRunAtOnce) {
  render(lesson(), "plain", {});
  const std::vector<std::string> names{"one", "two"};
  std::map<std::string, std::unique_ptr<Child>> running;
  for (const std::string& name : names) {
    fs::create_directory(folder_ / ("scratch-" + name));
    running[name] = std::make_unique<Child>(command(lesson(), name, cached()), folder_ / ("scratch-" + name));
  }
  for (const std::string& name : names) {
    const Finished finished = running[name]->wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_TRUE(video(name) == video("plain")) << name;
    EXPECT_EQ(reuse(name)["corrupt"], 0);
  }
  render(lesson(), "after", cached());
  EXPECT_EQ(reuse("after")["misses"], 0);
  EXPECT_TRUE(nothing_is_half_written());
}

TEST_F(Spans, SurviveAnEndInTheMiddle) {
  render(lesson(), "plain", {});
  for (const int number : {SIGKILL, SIGTERM}) {
    fs::remove_all(cache());
    Child child(command(lesson(), "ended", cached()), folder_.path());
    // Sound is kept first, then spans. It may be over by the time the signal comes: that must do no harm either.
    for (int tries = 0; entries().size() < 2 && tries < 6'000; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    child.signal(number);
    child.wait();
    EXPECT_TRUE(number == SIGKILL || nothing_is_half_written());
    render(lesson(), "after", cached());
    EXPECT_TRUE(video("after") == video("plain")) << number;
    EXPECT_EQ(reuse("after")["corrupt"], 0);
    EXPECT_GE(reuse("after")["hits"].get<int>(), 1);
  }
}

TEST_F(Spans, StopWhenTheyAreToldTo) {
  // Every frame of it changes, and each is large.
  const std::vector<std::string> large{"--size",           "3840x2160", "--fps",           "60",
                                       "--preset",         "veryslow",  "--progress-line", "--progress",
                                       "--parallel-spans", "3"};
  Child child(command(kLongLesson, "long", cached(large)), folder_.path());
  while (slurp(folder_ / "stderr").find("video_generation: ") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  child.signal(SIGTERM);
  const Finished finished = child.wait();
  EXPECT_EQ(finished.exit_code, 130) << finished.err;
  EXPECT_FALSE(fs::exists(folder_ / "long"));
  EXPECT_TRUE(nothing_is_half_written());
}

TEST_F(Spans, ShowTheSameFramesFromAnyPlace) {
  // With B pictures, and out of spans of two origins.
  render(lesson("Una pelota gira."), "before", cached({"--preset", "medium"}));
  render(lesson(), "mixed", cached({"--preset", "medium"}));
  ASSERT_GE(reuse("mixed")["hits"].get<int>(), 1);
  ASSERT_GE(reuse("mixed")["misses"].get<int>(), 1);
  const std::vector<std::uint32_t> all = frames("mixed");
  ASSERT_EQ(all.size(), manifest("mixed")["video"]["frames"].get<std::size_t>());
  for (std::size_t first = 3; first < all.size(); first += 13) {
    const std::string seconds = std::to_string(first / 10) + "." + std::to_string(first % 10);
    const std::vector<std::uint32_t> wanted(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
    EXPECT_EQ(frames("mixed", seconds), wanted) << seconds;
  }
}

#if VIVID_HAS_OPENH264

TEST_F(Spans, LookTheSameToASecondDecoder) {
  render(lesson("Una pelota gira."), "before", cached());
  render(lesson(), "mixed", cached());
  output({"ffmpeg", "-v", "error", "-i", path("mixed"), "-map", "0:v", "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f",
          "h264", folder_ / "video.h264"});
  const SecondOpinion opinion = decode_with_openh264(slurp(folder_ / "video.h264"));
  EXPECT_EQ(opinion.complaints, 0);
  EXPECT_EQ(opinion.frames, frames("mixed"));
}

#endif

}  // namespace
}  // namespace vivid::render::testing_support
