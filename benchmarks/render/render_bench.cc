// How long a video takes: vivid-render beside libx264 fed the finished frames of the same video, and beside ffmpeg and
// melt making the same video out of finished pictures; in the same run, at the same preset and CRF. README.md says what
// the columns mean.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "base/files.h"
#include "command_line.h"
#include "idleness.h"
#include "landscape.h"
#include "measure.h"
#include "prepare.h"
#include "report.h"

namespace {

using namespace vivid::bench;
namespace fs = std::filesystem;

bool contains(const std::vector<std::string>& all, const std::string& name) {
  return std::find(all.begin(), all.end(), name) != all.end();
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
  if (!settings.quality) std::printf("Not measured: PSNR and SSIM (--quality false).\n");
  std::printf("Not measured in any run: encoders of a GPU, how smoothly pictures move.\n");
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

// The cache is filled anew each time, so that every run finds what the first one would.
Cost run_again(const Rerender& again) {
  std::error_code ignored;
  fs::remove_all(again.cache, ignored);
  run(again.fill);
  return run(again.edited.encode);
}

void measure(const Settings& settings, const Timeline& timeline, const fs::path& self) {
  const std::vector<Contender> contenders = contenders_of(settings, timeline, self);
  std::vector<Row> rows(contenders.size());
  std::vector<OwnAccount> accounts;
  const Rerender again = rerender(settings, timeline, fs::path(VIVID_BINARY_DIR) / "bin/vivid-render");
  Row video{"vivid-render, video", {}, {}, {}};
  Row edited{again.edited.name, {}, {}, {}};
  double busy = 0.0;
  for (int round = 0; round < settings.runs; ++round) {
    busy = std::max(busy, busy_share());
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      rows[i].costs.push_back(run(contenders[i].encode));
      std::fprintf(stderr, "%s, run %d: %s %.2f s\n", timeline.name.c_str(), round + 1, contenders[i].name.c_str(),
                   rows[i].costs.back().wall_seconds);
    }
    accounts.push_back(own_account(contenders[1], rows[1].costs.back()));
    video.costs.push_back(accounts.back().video);
    edited.costs.push_back(run_again(again));
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
  edited.facts = facts_of(again.edited);
  rows.insert(rows.begin() + 3, edited);
  print_table(settings, timeline, rows);
  if (busy > kMostBusy) {
    std::printf("THESE ARE NO FIGURES: others kept %.0f %% of the processors busy before one of the runs.\n",
                100 * busy);
  }
  print_steps(accounts);
}

// What is made lies below the build folder, and goes with the program however it ends; what an earlier run could not
// take away goes first.
class Folder {
 public:
  explicit Folder(bool keep) : path_(fs::path(VIVID_BINARY_DIR) / "render_bench"), keep_(keep) { remove(); }
  ~Folder() {
    if (!keep_) remove();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path make(const std::string& name) const {
    need(vivid::make_directories(path_ / name));
    return path_ / name;
  }
  // The timeline after this one needs the room.
  void clear(const std::string& name) const {
    std::error_code ignored;
    if (keep_)
      fs::remove(path_ / name / "frames.yuv", ignored);
    else
      fs::remove_all(path_ / name, ignored);
  }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  fs::path path_;
  bool keep_;
};

}  // namespace

int main(int argc, char** argv) {
  const CommandLine line = read_command_line(argc, argv);
  if (do_task(line)) return 0;
  const fs::path self = fs::read_symlink("/proc/self/exe");
  std::printf("Median of %d runs on %ld processors. 'times': how many times as fast as the bare encoder.\n",
              line.settings.runs, ::sysconf(_SC_NPROCESSORS_ONLN));
  say_what_is_not_measured(line.settings);
  std::fflush(stdout);
  static const Folder folder(line.keep);  // static: also gone when something fails
  for (const std::string& name : line.settings.timelines) {
    measure(line.settings, prepare(line.settings, name, folder.make(name), self), self);
    folder.clear(name);
  }
  return 0;
}
