#include "render/encode/x264_session.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"
#include "render/encode/av.h"
#include "render/encode/x264_settings.h"

namespace vivid::render {
namespace {

constexpr int kMacroblock = 16;
constexpr std::size_t kMostSaid = 2'000;

// What x264 says, as far as it is a complaint; its threads say it, too.
class Complaints {
 public:
  static void listen(void* self, int level, const char* format, va_list arguments) noexcept {
    if (level > X264_LOG_WARNING) return;
    std::array<char, 500> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    auto& complaints = *static_cast<Complaints*>(self);
    const std::lock_guard lock(complaints.mutex_);
    if (complaints.text_.size() < kMostSaid) complaints.text_ += line.data();
  }

  std::string one_line() const {
    const std::lock_guard lock(mutex_);
    std::string said = text_;
    while (!said.empty() && said.back() == '\n') said.pop_back();
    std::replace(said.begin(), said.end(), '\n', ';');
    return said;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// Of an option that it does not take, x264 always says something; of threads that cannot be started, nothing.
Error opening_error(const std::string& said) {
  const bool is_short = said.empty() || said.find("malloc") != std::string::npos;
  if (is_short) return {ErrorCode::resource_exhausted, "libx264: no memory or threads; " + said};
  return {ErrorCode::invalid_input, "libx264: " + said};
}

int type_of(PictureKind kind) {
  if (kind == PictureKind::independent) return X264_TYPE_IDR;
  return kind == PictureKind::referable ? X264_TYPE_P : X264_TYPE_AUTO;
}

void copy_part(const YuvView& from, const PixelRect& part, const x264_image_t& to) {
  for (int plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    const std::ptrdiff_t x = part.x >> shift;
    const auto width = static_cast<std::size_t>(part.width >> shift);
    for (std::ptrdiff_t y = part.y >> shift; y < part.bottom() >> shift; ++y) {
      std::memcpy(to.plane[plane] + y * to.i_stride[plane] + x, from.planes[plane] + y * from.strides_bytes[plane] + x,
                  width);
    }
  }
}

struct Close {
  void operator()(x264_t* encoder) const { x264_encoder_close(encoder); }
};
using Encoder = std::unique_ptr<x264_t, Close>;

class X264Session : public EncoderSession {
 public:
  X264Session(const x264_param_t& settings, bool hints)
      : width_px_(settings.i_width),
        height_px_(settings.i_height),
        hints_(hints),
        columns_((settings.i_width + kMacroblock - 1) / kMacroblock),
        rows_((settings.i_height + kMacroblock - 1) / kMacroblock),
        reorder_frames_(settings.i_bframe == 0                             ? 0
                        : settings.i_bframe_pyramid == X264_B_PYRAMID_NONE ? 1
                                                                           : 2),
        unchanged_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_), 0) {}
  ~X264Session() override {
    encoder_.reset();
    if (has_buffer_) x264_picture_clean(&picture_);
  }
  X264Session(const X264Session&) = delete;
  X264Session& operator=(const X264Session&) = delete;

  Status open(x264_param_t settings) {
    settings.pf_log = Complaints::listen;
    settings.p_log_private = &said_;
    settings.i_log_level = X264_LOG_WARNING;
    encoder_.reset(x264_encoder_open(&settings));
    if (!encoder_) return tl::make_unexpected(opening_error(said_.one_line()));
    if (x264_picture_alloc(&picture_, X264_CSP_I420, width_px_, height_px_) < 0) {
      return fail(ErrorCode::resource_exhausted, "libx264: no memory for a picture");
    }
    has_buffer_ = true;
    return read_headers();
  }

  Status load(const YuvView& picture, std::span<const PixelRect> damage) override {
    VIVID_CHECK(picture.width_px == width_px_ && picture.height_px == height_px_);
    for (const PixelRect& part : damage) {
      copy_part(picture, part, picture_.img);
      mark_changed(part);
    }
    return {};
  }

  Status encode(const PictureOrder& order, const CodedSink& sink) override {
    picture_.i_pts = order.time;
    picture_.i_type = type_of(order.kind);
    set_hints(order);
    return send(&picture_, sink);
  }

  Status finish(const CodedSink& sink) override {
    while (x264_encoder_delayed_frames(encoder_.get()) > 0) VIVID_TRY(send(nullptr, sink));
    return {};
  }

  std::span<const std::uint8_t> headers() const override { return headers_; }

  Status describe(AVCodecParameters& to) const override {
    to.codec_type = AVMEDIA_TYPE_VIDEO;
    to.codec_id = AV_CODEC_ID_H264;
    to.format = AV_PIX_FMT_YUV420P;
    to.width = width_px_;
    to.height = height_px_;
    to.sample_aspect_ratio = {1, 1};
    to.field_order = AV_FIELD_PROGRESSIVE;
    to.color_range = AVCOL_RANGE_MPEG;
    to.color_primaries = AVCOL_PRI_BT709;
    to.color_trc = AVCOL_TRC_BT709;
    to.color_space = AVCOL_SPC_BT709;
    to.chroma_location = AVCHROMA_LOC_LEFT;
    to.video_delay = reorder_frames_;
    // The sequence's set comes first: start code, header, profile, constraints, level.
    VIVID_CHECK(headers_.size() > 7);
    to.profile = headers_[5];
    to.level = headers_[7];
    return {};
  }

 private:
  Status read_headers() {
    x264_nal_t* units = nullptr;
    int count = 0;
    if (x264_encoder_headers(encoder_.get(), &units, &count) < 0) {
      return fail(ErrorCode::internal, "libx264: no parameter sets; " + said_.one_line());
    }
    for (const x264_nal_t& unit : std::span(units, static_cast<std::size_t>(count))) {
      // What it says about itself goes before the first picture.
      auto& to = unit.i_type == NAL_SEI ? preface_ : headers_;
      to.insert(to.end(), unit.p_payload, unit.p_payload + unit.i_payload);
    }
    return {};
  }

  void mark_changed(const PixelRect& part) {
    const int right = std::min((part.right() + kMacroblock - 1) / kMacroblock, columns_);
    const int bottom = std::min((part.bottom() + kMacroblock - 1) / kMacroblock, rows_);
    for (int y = part.y / kMacroblock; y < bottom; ++y) {
      const auto row = unchanged_.begin() + std::ptrdiff_t{y} * columns_;
      std::fill(row + part.x / kMacroblock, row + right, std::uint8_t{0});
    }
  }

  // The lists are x264's from here on: it looks at them when it comes to the picture, and frees them.
  void set_hints(const PictureOrder& order) {
    x264_image_properties_t& to = picture_.prop;
    to = {};
    if (!hints_) return;
    if (order.steps_finer != 0) {
      to.quant_offsets = new float[unchanged_.size()];
      to.quant_offsets_free = [](void* list) { delete[] static_cast<float*>(list); };
      std::fill_n(to.quant_offsets, unchanged_.size(), static_cast<float>(-order.steps_finer));
    }
    to.mb_info = new std::uint8_t[unchanged_.size()];
    to.mb_info_free = [](void* list) { delete[] static_cast<std::uint8_t*>(list); };
    std::copy(unchanged_.begin(), unchanged_.end(), to.mb_info);
    std::fill(unchanged_.begin(), unchanged_.end(), std::uint8_t{X264_MBINFO_CONSTANT});
  }

  // Null: there is nothing more to come.
  Status send(x264_picture_t* picture, const CodedSink& sink) {
    x264_picture_t coded;
    x264_nal_t* units = nullptr;
    int count = 0;
    const int size = x264_encoder_encode(encoder_.get(), &units, &count, picture, &coded);
    if (size < 0) return fail(ErrorCode::internal, "libx264: encode a picture; " + said_.one_line());
    if (size == 0) return {};
    // All units of a picture lie one behind the other.
    std::span<const std::uint8_t> bytes(units[0].p_payload, static_cast<std::size_t>(size));
    if (!preface_.empty()) {
      preface_.insert(preface_.end(), bytes.begin(), bytes.end());
      bytes = preface_;
    }
    const Status taken = sink({bytes, coded.i_pts, coded.i_dts, coded.b_keyframe != 0, coded.i_type == X264_TYPE_B});
    preface_.clear();
    return taken;
  }

  int width_px_;
  int height_px_;
  bool hints_;
  int columns_;
  int rows_;
  int reorder_frames_;
  // Of each macroblock, whether it has stayed as it was since the picture that was encoded last.
  std::vector<std::uint8_t> unchanged_;
  Complaints said_;
  x264_picture_t picture_{};
  bool has_buffer_ = false;
  std::vector<std::uint8_t> headers_;
  std::vector<std::uint8_t> preface_;
  Encoder encoder_;
};

}  // namespace

Result<std::unique_ptr<EncoderSession>> open_x264_session(const RenderOptions& options, bool splicing) {
  VIVID_ASSIGN(const x264_param_t settings, x264_settings(options, splicing));
  auto session = std::make_unique<X264Session>(settings, splicing);
  VIVID_TRY(session->open(settings));
  return std::unique_ptr<EncoderSession>(std::move(session));
}

}  // namespace vivid::render
