#include "command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace vivid::bench {
namespace {

constexpr const char* kAbout =
    "Times vivid-render beside libx264 fed the finished frames of the same video, and beside ffmpeg and melt making\n"
    "the same video out of finished pictures. benchmarks/README.md says what the columns mean. All of it takes more\n"
    "than an hour and 6 GB below the build folder.";

// Of 16 by 9 pixels each, in the sizes that vivid-render knows.
struct Size {
  int width_px;
  int height_px;
};
const std::map<std::string, Size> kSizes{
    {"1280x720", {1280, 720}}, {"1920x1080", {1920, 1080}}, {"3840x2160", {3840, 2160}}};

void add_options(CLI::App& app, CommandLine& line, std::string& size) {
  Settings& settings = line.settings;
  app.add_option("--timelines", settings.timelines, "Which of them, with commas between")
      ->delimiter(',')
      ->check(CLI::IsMember({"slides60", "lesson600", "kenburns60"}))
      ->capture_default_str();
  app.add_option("--peers", settings.peers, "Whom to measure besides libx264")
      ->delimiter(',')
      ->check(CLI::IsMember({"ffmpeg", "melt", "none"}))
      ->capture_default_str();
  app.add_option("--preset", settings.preset, "libx264's")->capture_default_str();
  app.add_option("--crf", settings.crf, "libx264's")->check(CLI::Range(0, 51))->capture_default_str();
  app.add_option("--threads", settings.threads, "Of every encoder")->check(CLI::Range(1, 64))->capture_default_str();
  app.add_option("--size", size, "Of the picture: 1280x720, 1920x1080, 3840x2160")
      ->check(CLI::IsMember({"1280x720", "1920x1080", "3840x2160"}))
      ->capture_default_str();
  app.add_option("--seconds", settings.seconds, "At most so much of each timeline, in whole scenes; 0: all of it")
      ->check(CLI::Range(0, 600))
      ->capture_default_str();
  app.add_option("--runs", settings.runs, "Of everybody, in turn")->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--quality", settings.quality, "Whether PSNR and SSIM are wanted: true, false")->capture_default_str();
  app.add_flag("--keep", line.keep, "Leave what was made in render_bench below the build folder");
  app.add_option("--do", line.task)->check(CLI::IsMember({"picture", "compose", "play", "encode"}))->group("");
  app.add_option("--in", line.in)->group("");
  app.add_option("--out", line.out)->group("");
  app.add_option("--number", line.number)->group("");
}

}  // namespace

CommandLine read_command_line(int count, const char* const* arguments) {
  CommandLine line;
  std::string size = line.settings.size();
  CLI::App app(kAbout, "render_bench");
  try {
    add_options(app, line, size);
    app.parse(count, arguments);
  } catch (const CLI::Error& error) {
    std::exit(app.exit(error));
  }
  line.settings.width_px = kSizes.at(size).width_px;
  line.settings.height_px = kSizes.at(size).height_px;
  return line;
}

}  // namespace vivid::bench
