#include "render/spans/span_encoder.h"

#include "base/check.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

// Adds the time until its end.
class Stretch {
 public:
  Stretch(const Clock& clock, std::atomic<std::int64_t>& sum_us)
      : clock_(clock), sum_us_(sum_us), began_(clock.steady_now()) {}
  ~Stretch() { sum_us_ += std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady_now() - began_).count(); }
  Stretch(const Stretch&) = delete;
  Stretch& operator=(const Stretch&) = delete;

 private:
  const Clock& clock_;
  std::atomic<std::int64_t>& sum_us_;
  SteadyTime began_;
};

Result<ComposedFrame> compose(const Span& span, std::int64_t index, Composer& composer) {
  VIVID_ASSIGN(ComposedFrame frame, composer.frame(index));
  // A span has nothing before its first frame.
  if (index == span.first) {
    frame.held = false;
    frame.damage = Region(PixelRect{0, 0, frame.picture.width_px, frame.picture.height_px});
  }
  return frame;
}

}  // namespace

Status film_span(const Span& span, Composer& composer, VideoEncoder& encoder, const Clock& clock,
                 SpanProgress& progress, const PacketSink& sink) {
  for (std::int64_t index = span.first; index < span.end; ++index) {
    if (progress.stop.load(std::memory_order_relaxed)) {
      return fail(ErrorCode::cancelled, "stopped at frame " + std::to_string(index));
    }
    Result<ComposedFrame> frame = [&] {
      const Stretch stretch(clock, progress.compose_us);
      return compose(span, index, composer);
    }();
    VIVID_TRY(frame);
    const Stretch stretch(clock, progress.encode_us);
    VIVID_TRY(encoder.encode(index - span.first, *frame, sink));
    progress.frames.fetch_add(1, std::memory_order_relaxed);
  }
  const Stretch stretch(clock, progress.encode_us);
  return encoder.finish(sink);
}

Result<EncodedSpan> encode_span(const Span& span, Composer& composer, VideoEncoder& encoder, const Clock& clock,
                                SpanProgress& progress) {
  EncodedSpan encoded;
  VIVID_TRY(film_span(span, composer, encoder, clock, progress, recording(encoded)));
  VIVID_ASSIGN(encoded.headers, headers_of(encoder));
  encoded.frames = span.frames();
  encoded.pictures = encoder.pictures_encoded();
  return encoded;
}

Result<std::vector<std::uint8_t>> headers_of(const VideoEncoder& encoder) {
  const av::Parameters parameters(avcodec_parameters_alloc());
  VIVID_CHECK(parameters != nullptr);
  VIVID_TRY(encoder.describe(*parameters));
  return std::vector<std::uint8_t>(parameters->extradata, parameters->extradata + parameters->extradata_size);
}

PacketSink recording(EncodedSpan& span) {
  return [&span](AVPacket& packet) -> Status {
    const auto size = static_cast<std::size_t>(packet.size);
    span.packets.push_back({packet.pts, packet.dts, packet.flags, size});
    span.bytes.insert(span.bytes.end(), packet.data, packet.data + size);
    return {};
  };
}

}  // namespace vivid::render
