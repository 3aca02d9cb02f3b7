#include "tests/support/nvidia/picture_encoder.h"

extern "C" {
#include <x264.h>
}

#include <algorithm>

namespace vivid::stand_in {
namespace {

// x264 names itself in a message to decoders (payload type 5), which no GPU does.
bool is_name(const x264_nal_t& nal) {
  constexpr int kPayloadType = 5;
  const int header = nal.b_long_startcode != 0 ? 5 : 4;
  return nal.i_type == NAL_SEI && nal.i_payload > header && nal.p_payload[header] == kPayloadType;
}

void append(const x264_nal_t* nals, int count, std::vector<std::uint8_t>& bytes) {
  for (int i = 0; i < count; ++i) {
    if (!is_name(nals[i])) bytes.insert(bytes.end(), nals[i].p_payload, nals[i].p_payload + nals[i].i_payload);
  }
}

void describe(const EncoderSetup& setup, x264_param_t& param) {
  param.i_width = setup.width;
  param.i_height = setup.height;
  param.i_fps_num = static_cast<std::uint32_t>(setup.rate_num);
  param.i_fps_den = static_cast<std::uint32_t>(setup.rate_den);
  param.i_csp = X264_CSP_I420;
  param.vui.b_fullrange = setup.full_range ? 1 : 0;
  param.vui.i_colorprim = setup.primaries;
  param.vui.i_transfer = setup.transfer;
  param.vui.i_colmatrix = setup.matrix;
  param.b_pic_struct = setup.picture_timing ? 1 : 0;
  param.b_aud = setup.delimiters ? 1 : 0;
}

}  // namespace

struct PictureEncoder::State {
  x264_param_t param{};
  x264_t* encoder = nullptr;
  std::vector<std::uint8_t> interleaved_u, interleaved_v;

  ~State() {
    if (encoder != nullptr) x264_encoder_close(encoder);
  }

  void split(const Picture& picture) {
    const int width = param.i_width / 2, height = param.i_height / 2;
    interleaved_u.resize(static_cast<std::size_t>(width) * height);
    interleaved_v.resize(interleaved_u.size());
    for (int row = 0; row < height; ++row) {
      const std::uint8_t* from = picture.uv + static_cast<std::ptrdiff_t>(row) * picture.c_pitch;
      const std::size_t to = static_cast<std::size_t>(row) * width;
      for (int column = 0; column < width; ++column) {
        interleaved_u[to + column] = from[2 * column];
        interleaved_v[to + column] = from[2 * column + 1];
      }
    }
  }

  std::optional<Coded> run(x264_picture_t* in) {
    x264_nal_t* nals = nullptr;
    int count = 0;
    x264_picture_t out;
    const int size = x264_encoder_encode(encoder, &nals, &count, in, &out);
    if (size <= 0) return std::nullopt;
    Coded coded;
    append(nals, count, coded.bytes);
    coded.time = static_cast<std::uint64_t>(out.i_pts);
    coded.quantiser = out.i_qpplus1 - 1;
    coded.type = out.i_type == X264_TYPE_IDR ? Coded::Type::idr
                 : out.i_type == X264_TYPE_I ? Coded::Type::i
                 : out.i_type == X264_TYPE_B ? Coded::Type::b
                                             : Coded::Type::p;
    return coded;
  }
};

PictureEncoder::PictureEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
PictureEncoder::~PictureEncoder() = default;

std::unique_ptr<PictureEncoder> PictureEncoder::open(const EncoderSetup& setup) {
  auto state = std::make_unique<State>();
  x264_param_t& param = state->param;
  x264_param_default_preset(&param, "veryfast", nullptr);
  param.i_log_level = X264_LOG_NONE;
  describe(setup, param);
  param.i_threads = 1;
  param.i_lookahead_threads = 1;
  param.i_sync_lookahead = 0;
  param.rc.i_lookahead = setup.look_ahead;
  param.rc.i_aq_mode = setup.adaptive ? X264_AQ_VARIANCE : X264_AQ_NONE;
  param.rc.b_mb_tree = setup.look_ahead > 0 ? 1 : 0;
  param.i_bframe = setup.b_frames;
  param.i_bframe_adaptive = X264_B_ADAPT_NONE;
  param.i_bframe_pyramid = X264_B_PYRAMID_NONE;
  param.analyse.i_weighted_pred = X264_WEIGHTP_NONE;
  param.i_scenecut_threshold = 0;
  param.b_open_gop = 0;
  param.i_keyint_max = setup.gop_length > 0 ? setup.gop_length : X264_KEYINT_MAX_INFINITE;
  param.i_keyint_min = 1;
  param.rc.i_rc_method = setup.lossless ? X264_RC_CQP : X264_RC_CRF;
  param.rc.i_qp_constant = 0;
  param.rc.f_rf_constant = static_cast<float>(std::clamp(setup.quality, 1, 51));
  param.b_repeat_headers = setup.repeat_headers ? 1 : 0;
  param.b_annexb = 1;
  param.b_vfr_input = 0;
  if (!setup.lossless) x264_param_apply_profile(&param, "high");
  state->encoder = x264_encoder_open(&param);
  if (state->encoder == nullptr) return nullptr;
  return std::unique_ptr<PictureEncoder>(new PictureEncoder(std::move(state)));
}

std::optional<Coded> PictureEncoder::encode(const Picture& picture, std::uint64_t time, bool force_idr,
                                            bool force_intra) {
  x264_picture_t in;
  x264_picture_init(&in);
  in.i_pts = static_cast<std::int64_t>(time);
  in.i_type = force_idr ? X264_TYPE_IDR : force_intra ? X264_TYPE_I : X264_TYPE_AUTO;
  in.img.i_csp = X264_CSP_I420;
  in.img.i_plane = 3;
  const std::uint8_t* u = picture.u;
  const std::uint8_t* v = picture.v;
  int c_pitch = picture.c_pitch;
  if (picture.uv != nullptr) {
    state_->split(picture);
    u = state_->interleaved_u.data();
    v = state_->interleaved_v.data();
    c_pitch = state_->param.i_width / 2;
  }
  in.img.plane[0] = const_cast<std::uint8_t*>(picture.y);
  in.img.plane[1] = const_cast<std::uint8_t*>(u);
  in.img.plane[2] = const_cast<std::uint8_t*>(v);
  in.img.i_stride[0] = picture.y_pitch;
  in.img.i_stride[1] = in.img.i_stride[2] = c_pitch;
  return state_->run(&in);
}

std::optional<Coded> PictureEncoder::flush() {
  while (x264_encoder_delayed_frames(state_->encoder) > 0) {
    if (auto coded = state_->run(nullptr)) return coded;
  }
  return std::nullopt;
}

std::vector<std::uint8_t> PictureEncoder::headers() const {
  x264_nal_t* nals = nullptr;
  int count = 0;
  std::vector<std::uint8_t> bytes;
  if (x264_encoder_headers(state_->encoder, &nals, &count) > 0) append(nals, count, bytes);
  return bytes;
}

}  // namespace vivid::stand_in
