// The video as WebM: VP9 and Opus, for browsers without H.264.
//
// WebM has no constant frame rate to keep: only frames that change are encoded, and one a second where none does, so
// that a player never waits long for the next.
//
// Threads: as FrameViewer; the encoder starts its own. Memory: the pictures the encoder looks ahead at.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "render/formats/coded_sound.h"
#include "render/formats/frame_viewer.h"
#include "render/formats/picture_scaler.h"

namespace vivid::render {

inline constexpr const char* kVideoWebm = "video.webm";

struct WebmOptions {
  std::filesystem::path directory;
  std::string title;
  std::string language;  // of the sound, BCP 47
  PictureSize size;
  int frames_per_second = 30;
  std::int64_t frames = 0;
  int keyframe_seconds = 5;  // at most so far apart are places to start where pictures change
  int threads = 2;           // the bytes depend on it
};

class WebmFilm : public FrameViewer {
 public:
  // `sound` is Opus. Errors: unsupported when FFmpeg was built without libvpx.
  static Result<std::unique_ptr<WebmFilm>> open(const WebmOptions& options, std::unique_ptr<CodedSound> sound);
  ~WebmFilm() override;

  std::optional<std::int64_t> next(std::int64_t index) const override { return index; }
  Status show(std::int64_t index, const ComposedFrame& frame) override;
  Status finish() override;
  std::vector<std::string> products() const override { return {kVideoWebm}; }

 private:
  struct State;
  explicit WebmFilm(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
