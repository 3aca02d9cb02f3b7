#include <cairo.h>

#include "render/compose/yuv_frame.h"

extern "C" {
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

namespace vivid::render {
namespace {

struct ScalerDeleter {
  void operator()(SwsContext* context) const noexcept { sws_freeContext(context); }
};
using ScalerPtr = std::unique_ptr<SwsContext, ScalerDeleter>;

class SwscaleConverter : public YuvConverter {
 public:
  SwscaleConverter(ScalerPtr scaler, int width_px, int height_px)
      : scaler_(std::move(scaler)), width_(width_px), height_(height_px) {}

  Status convert(cairo_surface_t* surface, YuvFrame& to) override {
    cairo_surface_flush(surface);
    const bool fits = cairo_image_surface_get_width(surface) == width_ && to.width() == width_ &&
                      cairo_image_surface_get_height(surface) == height_ && to.height() == height_;
    if (!fits) return fail(ErrorCode::internal, "a picture of another size cannot be converted");
    const std::uint8_t* source[4] = {cairo_image_surface_get_data(surface), nullptr, nullptr, nullptr};
    const int source_strides[4] = {cairo_image_surface_get_stride(surface), 0, 0, 0};
    std::uint8_t* planes[4] = {to.plane(0), to.plane(1), to.plane(2), nullptr};
    const int strides[4] = {to.stride(0), to.stride(1), to.stride(2), 0};
    if (sws_scale(scaler_.get(), source, source_strides, 0, height_, planes, strides) != height_) {
      return fail(ErrorCode::internal, "swscale did not convert the whole picture");
    }
    return {};
  }

 private:
  ScalerPtr scaler_;
  int width_;
  int height_;
};

}  // namespace

Result<std::unique_ptr<YuvConverter>> YuvConverter::create(int width_px, int height_px) {
  ScalerPtr scaler(sws_alloc_context());
  if (!scaler) return fail(ErrorCode::resource_exhausted, "no memory for swscale");
  const auto set = [&](const char* name, std::int64_t value) { av_opt_set_int(scaler.get(), name, value, 0); };
  set("srcw", width_px);
  set("srch", height_px);
  set("dstw", width_px);
  set("dsth", height_px);
  set("src_format", AV_PIX_FMT_BGRA);
  set("dst_format", AV_PIX_FMT_YUV420P);
  set("src_range", 1);
  set("dst_range", 0);
  set("dst_h_chr_pos", 0);
  set("dst_v_chr_pos", 128);
  set("sws_flags", SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT | SWS_BITEXACT);
  const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
  if (sws_setColorspaceDetails(scaler.get(), bt709, 1, bt709, 0, 0, 1 << 16, 1 << 16) < 0 ||
      sws_init_context(scaler.get(), nullptr, nullptr) < 0) {
    return fail(ErrorCode::internal, "swscale cannot convert BGRA to YUV 4:2:0");
  }
  return std::unique_ptr<YuvConverter>(std::make_unique<SwscaleConverter>(std::move(scaler), width_px, height_px));
}

}  // namespace vivid::render
