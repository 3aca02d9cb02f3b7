#include "render/encode/encoder_settings.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "render/encode/av_log.h"
#include "render/encode/nvenc_settings.h"
#include "render/encode/opening_error.h"

namespace vivid::render {
namespace {

void describe_picture(const RenderOptions& options, AVCodecContext& codec) {
  codec.width = options.width_px;
  codec.height = options.height_px;
  codec.pix_fmt = AV_PIX_FMT_YUV420P;
  codec.time_base = {1, options.frames_per_second};
  codec.framerate = {options.frames_per_second, 1};
  codec.sample_aspect_ratio = {1, 1};
  codec.gop_size = options.keyframe_seconds * options.frames_per_second;
  codec.thread_count = options.encoder_threads;
  // Parameter sets go into the MP4's sample description.
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_CLOSED_GOP;
  codec.color_primaries = AVCOL_PRI_BT709;
  codec.color_trc = AVCOL_TRC_BT709;
  codec.colorspace = AVCOL_SPC_BT709;
  codec.color_range = AVCOL_RANGE_MPEG;
  codec.chroma_sample_location = AVCHROMA_LOC_LEFT;
}

Error opening_error(int number, const EncoderKind& kind, const std::vector<std::string>& said) {
  std::string lines;
  for (const std::string& line : said) lines += (lines.empty() ? "" : "; ") + line;
  const ErrorCode code = opening_error_code(kind, number, lines);
  if (lines.empty()) lines = av::error(number, "cannot be opened").message;
  return Error{code, std::string(kind.name) + ": " + lines};
}

}  // namespace

Result<av::Codec> open_codec(const EncoderKind& kind, const RenderOptions& options, bool splicing) {
  const AvLogCapture said;
  const std::string name(kind.name);
  const AVCodec* encoder = avcodec_find_encoder_by_name(name.c_str());
  if (encoder == nullptr) return fail(ErrorCode::unsupported, name + ": FFmpeg was built without it");
  av::Codec codec(avcodec_alloc_context3(encoder));
  VIVID_CHECK(codec != nullptr);
  describe_picture(options, *codec);
  av::Dictionary settings;
  set_nvenc_options(kind.name, options, splicing, *codec, settings);
  const int opened = avcodec_open2(codec.get(), encoder, settings.address());
  if (opened < 0) return tl::make_unexpected(opening_error(opened, kind, said.lines()));
  if (settings.left_over() != nullptr) {
    return fail(ErrorCode::unsupported, name + ": this FFmpeg does not know its option " + settings.left_over());
  }
  return codec;
}

Worth worth_of_held(const RenderOptions& options) {
  // Shown every frame, the slower presets look forty of them ahead, this one ten, and what it finds is worth less.
  return options.preset == "veryfast" ? Worth{1.5, 12, 4} : Worth{2.0, 16, 5};
}

Result<av::Frame> make_picture(const RenderOptions& options) {
  av::Frame frame = av::make_frame();
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = options.width_px;
  frame->height = options.height_px;
  frame->color_primaries = AVCOL_PRI_BT709;
  frame->color_trc = AVCOL_TRC_BT709;
  frame->colorspace = AVCOL_SPC_BT709;
  frame->color_range = AVCOL_RANGE_MPEG;
  frame->chroma_location = AVCHROMA_LOC_LEFT;
  const int allocated = av_frame_get_buffer(frame.get(), 0);
  if (allocated < 0) return tl::make_unexpected(av::error(allocated, "allocate a picture"));
  return frame;
}

}  // namespace vivid::render
