// How long a video takes: vivid-render beside libx264 fed the finished frames of the same video, and beside ffmpeg and
// melt making the same video out of finished pictures; in the same run, at the same preset and CRF. README.md says what
// the columns mean.
//
//   render_bench [--timelines slides60,lesson600,kenburns60] [--peers ffmpeg,melt|none] [--preset NAME] [--crf N]
//                [--threads N] [--size 1280x720|1920x1080|3840x2160] [--seconds N] [--runs N] [--quality yes|no]
//
// It needs 6 GB below the build folder, and for all of it more than an hour.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "landscape.h"
#include "measure.h"
#include "prepare.h"
#include "report.h"

namespace {

using namespace vivid::bench;
namespace fs = std::filesystem;

constexpr double kIdleLoad = 0.5;

struct CommandLine {
  Settings settings;
  // What this program does for itself, in a process of its own so that nobody's memory is counted as another's.
  std::string task;
  fs::path in;
  fs::path out;
  std::uint32_t number = 0;
};

std::vector<std::string> names(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (part != "none") all.push_back(part);
  }
  return all;
}

bool contains(const std::vector<std::string>& all, const std::string& name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

void read_size(const std::string& text, Settings& settings) {
  if (!contains({"1280x720", "1920x1080", "3840x2160"}, text)) give_up("--size is " + text);
  settings.width_px = std::stoi(text);
  settings.height_px = std::stoi(text.substr(text.find('x') + 1));
}

CommandLine read_command_line(int argc, char** argv) {
  CommandLine line;
  Settings& settings = line.settings;
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (i + 1 == argc) give_up(option + " has no value");
    const std::string value = argv[i + 1];
    if (option == "--timelines")
      settings.timelines = names(value);
    else if (option == "--peers")
      settings.peers = names(value);
    else if (option == "--preset")
      settings.preset = value;
    else if (option == "--crf")
      settings.crf = std::stoi(value);
    else if (option == "--threads")
      settings.threads = std::stoi(value);
    else if (option == "--size")
      read_size(value, settings);
    else if (option == "--seconds")
      settings.seconds = std::stod(value);
    else if (option == "--runs")
      settings.runs = std::stoi(value);
    else if (option == "--quality")
      settings.quality = value == "yes";
    else if (option == "--do")
      line.task = value;
    else if (option == "--in")
      line.in = value;
    else if (option == "--out")
      line.out = value;
    else if (option == "--number")
      line.number = static_cast<std::uint32_t>(std::stoul(value));
    else
      give_up("no such option: " + option);
  }
  return line;
}

// True: it was one of them.
bool do_task(const CommandLine& line) {
  if (line.task == "picture") write_landscape(line.number, line.out);
  if (line.task == "compose") compose_reference(line.settings, line.in / "storyboard.json", line.in, line.in);
  if (line.task == "play") play_reference(line.settings, line.in);
  if (line.task == "encode") encode_reference(line.settings, line.in, line.out);
  return !line.task.empty();
}

void say_what_is_not_measured(const Settings& settings) {
  for (const char* peer : {"ffmpeg", "melt"}) {
    if (!contains(settings.peers, peer)) std::printf("Not measured: %s (not asked for).\n", peer);
  }
  if (contains(settings.peers, "melt") && !is_installed("melt")) {
    std::printf("Not measured: melt (not installed; apt-get install melt).\n");
  }
  if (!settings.quality) std::printf("Not measured: PSNR and SSIM (--quality no).\n");
  std::printf(
      "Not measured in any run: rendering again from a warm cache, encoders of a GPU, how smoothly pictures move, and\n"
      "rastering, converting, blending and splicing apart from one another: vivid-render times them as 'compose'\n"
      "(the first three) and 'encode' (splicing, 'mux' and 'sound' lie within it).\n");
}

std::vector<Contender> contenders_of(const Settings& settings, const Timeline& timeline, const fs::path& self) {
  std::vector<Contender> all{bare_encoder(settings, timeline, self)};
  all.push_back(vivid_render(settings, timeline, self, fs::path(VIVID_BINARY_DIR) / "bin/vivid-render"));
  const bool with_melt = contains(settings.peers, "melt") && is_installed("melt");
  const bool with_ffmpeg = contains(settings.peers, "ffmpeg");
  if (with_ffmpeg || with_melt) write_stills(settings, timeline);
  if (with_ffmpeg) {
    for (Contender& graph : ffmpeg_graphs(settings, timeline)) all.push_back(std::move(graph));
  }
  if (with_melt) all.push_back(melt(settings, timeline));
  return all;
}

void measure(const Settings& settings, const Timeline& timeline, const fs::path& self) {
  const std::vector<Contender> contenders = contenders_of(settings, timeline, self);
  std::vector<Row> rows(contenders.size());
  std::vector<OwnAccount> accounts;
  Row video{"vivid-render, video", {}, {}, {}};
  for (int round = 0; round < settings.runs; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      rows[i].costs.push_back(run(contenders[i].encode));
      std::fprintf(stderr, "%s, run %d: %s %.2f s\n", timeline.name.c_str(), round + 1, contenders[i].name.c_str(),
                   rows[i].costs.back().wall_seconds);
    }
    accounts.push_back(own_account(contenders[1], rows[1].costs.back()));
    video.costs.push_back(accounts.back().video);
  }
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    rows[i].name = contenders[i].name;
    rows[i].facts = facts_of(contenders[i]);
    if (settings.quality) rows[i].quality = quality_of(settings, timeline, contenders[i]);
  }
  video.facts = rows[1].facts;
  video.quality = rows[1].quality;
  rows[1].name += ", whole run";
  rows.insert(rows.begin() + 1, video);
  print_table(settings, timeline, rows);
  print_steps(accounts);
}

class Folder {
 public:
  Folder() {
    std::string name = std::string(VIVID_BINARY_DIR) + "/render-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) give_up("cannot make " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

int main(int argc, char** argv) {
  const CommandLine line = read_command_line(argc, argv);
  if (do_task(line)) return 0;
  const fs::path self = fs::read_symlink("/proc/self/exe");
  double load = 0.0;
  if (::getloadavg(&load, 1) == 1 && load > kIdleLoad) {
    std::printf("This machine is busy (load %.2f): what follows are no figures.\n", load);
  }
  std::printf("Median of %d runs on %ld processors. 'times': how many times as fast as the bare encoder.\n",
              line.settings.runs, ::sysconf(_SC_NPROCESSORS_ONLN));
  say_what_is_not_measured(line.settings);
  for (const std::string& name : line.settings.timelines) {
    const Folder folder;
    measure(line.settings, prepare(line.settings, name, folder.path(), self), self);
  }
  return 0;
}
