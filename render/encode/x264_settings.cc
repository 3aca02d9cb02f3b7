#include "render/encode/x264_settings.h"

#include <string>

namespace vivid::render {
namespace {

Status check_preset(const std::string& preset) {
  std::string allowed;
  for (const char* const* name = x264_preset_names; *name != nullptr; ++name) {
    if (preset == *name) return {};
    allowed += (allowed.empty() ? "" : ", ") + std::string(*name);
  }
  return fail(ErrorCode::invalid_input, "preset is '" + preset + "', allowed: " + allowed);
}

void describe_picture(const RenderOptions& options, x264_param_t& to) {
  to.i_csp = X264_CSP_I420;
  to.i_width = options.width_px;
  to.i_height = options.height_px;
  to.i_fps_num = static_cast<std::uint32_t>(options.frames_per_second);
  to.i_fps_den = 1;
  to.i_timebase_num = 1;
  to.i_timebase_den = static_cast<std::uint32_t>(options.frames_per_second);
  to.b_vfr_input = 0;
  to.vui.i_sar_width = 1;
  to.vui.i_sar_height = 1;
  to.vui.i_colorprim = 1;  // BT.709
  to.vui.i_transfer = 1;
  to.vui.i_colmatrix = 1;
  to.vui.b_fullrange = 0;
  to.vui.i_chroma_loc = 0;  // left
}

// Places to start are where they are asked for. No B picture is a reference and no motion is derived from the distance
// between pictures, so that held stretches may lie between them.
void prepare_for_splicing(x264_param_t& to) {
  to.i_keyint_max = X264_KEYINT_MAX_INFINITE;
  to.i_bframe_pyramid = X264_B_PYRAMID_NONE;
  to.analyse.i_direct_mv_pred = X264_DIRECT_PRED_SPATIAL;
  to.analyse.b_weighted_bipred = 0;
  // Hints on single pictures go through adaptive quantisation, which the fastest preset does without.
  if (to.rc.i_aq_mode == X264_AQ_NONE) {
    to.rc.i_aq_mode = X264_AQ_VARIANCE;
    to.rc.f_aq_strength = 1e-4F;
  }
  to.analyse.b_mb_info = 1;
}

}  // namespace

Result<x264_param_t> x264_settings(const RenderOptions& options, bool splicing) {
  VIVID_TRY(check_preset(options.preset));
  x264_param_t to;
  x264_param_default_preset(&to, options.preset.c_str(), nullptr);
  describe_picture(options, to);
  to.i_threads = options.encoder_threads;
  to.rc.i_rc_method = X264_RC_CRF;
  to.rc.f_rf_constant = static_cast<float>(options.crf);
  to.i_keyint_max = options.keyframe_seconds * options.frames_per_second;
  to.b_open_gop = 0;
  // Parameter sets go into the MP4's sample description.
  to.b_repeat_headers = 0;
  to.b_annexb = 1;
  if (splicing) prepare_for_splicing(to);
  // Lossless coding does not exist in the High profile: x264 then chooses High 4:4:4 Predictive by itself.
  if (options.crf > 0) x264_param_apply_profile(&to, "high");
  return to;
}

}  // namespace vivid::render
