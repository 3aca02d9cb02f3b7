#include "render/formats/picture_scaler.h"

#include <algorithm>
#include <cmath>

#include "render/encode/av.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace vivid::render {
namespace {

constexpr int kLeft = 0;
constexpr int kMiddle = 128;
constexpr int kUnity = 1 << 16;

int even(double px) { return std::max(2, static_cast<int>(std::lround(px / 2)) * 2); }

Result<av::Scaler> open_scaler(const PictureSize& from, const PictureSize& to, PictureColors colors) {
  const bool jpeg = colors == PictureColors::jpeg;
  av::Scaler scaler(sws_alloc_context());
  if (!scaler) return fail(ErrorCode::resource_exhausted, "no memory to scale pictures");
  const auto set = [&](const char* name, std::int64_t value) { av_opt_set_int(scaler.get(), name, value, 0); };
  set("srcw", from.width_px);
  set("srch", from.height_px);
  set("dstw", to.width_px);
  set("dsth", to.height_px);
  set("src_format", AV_PIX_FMT_YUV420P);
  set("dst_format", AV_PIX_FMT_YUV420P);
  set("src_range", 0);
  set("dst_range", jpeg ? 1 : 0);
  set("src_h_chr_pos", kLeft);
  set("src_v_chr_pos", kMiddle);
  set("dst_h_chr_pos", jpeg ? kMiddle : kLeft);
  set("dst_v_chr_pos", kMiddle);
  set("sws_flags", SWS_LANCZOS | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT | SWS_BITEXACT);
  const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
  const int* there = jpeg ? sws_getCoefficients(SWS_CS_ITU601) : bt709;
  if (sws_init_context(scaler.get(), nullptr, nullptr) < 0 ||
      sws_setColorspaceDetails(scaler.get(), bt709, 0, there, jpeg ? 1 : 0, 0, kUnity, kUnity) < 0) {
    return fail(ErrorCode::internal,
                "swscale does not scale to " + std::to_string(to.width_px) + "x" + std::to_string(to.height_px));
  }
  return scaler;
}

}  // namespace

PictureSize size_of_height(const PictureSize& of, int height_px) {
  return {even(static_cast<double>(of.width_px) * height_px / of.height_px), even(height_px)};
}

struct PictureScaler::State {
  av::Scaler scaler;
  av::Frame picture;
  PictureSize from;
};

PictureScaler::PictureScaler(std::unique_ptr<State> state) : state_(std::move(state)) {}
PictureScaler::~PictureScaler() = default;

Result<std::unique_ptr<PictureScaler>> PictureScaler::create(const PictureSize& from, const PictureSize& to,
                                                             PictureColors colors) {
  auto state = std::make_unique<State>();
  VIVID_ASSIGN(state->scaler, open_scaler(from, to, colors));
  state->from = from;
  state->picture = av::make_frame();
  state->picture->format = AV_PIX_FMT_YUV420P;
  state->picture->width = to.width_px;
  state->picture->height = to.height_px;
  const int allocated = av_frame_get_buffer(state->picture.get(), 0);
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate a picture"));
  return std::unique_ptr<PictureScaler>(new PictureScaler(std::move(state)));
}

Result<YuvView> PictureScaler::scale(const YuvView& picture) {
  if (PictureSize{picture.width_px, picture.height_px} != state_->from) {
    return fail(ErrorCode::internal, "a picture of another size than the scaler was made for");
  }
  const std::uint8_t* planes[4] = {picture.planes[0], picture.planes[1], picture.planes[2], nullptr};
  const int strides[4] = {picture.strides_bytes[0], picture.strides_bytes[1], picture.strides_bytes[2], 0};
  AVFrame& to = *state_->picture;
  const int scaled = sws_scale(state_->scaler.get(), planes, strides, 0, picture.height_px, to.data, to.linesize);
  if (scaled < 0) return tl::make_unexpected(av::error(scaled, "scale a picture"));
  return YuvView{
      {to.data[0], to.data[1], to.data[2]}, {to.linesize[0], to.linesize[1], to.linesize[2]}, to.width, to.height};
}

}  // namespace vivid::render
