// Pictures become H.264, through x264 or, on a device, through libavcodec.
//
// Constant frame rate; closed groups of pictures of at most options.keyframe_seconds; BT.709, limited range, chroma
// sited left. The same pictures, options and software encoder give the same bytes. With options.hold_still_frames the
// encoder is shown the frames that change, and the others become pictures of a few bytes; so do the steps of a fade,
// which are mixed of the pictures before and after it.
//
// Threads: one encoder, one thread (it starts its own). Memory: a bounded number of pictures, whatever the length.
// Units: packet times count frames (time base 1/frames_per_second).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "render/compose/composer.h"
#include "render/encode/packet_sink.h"
#include "render/protocol/options.h"

struct AVCodecParameters;

namespace vivid::render {

class EncoderSession;

struct EncoderKind {
  std::string_view name;  // libavcodec's
  bool hardware = false;
};
// Every encoder that may be asked for, the ones to prefer first.
std::span<const EncoderKind> known_encoders();
const EncoderKind* find_encoder(std::string_view name);

// Where sessions come from. `splicing`: it is shown changed pictures only, and its stream left to a splicer.
using SessionOpener = std::function<Result<std::unique_ptr<EncoderSession>>(
    const EncoderKind& kind, const RenderOptions& options, bool splicing)>;
// x264's own, or libavcodec's for a device. Errors: as VideoEncoder::open.
Result<std::unique_ptr<EncoderSession>> open_encoder_session(const EncoderKind& kind, const RenderOptions& options,
                                                             bool splicing);

class VideoEncoder {
 public:
  // Opens a real session. Errors: unsupported when there is no such encoder or device here, with what FFmpeg said;
  // resource_exhausted when the device has no session left; invalid_input for an option that the encoder refuses.
  static Result<std::unique_ptr<VideoEncoder>> open(std::string_view name, const RenderOptions& options);
  static Result<std::unique_ptr<VideoEncoder>> open(std::string_view name, const RenderOptions& options,
                                                    const SessionOpener& opener);
  ~VideoEncoder();

  // Frames come in order, from 0. A held frame is the picture before, shown again: nothing is copied. Packets may come
  // much later: an encoder that looks ahead looks at changed pictures.
  Status encode(std::int64_t index, const ComposedFrame& frame, const PacketSink& sink);
  // Hands over what the encoder still holds. Nothing can be encoded afterwards.
  Status finish(const PacketSink& sink);

  std::string_view name() const;
  int frames_per_second() const;
  // How many pictures the encoder was shown; the frames that it was not shown are held.
  std::int64_t pictures_encoded() const;
  // Why held frames cost as much as others although they need not; empty: they do not. When encode() or finish() has
  // failed and there is one, the video can be made with options.hold_still_frames off.
  const std::string& hold_problem() const;
  // As the encoder names itself in the stream: "x264 - core 164 r3095 baee400"; empty when it does not.
  const std::string& library_version() const;
  // For a muxer's stream.
  Status describe(AVCodecParameters& parameters) const;

 private:
  struct State;
  explicit VideoEncoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vivid::render
