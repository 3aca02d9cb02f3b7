// One track of a media file, packet by packet. For .cc files only: it includes FFmpeg.
//
// Threads: one input, one thread. Memory: a packet and the file's index. Units: packet times are in time_base().
// Errors: not_found when there is no such track; data_corrupt for a file that cannot be read.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "render/encode/av.h"

namespace vivid::render {

struct CloseInput {
  void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
};

class MediaInput {
 public:
  // The file's first track of this type.
  static Result<MediaInput> open(const std::filesystem::path& path, AVMediaType type);

  const AVStream& track() const { return *input_->streams[track_]; }
  AVRational time_base() const { return track().time_base; }
  // Chapters and title of the whole file.
  const AVFormatContext& file() const { return *input_; }
  // False: there is no more.
  Result<bool> read(AVPacket& packet);

 private:
  MediaInput(std::unique_ptr<AVFormatContext, CloseInput> input, int track, std::string name)
      : input_(std::move(input)), track_(track), name_(std::move(name)) {}

  std::unique_ptr<AVFormatContext, CloseInput> input_;
  int track_;
  std::string name_;
};

}  // namespace vivid::render
