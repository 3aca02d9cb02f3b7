// Between the composer and an encoder that is shown changed pictures only: it plans what the encoder gets, and puts the
// held frames back into what comes out. For .cc files only: it includes FFmpeg.
//
// Threads: as the encoder. Errors: unsupported when the encoder's stream cannot be spliced, with the reason.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "render/encode/av.h"
#include "render/encode/packet_sink.h"
#include "render/hold/splicer.h"

namespace vivid::render {

// How finely a picture is quantised for the time it is seen. An encoder that sees changed pictures only does not know
// for how long each stays, and would spend too little on what is looked at for long.
struct Worth {
  double steps_per_doubling = 0.0;  // of the time it is held
  int finest = 0;                   // steps finer than others, at most
  int passing = 0;                  // steps coarser, for one step of a transition
};

class HeldStream {
 public:
  // `codec` has been opened, and gave its parameter sets.
  static Result<std::unique_ptr<HeldStream>> create(const AVCodecContext& codec, SpliceVariant variant,
                                                    std::int64_t longest_gap, const Worth& worth);

  // A picture of the video has been composed that is first shown at `index`; `passing` is that of ComposedFrame. It
  // waits in the caller's frame until it is known for how long it is held.
  void begin(std::int64_t index, bool passing);
  // The picture that waits is shown for one more frame.
  void hold() { ++holds_; }
  bool waits() const { return index_.has_value(); }
  // Says in `frame` what the encoder has to know about the picture that waited: its time, type and worth.
  void prepare(AVFrame& frame);

  // A packet of the encoder; what comes of it goes to the sink, durations and marks set.
  Status take(const AVPacket& packet, const PacketSink& sink);
  Status finish() const { return splicer_->finish(); }

  const std::vector<std::uint8_t>& headers() const { return splicer_->headers(); }

 private:
  HeldStream(std::unique_ptr<Splicer> splicer, HoldPlanner planner, const Worth& worth);

  std::unique_ptr<Splicer> splicer_;
  HoldPlanner planner_;
  Worth worth_;
  av::Packet packet_ = av::make_packet();
  std::optional<std::int64_t> index_;
  std::int64_t holds_ = 0;
  bool passing_ = false;
  std::int64_t encoded_ = 0;
  // First frames of the pictures that the encoder was shown and has not given back, by its times.
  std::map<std::int64_t, std::int64_t> shown_;
};

}  // namespace vivid::render
