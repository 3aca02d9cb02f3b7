// Listens to AAC as it is made: what an encoder makes of sound is a little louder or softer, and its peaks are higher.
//
// Threads: one check, one thread. Memory: as LoudnessMeter. Errors: internal when the decoder refuses a packet, or when
// the ears hear different things of one channel.
#pragma once

#include <memory>

#include "render/encode/sound_track.h"
#include "render/sound/loudness_meter.h"

struct AVFrame;
struct AVPacket;

namespace vivid::render {

class AacCheck {
 public:
  // `channels` of what was encoded: of one, both ears have to hear the same.
  static Result<std::unique_ptr<AacCheck>> open(const SoundTrack& track, int channels);
  ~AacCheck();

  Status add(const AVPacket& packet);
  // After the last packet; the meter may be asked from then on.
  Status finish();
  LoudnessMeter& meter();

 private:
  struct State;
  explicit AacCheck(std::unique_ptr<State> state);
  Status drain();
  Status hear(const AVFrame& frame);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
