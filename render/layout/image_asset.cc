#include "render/layout/image_asset.h"

#include <cairo.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/files.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
}

namespace vivid::render {
namespace {

struct CodecDeleter {
  void operator()(AVCodecContext* context) const noexcept { avcodec_free_context(&context); }
};
struct PacketDeleter {
  void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
};
struct FrameDeleter {
  void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
};
struct ScalerDeleter {
  void operator()(SwsContext* context) const noexcept { sws_freeContext(context); }
};
using FramePtr = std::unique_ptr<AVFrame, FrameDeleter>;

AVCodecID codec_of(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return AV_CODEC_ID_PNG;
  if (bytes.starts_with("\xff\xd8\xff")) return AV_CODEC_ID_MJPEG;
  return AV_CODEC_ID_NONE;
}

Result<FramePtr> decode(const std::string& bytes, const std::string& name) {
  const AVCodecID id = codec_of(bytes);
  if (id == AV_CODEC_ID_NONE) return fail(ErrorCode::unsupported, name + " is neither PNG nor JPEG");
  const AVCodec* codec = avcodec_find_decoder(id);
  const std::unique_ptr<AVCodecContext, CodecDeleter> context(avcodec_alloc_context3(codec));
  const std::unique_ptr<AVPacket, PacketDeleter> packet(av_packet_alloc());
  FramePtr frame(av_frame_alloc());
  if (!context || !packet || !frame) return fail(ErrorCode::resource_exhausted, "no memory to decode " + name);
  context->max_pixels = kMaxImagePixels;
  context->thread_count = 1;
  context->err_recognition = AV_EF_EXPLODE;
  if (avcodec_open2(context.get(), codec, nullptr) < 0 ||
      av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) {
    return fail(ErrorCode::internal, "cannot start a decoder for " + name);
  }
  std::memcpy(packet->data, bytes.data(), bytes.size());
  if (avcodec_send_packet(context.get(), packet.get()) < 0 || avcodec_send_packet(context.get(), nullptr) < 0 ||
      avcodec_receive_frame(context.get(), frame.get()) < 0) {
    return fail(ErrorCode::data_corrupt, name + " cannot be decoded (or has more than " +
                                             std::to_string(kMaxImagePixels / 1'000'000) + " million pixels)");
  }
  return frame;
}

// The J formats say "full range" in their name; swscale wants it said apart.
AVPixelFormat plain_format(int format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    default:
      return static_cast<AVPixelFormat>(format);
  }
}

void premultiply(cairo_surface_t* surface) {
  std::uint8_t* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  const int width = cairo_image_surface_get_width(surface);
  for (int y = 0; y < cairo_image_surface_get_height(surface); ++y) {
    std::uint8_t* row = data + static_cast<std::ptrdiff_t>(y) * stride;
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = row + static_cast<std::ptrdiff_t>(x) * 4;
      for (int i = 0; i < 3; ++i) pixel[i] = static_cast<std::uint8_t>((pixel[i] * pixel[3] + 127) / 255);
    }
  }
}

Result<SurfacePtr> to_surface(const AVFrame& frame, int width, int height) {
  VIVID_ASSIGN(SurfacePtr surface, make_surface(width, height));
  const std::unique_ptr<SwsContext, ScalerDeleter> scaler(
      sws_getContext(frame.width, frame.height, plain_format(frame.format), width, height, AV_PIX_FMT_BGRA,
                     SWS_AREA | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, nullptr, nullptr, nullptr));
  if (!scaler) return fail(ErrorCode::unsupported, "this kind of pixel cannot be converted");
  // JPEG is BT.601 in full range whatever its frame says; PNG is RGB and does not care.
  const int* bt601 = sws_getCoefficients(SWS_CS_ITU601);
  sws_setColorspaceDetails(scaler.get(), bt601, 1, bt601, 1, 0, 1 << 16, 1 << 16);
  std::uint8_t* planes[4] = {cairo_image_surface_get_data(surface.get()), nullptr, nullptr, nullptr};
  const int strides[4] = {cairo_image_surface_get_stride(surface.get()), 0, 0, 0};
  cairo_surface_flush(surface.get());
  if (sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes, strides) <= 0) {
    return fail(ErrorCode::internal, "swscale did not convert the picture");
  }
  premultiply(surface.get());
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

}  // namespace

Result<std::filesystem::path> resolve_asset(const std::filesystem::path& root, const std::string& name) {
  const std::string relative = name.starts_with("asset:") ? name.substr(6) : name;
  if (root.empty()) return fail(ErrorCode::not_found, "'" + name + "' is named, but there is no asset folder");
  if (relative.find("://") != std::string::npos) {
    return fail(ErrorCode::unsupported, "'" + name + "' is not in the asset folder");
  }
  const std::filesystem::path wanted(relative);
  const bool climbs = std::find(wanted.begin(), wanted.end(), "..") != wanted.end();
  if (relative.empty() || relative.find('\0') != std::string::npos || wanted.is_absolute() || climbs) {
    return fail(ErrorCode::invalid_input, "'" + name + "' is not a relative name below the asset folder");
  }
  std::error_code error;
  const std::filesystem::path home = std::filesystem::canonical(root, error);
  if (error) return fail(ErrorCode::not_found, "the asset folder " + root.string() + " cannot be read");
  const std::filesystem::path found = std::filesystem::canonical(home / wanted, error);
  if (error || !std::filesystem::is_regular_file(found, error)) {
    return fail(ErrorCode::not_found, "'" + name + "' is not in the asset folder");
  }
  // A link may not lead out of the folder either.
  const auto [home_end, rest] = std::mismatch(home.begin(), home.end(), found.begin(), found.end());
  if (home_end != home.end()) {
    return fail(ErrorCode::invalid_input, "'" + name + "' leads out of the asset folder");
  }
  return found;
}

Result<SurfacePtr> load_image(const std::filesystem::path& path, int width_px, int height_px, double room) {
  VIVID_ASSIGN(const std::string bytes, read_file(path, kMaxImageBytes));
  VIVID_ASSIGN(const FramePtr frame, decode(bytes, path.filename().string()));
  const double cover =
      std::max(static_cast<double>(width_px) / frame->width, static_cast<double>(height_px) / frame->height) * room;
  const double scale = std::min(1.0, cover);
  const auto scaled = [scale](int side) { return std::max(1, static_cast<int>(side * scale + 0.5)); };
  return to_surface(*frame, scaled(frame->width), scaled(frame->height));
}

}  // namespace vivid::render
