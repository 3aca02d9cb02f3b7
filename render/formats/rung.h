// The video at a smaller size: frames as they were composed, scaled, with the sound, captions and chapters of the video
// itself. Frames that are held or mixed cost as little here as there, and places to start are at the same frames: where
// the video starts afresh, so does an encoder here. One of a device, whose sessions are few, is not exchanged; it is
// told the same as the video's, which a device made in one go, too.
//
// Threads: as FrameViewer; the encoder starts its own. Memory: as VideoEncoder, and what comes of a span. Errors: those
// of encoding and of files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "render/formats/frame_viewer.h"
#include "render/formats/picture_scaler.h"
#include "render/protocol/options.h"

namespace vivid::render {

struct RungOptions {
  std::filesystem::path video;  // video.mp4, finished
  std::filesystem::path path;   // of the smaller one
  // As the video was made; its encoder and whether frames are held as it turned out, not as it was wished.
  RenderOptions render;
  PictureSize size;
  bool for_readers = true;  // else it is material for another format
};

// The sizes below the video's, the largest first: 1080, 720 and 480 lines.
std::vector<PictureSize> smaller_sizes(const PictureSize& video);
// "720p"
std::string size_name(const PictureSize& size);

class Rung : public FrameViewer {
 public:
  static Result<std::unique_ptr<Rung>> open(const RungOptions& options);
  ~Rung() override;

  std::optional<std::int64_t> next(std::int64_t index) const override { return index; }
  Status show(std::int64_t index, const ComposedFrame& frame) override;
  Status finish() override;
  std::vector<std::string> products() const override;

 private:
  struct State;
  explicit Rung(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
