// An encoder of pictures as such: what it is shown, in which order, and the packets that come of it. Two implement it:
// libavcodec's (libav_session.h) and x264 itself (x264_session.h).
//
// Threads: as VideoEncoder. Ownership: a session keeps one picture of its own, the one that was loaded last.
// Errors: those of the library; what the sink returns.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/error.h"
#include "render/compose/composer.h"
#include "render/hold/hold_plan.h"

struct AVCodecParameters;

namespace vivid::render {

// How the loaded picture is to be encoded.
struct PictureOrder {
  std::int64_t time = 0;  // comes back with its packet; rises
  PictureKind kind = PictureKind::free;
  // Of quantisation, finer than others; below 0: coarser.
  int steps_finer = 0;
};

struct CodedPicture {
  std::span<const std::uint8_t> bytes;  // until the sink returns
  std::int64_t time = 0;                // of its order
  std::int64_t decoding_time = 0;
  bool key = false;
  bool disposable = false;
};
using CodedSink = std::function<Status(const CodedPicture& picture)>;

class EncoderSession {
 public:
  virtual ~EncoderSession() = default;

  // The picture to be encoded next, however often. Outside of `damage` it is the one that was loaded before.
  virtual Status load(const YuvView& picture, std::span<const PixelRect> damage) = 0;
  virtual Status encode(const PictureOrder& order, const CodedSink& sink) = 0;
  // Hands over what the session still holds. Nothing can be encoded afterwards.
  virtual Status finish(const CodedSink& sink) = 0;

  // The parameter sets, with start codes.
  virtual std::span<const std::uint8_t> headers() const = 0;
  // For a muxer's stream, all but the parameter sets.
  virtual Status describe(AVCodecParameters& parameters) const = 0;
};

}  // namespace vivid::render
