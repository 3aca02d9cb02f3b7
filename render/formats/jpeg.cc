#include "render/formats/jpeg.h"

#include "base/check.h"
#include "render/encode/av.h"
#include "render/encode/av_log.h"

extern "C" {
#include <libavutil/imgutils.h>
}

namespace vivid::render {
namespace {

// FFmpeg's quantiser scale.
constexpr int kQuantiser = 3;

Result<av::Codec> open_encoder(const YuvView& picture) {
  const AVCodec* encoder = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  if (encoder == nullptr) return fail(ErrorCode::unsupported, "FFmpeg was built without JPEG");
  av::Codec codec(avcodec_alloc_context3(encoder));
  VIVID_CHECK(codec != nullptr);
  codec->width = picture.width_px;
  codec->height = picture.height_px;
  codec->pix_fmt = AV_PIX_FMT_YUVJ420P;
  codec->color_range = AVCOL_RANGE_JPEG;
  codec->time_base = {1, 1};
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
  codec->global_quality = kQuantiser * FF_QP2LAMBDA;
  const int opened = avcodec_open2(codec.get(), encoder, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, "open the JPEG encoder"));
  return codec;
}

}  // namespace

Result<std::string> encode_jpeg(const YuvView& picture) {
  const AvLogCapture quiet;
  VIVID_ASSIGN(const av::Codec codec, open_encoder(picture));
  const av::Frame frame = av::make_frame();
  frame->format = AV_PIX_FMT_YUVJ420P;
  frame->width = picture.width_px;
  frame->height = picture.height_px;
  frame->color_range = AVCOL_RANGE_JPEG;
  frame->quality = kQuantiser * FF_QP2LAMBDA;
  int result = av_frame_get_buffer(frame.get(), 0);
  if (result < 0) return tl::make_unexpected(av::error(result, "allocate a picture"));
  const std::uint8_t* planes[4] = {picture.planes[0], picture.planes[1], picture.planes[2], nullptr};
  const int strides[4] = {picture.strides_bytes[0], picture.strides_bytes[1], picture.strides_bytes[2], 0};
  av_image_copy(frame->data, frame->linesize, planes, strides, AV_PIX_FMT_YUVJ420P, frame->width, frame->height);
  const av::Packet packet = av::make_packet();
  result = avcodec_send_frame(codec.get(), frame.get());
  if (result >= 0) result = avcodec_send_frame(codec.get(), nullptr);
  if (result >= 0) result = avcodec_receive_packet(codec.get(), packet.get());
  if (result < 0) return tl::make_unexpected(av::error(result, "encode a JPEG"));
  return std::string(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
}

}  // namespace vivid::render
