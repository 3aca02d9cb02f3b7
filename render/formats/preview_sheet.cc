#include "render/formats/preview_sheet.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/files.h"
#include "render/formats/jpeg.h"

namespace vivid::render {
namespace {

constexpr int kMostTiles = 100;
constexpr int kMostColumns = 10;
constexpr int kSecondsATile = 2;
// A multiple of JPEG's blocks, as 256 pixels of width at 16:9 are: tiles do not run into one another.
constexpr int kTileHeightPx = 144;
constexpr std::uint8_t kBlack = 0;
constexpr std::uint8_t kGray = 128;

std::string timestamp(std::int64_t frame, int frames_per_second) {
  const long long ms = frame * 1'000 / frames_per_second;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld.%03lld", ms / 3'600'000, ms / 60'000 % 60,
                ms / 1'000 % 60, ms % 1'000);
  return text.data();
}

}  // namespace

std::int64_t PreviewPlan::frame_of(int number) const {
  const std::int64_t first = number * interval;
  return (first + std::min(first + interval, frames)) / 2;
}

PreviewPlan plan_preview(std::int64_t frames, int frames_per_second, const PictureSize& video) {
  VIVID_CHECK(frames > 0);
  PreviewPlan plan;
  plan.frames = frames;
  plan.frames_per_second = frames_per_second;
  const std::int64_t shortest = std::int64_t{kSecondsATile} * frames_per_second;
  plan.interval = std::max(shortest, (frames + kMostTiles - 1) / kMostTiles);
  plan.tile = size_of_height(video, kTileHeightPx);
  plan.columns = std::min(kMostColumns, plan.count());
  plan.rows = (plan.count() + plan.columns - 1) / plan.columns;
  return plan;
}

std::string preview_vtt(const PreviewPlan& plan, const std::string& picture) {
  std::string out = "WEBVTT\n";
  for (int i = 0; i < plan.count(); ++i) {
    const std::int64_t first = i * plan.interval;
    const std::int64_t end = std::min(first + plan.interval, plan.frames);
    out += "\n" + timestamp(first, plan.frames_per_second) + " --> " + timestamp(end, plan.frames_per_second) + "\n" +
           picture + "#xywh=" + std::to_string(plan.column_of(i) * plan.tile.width_px) + "," +
           std::to_string(plan.row_of(i) * plan.tile.height_px) + "," + std::to_string(plan.tile.width_px) + "," +
           std::to_string(plan.tile.height_px) + "\n";
  }
  return out;
}

PreviewSheet::PreviewSheet(std::filesystem::path directory, const PreviewPlan& plan,
                           std::unique_ptr<PictureScaler> scaler)
    : directory_(std::move(directory)),
      plan_(plan),
      scaler_(std::move(scaler)),
      size_{plan.columns * plan.tile.width_px, plan.rows * plan.tile.height_px} {
  const auto pixels = static_cast<std::size_t>(size_.width_px) * static_cast<std::size_t>(size_.height_px);
  planes_[0].assign(pixels, kBlack);
  planes_[1].assign(pixels / 4, kGray);
  planes_[2].assign(pixels / 4, kGray);
}

Result<std::unique_ptr<PreviewSheet>> PreviewSheet::create(const std::filesystem::path& directory,
                                                           const PreviewPlan& plan, const PictureSize& video) {
  VIVID_ASSIGN(auto scaler, PictureScaler::create(video, plan.tile, PictureColors::jpeg));
  return std::unique_ptr<PreviewSheet>(new PreviewSheet(directory, plan, std::move(scaler)));
}

std::optional<std::int64_t> PreviewSheet::next(std::int64_t index) const {
  if (done_ >= plan_.count()) return std::nullopt;
  return std::max(index, plan_.frame_of(done_));
}

Status PreviewSheet::show(std::int64_t index, const ComposedFrame& frame) {
  if (done_ >= plan_.count() || index < plan_.frame_of(done_)) return {};
  VIVID_ASSIGN(const YuvView tile, scaler_->scale(frame.picture));
  for (int plane = 0; plane < 3; ++plane) {
    const int shrink = plane == 0 ? 1 : 2;
    const int width = tile.width_px / shrink;
    const int height = tile.height_px / shrink;
    const auto stride = static_cast<std::size_t>(size_.width_px / shrink);
    std::uint8_t* to = planes_[plane].data() + static_cast<std::size_t>(plan_.row_of(done_) * height) * stride +
                       static_cast<std::size_t>(plan_.column_of(done_) * width);
    const std::uint8_t* from = tile.planes[plane];
    for (int y = 0; y < height; ++y) {
      std::memcpy(to, from, static_cast<std::size_t>(width));
      to += stride;
      from += tile.strides_bytes[plane];
    }
  }
  ++done_;
  return {};
}

YuvView PreviewSheet::sheet() const {
  return {{planes_[0].data(), planes_[1].data(), planes_[2].data()},
          {size_.width_px, size_.width_px / 2, size_.width_px / 2},
          size_.width_px,
          size_.height_px};
}

Status PreviewSheet::finish() {
  VIVID_ASSIGN(const std::string jpeg, encode_jpeg(sheet()));
  VIVID_TRY(write_file_durably(directory_ / kPreviewJpg, jpeg));
  return write_file_durably(directory_ / kPreviewVtt, preview_vtt(plan_, kPreviewJpg));
}

}  // namespace vivid::render
