// Between the composer and an encoder that is shown changed pictures only: it plans what the encoder gets, and puts the
// held and the mixed frames back into what comes out.
//
// Threads: as the encoder. Errors: unsupported when the encoder's stream cannot be spliced, with the reason.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "render/encode/encoder_session.h"
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
  // `headers`: the encoder's parameter sets.
  static Result<std::unique_ptr<HeldStream>> create(std::span<const std::uint8_t> headers, SpliceVariant variant,
                                                    std::int64_t longest_gap, const Worth& worth);

  // A picture of the video has been composed that is first shown at `index`, and is loaded. It waits there until it is
  // known for how long it is held.
  void begin(std::int64_t index, const ComposedFrame& frame);
  // The picture that waits is shown for one more frame.
  void hold();
  bool waits() const { return index_.has_value(); }

  // Whether a frame can be mixed of the picture before and one to come. Whatever waits is encoded first then.
  bool can_mix(const ComposedFrame& frame) const;
  // One that can: it is loaded, as the last of its kind may have to be a picture of its own after all.
  void mix(std::int64_t index, const ComposedFrame& frame);
  bool mixes() const { return !shares_.empty() && !waits(); }
  // Makes the last frame that was to be mixed one that waits.
  void settle();

  // What the encoder has to do with the picture that waited; empties the place. `mixed_after`: whether a frame follows
  // that is mixed of it and a later one.
  std::vector<PictureOrder> take_orders(bool mixed_after);

  // A packet of the encoder; what comes of it goes to the sink.
  Status take(const CodedPicture& picture, const SplicedSink& sink);
  Status finish() const { return splicer_->finish(); }

  const std::vector<std::uint8_t>& headers() const { return splicer_->headers(); }

 private:
  HeldStream(std::unique_ptr<Splicer> splicer, HoldPlanner planner, std::int64_t longest_mix, const Worth& worth);
  std::vector<int> take_shares();

  std::unique_ptr<Splicer> splicer_;
  HoldPlanner planner_;
  std::int64_t longest_mix_;
  Worth worth_;

  std::optional<std::int64_t> index_;  // of the picture that waits
  std::int64_t holds_ = 0;
  bool passing_ = false;
  int share_ = 0;               // of the next picture in the one that waits
  bool is_known_share_ = true;  // not: a step of a transition that is no mixture
  int from_share_ = 0;          // and in the one before
  std::vector<int> shares_;     // of frames to be mixed, before the picture that waits if there is one
  std::int64_t last_mixed_ = 0;

  std::int64_t encoded_ = 0;
  // First frames of the pictures that the encoder was shown and has not given back, by its times.
  std::map<std::int64_t, std::int64_t> shown_;
};

}  // namespace vivid::render
