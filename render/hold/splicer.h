// Puts held frames into a stream whose encoder was shown only the frames that change, and the steps of a fade between
// the two pictures of which they are made.
//
// The encoder's pictures go through bit by bit as they decode; between them come pictures of a few bytes that repeat
// the one before, or mix it with the one after, so that the video has one picture for every frame. The stream has start
// codes (Annex B), the parameter sets come from the encoder's global header, and the file takes headers() instead of
// them.
//
// Threads: one splicer, one thread. Memory: the pictures that the encoder has not given back yet, and one that is to
// be given again. Errors: unsupported, with the reason, for a stream that cannot be spliced: whoever gets it encodes
// every frame instead. Otherwise what the sink returns.
// Units: times count frames; decoding times may be negative.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "render/hold/hold_plan.h"

namespace vivid::render {

struct SplicedPacket {
  std::span<const std::uint8_t> bytes;  // valid until the sink returns
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  bool sync = false;        // decoding can start here
  bool disposable = false;  // nothing refers to it
  bool held = false;        // made here: the picture before
  bool mixed = false;       // made here: two pictures in one
};
using SplicedSink = std::function<Status(const SplicedPacket& packet)>;

class Splicer {
 public:
  static Result<std::unique_ptr<Splicer>> create(SpliceVariant variant, std::span<const std::uint8_t> global_header);
  ~Splicer();

  const std::vector<std::uint8_t>& headers() const;
  // How many frames may be held between references without confusing the order count.
  std::int64_t longest_gap() const;

  // Whether the encoder's B pictures use the distances between pictures: see HoldPlanner.
  bool by_distance() const;

  // Whether the stream has what it takes to mix pictures.
  bool mixes() const;

  // What the encoder is shown next. Said before its packet comes. `shares`: how much of it, in 1/128, the frames show
  // that mix it with the picture before; as many as the plan says.
  void expect(const PlannedPicture& picture, std::vector<int> shares = {});
  // A packet of the encoder: one picture, the one planned for frame `index`. Packets come in decoding order.
  Status take(std::span<const std::uint8_t> packet, std::int64_t index, const SplicedSink& sink);
  // After the last packet: every picture that was expected has come.
  Status finish() const;

 private:
  struct State;
  explicit Splicer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
