// The finished sound of a lesson in another coding, made from the samples that were mastered, not from another lossy
// file; listened to as it is made and made again, softer or with lower peaks, until it keeps the limits.
//
// Threads: one object, one thread; make() blocks. Memory: all packets, about a megabyte a minute. Units: packet times
// count samples at 48 kHz; where the encoder needs a running start, the first packet begins before 0.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/error.h"
#include "render/encode/packet_sink.h"
#include "render/encode/sound_track.h"
#include "render/sound/saved_master.h"

namespace vivid::render {

struct SoundCoding {
  const char* encoder = "";  // libavcodec's name
  int bitrate_bps = 0;
  // What the encoder is known to change the loudness by.
  double makeup_db = 0.0;
};
inline constexpr SoundCoding kOpus{"libopus", 96'000, 0.0};
// LAME scales what it gets by 0.95.
inline constexpr SoundCoding kMp3{"libmp3lame", 128'000, 0.4455};

class CodedSound final : public SoundTrack {
 public:
  // Errors: unsupported when FFmpeg was built without the encoder; cancelled when keep_going, which is asked
  // every ten seconds of sound, says no; those of the master's files.
  static Result<std::unique_ptr<CodedSound>> make(const SavedMaster& master, const SoundCoding& coding,
                                                  const std::function<bool()>& keep_going);
  ~CodedSound() override;

  Status describe(AVCodecParameters& parameters) const override;
  // Hands over packets up to `time`, and at most one more. False: that was all.
  Result<bool> advance_to(std::chrono::microseconds time, const PacketSink& sink);

 private:
  struct State;
  explicit CodedSound(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
