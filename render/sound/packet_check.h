// Listens to sound as it is coded: what an encoder makes of it is a little louder or softer, and its peaks are higher.
//
// Threads: one check, one thread. Memory: as LoudnessMeter. Errors: internal when the decoder refuses a packet, or when
// the ears hear different things although they must not.
#pragma once

#include <memory>

#include "render/encode/sound_track.h"
#include "render/sound/loudness_meter.h"

struct AVFrame;
struct AVPacket;

namespace vivid::render {

class PacketCheck {
 public:
  // The track has two channels. `channels`: one when both ears have to hear the same.
  static Result<std::unique_ptr<PacketCheck>> open(const SoundTrack& track, int channels);
  ~PacketCheck();

  Status add(const AVPacket& packet);
  // After the last packet; the meter may be asked from then on.
  Status finish();
  LoudnessMeter& meter();

 private:
  struct State;
  explicit PacketCheck(std::unique_ptr<State> state);
  Status drain();
  Status hear(const AVFrame& frame);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
