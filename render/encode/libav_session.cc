#include "render/encode/libav_session.h"

#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/encode/encoder_settings.h"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace vivid::render {
namespace {

constexpr int kQuantisers = 51;

AVPictureType type_of(PictureKind kind) {
  if (kind == PictureKind::independent) return AV_PICTURE_TYPE_I;
  return kind == PictureKind::referable ? AV_PICTURE_TYPE_P : AV_PICTURE_TYPE_NONE;
}

// Encoders take such hints from regions of interest.
void refine(AVFrame& frame, int finer) {
  av_frame_remove_side_data(&frame, AV_FRAME_DATA_REGIONS_OF_INTEREST);
  if (finer == 0) return;
  AVFrameSideData* data = av_frame_new_side_data(&frame, AV_FRAME_DATA_REGIONS_OF_INTEREST, sizeof(AVRegionOfInterest));
  VIVID_CHECK(data != nullptr);
  AVRegionOfInterest region{};
  region.self_size = sizeof(region);
  region.bottom = frame.height;
  region.right = frame.width;
  region.qoffset = {-finer, kQuantisers};
  std::memcpy(data->data, &region, sizeof(region));
}

class LibavSession : public EncoderSession {
 public:
  LibavSession(std::string name, av::Codec codec, av::Frame frame)
      : name_(std::move(name)), codec_(std::move(codec)), frame_(std::move(frame)) {}

  Status load(const YuvView& picture, std::span<const PixelRect>) override {
    AVFrame& to = *frame_;
    VIVID_CHECK(picture.width_px == to.width && picture.height_px == to.height);
    // Takes a fresh buffer where the encoder still looks at the picture before.
    const int writable = av_frame_make_writable(&to);
    if (writable < 0) return tl::make_unexpected(av::error(writable, "allocate a picture"));
    const std::uint8_t* planes[4] = {picture.planes[0], picture.planes[1], picture.planes[2], nullptr};
    const int strides[4] = {picture.strides_bytes[0], picture.strides_bytes[1], picture.strides_bytes[2], 0};
    av_image_copy(to.data, to.linesize, planes, strides, AV_PIX_FMT_YUV420P, to.width, to.height);
    return {};
  }

  Status encode(const PictureOrder& order, const CodedSink& sink) override {
    frame_->pts = order.time;
    frame_->pict_type = type_of(order.kind);
    refine(*frame_, order.steps_finer);
    return send(frame_.get(), sink);
  }

  Status finish(const CodedSink& sink) override { return send(nullptr, sink); }

  std::span<const std::uint8_t> headers() const override {
    return {codec_->extradata, static_cast<std::size_t>(codec_->extradata_size)};
  }

  Status describe(AVCodecParameters& parameters) const override {
    const int copied = avcodec_parameters_from_context(&parameters, codec_.get());
    if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the video stream"));
    return {};
  }

 private:
  // Null: there is nothing more to come.
  Status send(AVFrame* what, const CodedSink& sink) {
    const int sent = avcodec_send_frame(codec_.get(), what);
    if (sent < 0) return tl::make_unexpected(av::error(sent, name_ + ": encode a picture"));
    for (;;) {
      const int received = avcodec_receive_packet(codec_.get(), packet_.get());
      if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return {};
      if (received < 0) return tl::make_unexpected(av::error(received, name_ + ": encode"));
      const CodedPicture picture{{packet_->data, static_cast<std::size_t>(packet_->size)},
                                 packet_->pts,
                                 packet_->dts,
                                 (packet_->flags & AV_PKT_FLAG_KEY) != 0,
                                 (packet_->flags & AV_PKT_FLAG_DISPOSABLE) != 0};
      const Status taken = sink(picture);
      av_packet_unref(packet_.get());
      VIVID_TRY(taken);
    }
  }

  std::string name_;
  av::Codec codec_;
  av::Frame frame_;
  av::Packet packet_ = av::make_packet();
};

}  // namespace

Result<std::unique_ptr<EncoderSession>> open_libav_session(const EncoderKind& kind, const RenderOptions& options,
                                                           bool splicing) {
  VIVID_ASSIGN(av::Codec codec, open_codec(kind, options, splicing));
  VIVID_ASSIGN(av::Frame frame, make_picture(options));
  return std::unique_ptr<EncoderSession>(
      std::make_unique<LibavSession>(std::string(kind.name), std::move(codec), std::move(frame)));
}

}  // namespace vivid::render
