// Puts picture, sound, captions and chapters into one MP4 with the index in front.
//
// Threads: one writer, one thread. Memory: a constant, and a few bytes a sample for the index; packets are not held
// back. Ownership: takes its own references to packets. The file appears under its name in finish(), whole and synced;
// without finish() nothing is left. Errors: disk_full, io_error; internal when FFmpeg refuses a packet.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/encode/sound_track.h"
#include "render/encode/video_encoder.h"
#include "render/speech/narration.h"

namespace vivid::render {

struct Chapter {
  std::chrono::microseconds start{0};
  std::chrono::microseconds end{0};
  std::string title;
};

struct Mp4Options {
  std::filesystem::path path;
  std::string title;
  std::string language;  // of the sound, BCP 47
  std::vector<Chapter> chapters;
  std::vector<Caption> captions;  // in order; only where there is a picture
  std::string caption_language;   // BCP 47
  bool captions_shown = false;    // by a player on its own; else when the viewer asks for them
  double caption_scale = 1.0;     // of the usual size of their letters
};

class Mp4Writer {
 public:
  // `video` may be null: then the file is sound alone (M4A). Both are asked for their stream's description only.
  static Result<std::unique_ptr<Mp4Writer>> open(const Mp4Options& options, const VideoEncoder* video,
                                                 const SoundTrack& audio);
  ~Mp4Writer();

  // Packets come roughly in the order of their times across both streams: they are written as they come.
  Status write_video(AVPacket& packet);
  Status write_audio(AVPacket& packet);
  Status finish();

 private:
  struct State;
  explicit Mp4Writer(std::unique_ptr<State> state);
  Status write_captions_until(std::chrono::microseconds time);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
