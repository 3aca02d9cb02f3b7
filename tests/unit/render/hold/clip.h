// Short films for tests of held frames: drawn by arithmetic, encoded by x264, spliced, decoded again.
//
// Threads: functions and values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/hold/hold_plan.h"

namespace vivid::render::testing_support {

using Bytes = std::vector<std::uint8_t>;

struct ClipSettings {
  int width_px = 160;
  int height_px = 90;
  std::string preset = "veryfast";
  // x264's own, on top of what splicing asks for: "bframes=2:cabac=0".
  std::string x264_params;
  SpliceVariant variant = SpliceVariant::continuous;
  std::int64_t longest_gap = 50;
  unsigned seed = 1;  // of what the pictures show
  int threads = 1;
};

struct ClipPacket {
  Bytes bytes;
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  bool sync = false;
  bool disposable = false;
  bool held = false;
  bool mixed = false;
};

struct Clip {
  std::vector<PlannedPicture> plan;
  std::vector<std::vector<int>> shares;  // of the frames mixed before each of them
  Bytes encoder_header;
  std::vector<ClipPacket> encoder_packets;
  Bytes header;
  std::vector<ClipPacket> packets;
};

// Films that show each picture for one frame and then hold it for holds[i] more; before it come, where the stream
// allows that, frames that show mixes[i] of it in 128.
Result<Clip> make_clip(const ClipSettings& settings, const std::vector<std::int64_t>& holds,
                       const std::vector<std::vector<int>>& mixes = {});

// What a frame mixed of two is by the standard.
Bytes mixture(const Bytes& from, const Bytes& to, int share);

struct DecodedFrame {
  std::int64_t pts = 0;
  bool decoder_complained = false;
  Bytes pixels;
};
struct DecodedClip {
  std::vector<DecodedFrame> frames;
  std::vector<std::string> messages;  // whatever the decoder said
};

// Through libavcodec's decoder, which ends at the first thing it does not like. With several threads it works on as
// many frames at once.
DecodedClip decode(const Bytes& header, const std::vector<ClipPacket>& packets, int threads = 1);

// What is wrong with a clip, in words; empty: nothing. Times rise by one without a gap, decoding times never pass them;
// the encoder's pictures decode as they do in its own stream; every held frame is the frame before it, every mixed one
// what the standard makes of the two around it; the decoder says nothing; places to start are no further apart than was
// asked for.
std::string find_fault(const ClipSettings& settings, const Clip& clip);

}  // namespace vivid::render::testing_support
