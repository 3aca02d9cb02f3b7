// What is seen where, for a player's seek bar: one JPEG of small pictures at even distances, and a WebVTT track whose
// cues name the part of it that goes with their time (Media Fragments, #xywh).
//
// Threads, errors: as FrameViewer. Memory: the sheet, at most about 6 MB.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "render/formats/frame_viewer.h"
#include "render/formats/picture_scaler.h"

namespace vivid::render {

inline constexpr const char* kPreviewJpg = "preview.jpg";
inline constexpr const char* kPreviewVtt = "preview.vtt";

// How frames are spread over the sheet.
struct PreviewPlan {
  std::int64_t frames = 0;    // of the video
  std::int64_t interval = 1;  // frames that one picture stands for
  int frames_per_second = 1;
  int columns = 1;
  int rows = 1;
  PictureSize tile;

  int count() const { return static_cast<int>((frames + interval - 1) / interval); }
  // The frame that is shown: the one in the middle of those it stands for.
  std::int64_t frame_of(int number) const;
  int column_of(int number) const { return number % columns; }
  int row_of(int number) const { return number / columns; }
};
// `frames` is at least 1.
PreviewPlan plan_preview(std::int64_t frames, int frames_per_second, const PictureSize& video);
std::string preview_vtt(const PreviewPlan& plan, const std::string& picture);

class PreviewSheet : public FrameViewer {
 public:
  static Result<std::unique_ptr<PreviewSheet>> create(const std::filesystem::path& directory, const PreviewPlan& plan,
                                                      const PictureSize& video);

  std::optional<std::int64_t> next(std::int64_t index) const override;
  Status show(std::int64_t index, const ComposedFrame& frame) override;
  Status finish() override;
  std::vector<std::string> products() const override { return {kPreviewJpg, kPreviewVtt}; }

 private:
  PreviewSheet(std::filesystem::path directory, const PreviewPlan& plan, std::unique_ptr<PictureScaler> scaler);
  YuvView sheet() const;

  std::filesystem::path directory_;
  PreviewPlan plan_;
  std::unique_ptr<PictureScaler> scaler_;
  PictureSize size_;
  std::vector<std::uint8_t> planes_[3];
  int done_ = 0;
};

}  // namespace vivid::render
