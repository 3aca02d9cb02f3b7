#include "render/package/thumbnail.h"

#include <cstring>
#include <string>

#include "base/check.h"
#include "base/files.h"
#include "render/encode/av.h"
#include "render/encode/av_log.h"

namespace vivid::render {
namespace {

constexpr std::uint64_t kMaxPngBytes = 256ULL * 1024 * 1024;
// FFmpeg's quantiser scale; 3 looks like 85 to 90 on the scale of libjpeg.
constexpr int kQuantiser = 3;

Result<av::Codec> open_codec(const AVCodec* codec, void (*set_up)(AVCodecContext&)) {
  if (codec == nullptr) return fail(ErrorCode::unsupported, "FFmpeg was built without PNG or JPEG");
  av::Codec context(avcodec_alloc_context3(codec));
  VIVID_CHECK(context != nullptr);
  context->thread_count = 1;
  set_up(*context);
  const int opened = avcodec_open2(context.get(), codec, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, std::string("open ") + codec->name));
  return context;
}

Result<av::Frame> decode_png(const std::string& bytes) {
  VIVID_ASSIGN(const av::Codec codec, open_codec(avcodec_find_decoder(AV_CODEC_ID_PNG), [](AVCodecContext&) {}));
  const av::Packet packet = av::make_packet();
  const int allocated = av_new_packet(packet.get(), static_cast<int>(bytes.size()));
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "decode the still"));
  std::memcpy(packet->data, bytes.data(), bytes.size());
  av::Frame frame = av::make_frame();
  int result = avcodec_send_packet(codec.get(), packet.get());
  if (result >= 0) result = avcodec_send_packet(codec.get(), nullptr);
  if (result >= 0) result = avcodec_receive_frame(codec.get(), frame.get());
  if (result < 0) return fail(ErrorCode::data_corrupt, av::error(result, "decode the still").message);
  return frame;
}

// JPEG's colours (JFIF): BT.601, full range.
Result<av::Frame> scale(const AVFrame& from) {
  av::Frame to = av::make_frame();
  to->format = AV_PIX_FMT_YUVJ420P;
  to->width = kThumbnailWidthPx;
  to->height = kThumbnailHeightPx;
  to->color_range = AVCOL_RANGE_JPEG;
  to->quality = kQuantiser * FF_QP2LAMBDA;
  int result = av_frame_get_buffer(to.get(), 0);
  if (result < 0) return tl::make_unexpected(av::error(result, "scale the still"));
  const av::Scaler scaler(sws_getContext(
      from.width, from.height, static_cast<AVPixelFormat>(from.format), to->width, to->height, AV_PIX_FMT_YUVJ420P,
      SWS_LANCZOS | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, nullptr, nullptr, nullptr));
  if (!scaler) return fail(ErrorCode::data_corrupt, "the still has a pixel format that cannot be scaled");
  result = sws_scale(scaler.get(), from.data, from.linesize, 0, from.height, to->data, to->linesize);
  if (result < 0) return tl::make_unexpected(av::error(result, "scale the still"));
  return to;
}

Result<std::string> encode_jpeg(const AVFrame& frame) {
  VIVID_ASSIGN(const av::Codec codec, open_codec(avcodec_find_encoder(AV_CODEC_ID_MJPEG), [](AVCodecContext& context) {
                 context.width = kThumbnailWidthPx;
                 context.height = kThumbnailHeightPx;
                 context.pix_fmt = AV_PIX_FMT_YUVJ420P;
                 context.color_range = AVCOL_RANGE_JPEG;
                 context.time_base = {1, 1};
                 context.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
                 context.global_quality = kQuantiser * FF_QP2LAMBDA;
               }));
  const av::Packet packet = av::make_packet();
  int result = avcodec_send_frame(codec.get(), &frame);
  if (result >= 0) result = avcodec_send_frame(codec.get(), nullptr);
  if (result >= 0) result = avcodec_receive_packet(codec.get(), packet.get());
  if (result < 0) return tl::make_unexpected(av::error(result, "encode the thumbnail"));
  return std::string(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
}

}  // namespace

Status write_thumbnail(const std::filesystem::path& png, const std::filesystem::path& jpeg) {
  const AvLogCapture quiet;
  VIVID_ASSIGN(const std::string bytes, read_file(png, kMaxPngBytes));
  VIVID_ASSIGN(const av::Frame still, decode_png(bytes));
  VIVID_ASSIGN(const av::Frame scaled, scale(*still));
  VIVID_ASSIGN(const std::string encoded, encode_jpeg(*scaled));
  return write_file_durably(jpeg, encoded);
}

}  // namespace vivid::render
