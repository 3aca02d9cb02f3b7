#include "render/vivid_render/progress_view.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/units.h"

namespace vivid::render {
namespace {

constexpr int kBarCells = 28;
constexpr std::chrono::milliseconds kBarInterval{100};
constexpr std::chrono::milliseconds kLineInterval{2'000};

std::string frames_text(const Progress& progress) {
  if (progress.frames_total == 0) return {};
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "  frame %lld/%lld  %.0f fps", static_cast<long long>(progress.frames_done),
                static_cast<long long>(progress.frames_total), progress.frames_per_second);
  std::string line = text.data();
  if (progress.frames_per_second > 0) {
    const auto left = static_cast<double>(progress.frames_total - progress.frames_done) / progress.frames_per_second;
    line += "  " + format_duration(std::chrono::seconds(std::lround(left))) + " left";
  }
  return line;
}

std::string bar(double fraction) {
  const int full = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * kBarCells);
  std::string cells;
  for (int i = 0; i < kBarCells; ++i) cells += i < full ? "█" : "░";
  return cells;
}

}  // namespace

void ProgressView::begin_stage(const std::string& stage) {
  end_stage();
  stage_ = stage;
  began_ = clock_.steady_now();
  drawn_.reset();
}

void ProgressView::show(const Progress& progress) {
  if (style_ == ProgressStyle::none) return;
  const SteadyTime now = clock_.steady_now();
  const auto interval = style_ == ProgressStyle::bar ? kBarInterval : kLineInterval;
  const SteadyTime last = drawn_.value_or(style_ == ProgressStyle::bar ? now - interval : began_);
  if (now - last < interval) return;
  drawn_ = now;
  draw(progress);
}

void ProgressView::draw(const Progress& progress) {
  const int percent = static_cast<int>(std::clamp(progress.fraction, 0.0, 1.0) * 100);
  const std::string frames = frames_text(progress);
  if (style_ == ProgressStyle::bar) {
    std::fprintf(stream_, "\r\033[K%-17s %s %3d%%%s", stage_.c_str(), bar(progress.fraction).c_str(), percent,
                 frames.c_str());
    std::fflush(stream_);
  } else {
    std::fprintf(stream_, "%s: %d%%%s\n", stage_.c_str(), percent, frames.c_str());
  }
}

void ProgressView::clear_line() {
  if (style_ != ProgressStyle::bar || stage_.empty()) return;
  std::fputs("\r\033[K", stream_);
  std::fflush(stream_);
}

void ProgressView::end_stage() {
  if (stage_.empty() || style_ == ProgressStyle::none) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - began_);
  clear_line();
  std::fprintf(stream_, style_ == ProgressStyle::bar ? "%-17s %s\n" : "%s: ended after %s\n", stage_.c_str(),
               format_duration(took).c_str());
  std::fflush(stream_);
  stage_.clear();
}

}  // namespace vivid::render
