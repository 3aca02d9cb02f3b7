#include <unistd.h>

#include <fstream>

#include "reference.h"
#include "render/encode/av.h"

namespace vivid::bench {
namespace {

namespace fs = std::filesystem;
namespace av = render::av;

av::Codec open_encoder(const Settings& settings) {
  const AVCodec* encoder = avcodec_find_encoder_by_name("libx264");
  if (encoder == nullptr) give_up("this FFmpeg has no libx264");
  av::Codec codec(avcodec_alloc_context3(encoder));
  codec->width = settings.width_px;
  codec->height = settings.height_px;
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->time_base = {1, settings.frames_per_second};
  codec->framerate = {settings.frames_per_second, 1};
  codec->gop_size = settings.longest_gap();
  codec->thread_count = settings.threads;
  codec->colorspace = AVCOL_SPC_BT709;
  codec->color_primaries = AVCOL_PRI_BT709;
  codec->color_trc = AVCOL_TRC_BT709;
  codec->color_range = AVCOL_RANGE_MPEG;
  av::Dictionary options;
  options.set("preset", settings.preset.c_str());
  options.set("crf", std::to_string(settings.crf).c_str());
  options.set("profile", "high");
  if (avcodec_open2(codec.get(), encoder, options.address()) < 0) give_up("libx264 cannot be opened");
  return codec;
}

class Output {
 public:
  Output(AVCodecContext& codec, const fs::path& path) : codec_(codec), file_(path, std::ios::binary) {}

  void encode(AVFrame* frame) {
    if (avcodec_send_frame(&codec_, frame) < 0) give_up("libx264 does not take a frame");
    while (avcodec_receive_packet(&codec_, packet_.get()) >= 0) {
      file_.write(reinterpret_cast<const char*>(packet_->data), packet_->size);
      av_packet_unref(packet_.get());
    }
    if (!file_) give_up("cannot write what libx264 made");
  }

 private:
  AVCodecContext& codec_;
  std::ofstream file_;
  av::Packet packet_ = av::make_packet();
};

void read_picture(std::ifstream& file, AVFrame& frame) {
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? frame.width : frame.width / 2;
    const int height = plane == 0 ? frame.height : frame.height / 2;
    for (int y = 0; y < height; ++y) {
      file.read(reinterpret_cast<char*>(frame.data[plane]) + std::ptrdiff_t{y} * frame.linesize[plane], width);
    }
  }
  if (!file) give_up("the composition is too short");
}

}  // namespace

void encode_reference(const Settings& settings, const fs::path& folder, const fs::path& output_path) {
  const av::Codec codec = open_encoder(settings);
  std::ifstream pictures(folder / "frames.yuv", std::ios::binary);
  Output output(*codec, output_path);
  const av::Frame frame = av::make_frame();
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = settings.width_px;
  frame->height = settings.height_px;
  if (av_frame_get_buffer(frame.get(), 0) < 0) give_up("no memory for a picture");
  frame->pts = 0;
  for (const std::int64_t count : load_reference(folder)) {
    if (av_frame_make_writable(frame.get()) < 0) give_up("no memory for a picture");
    read_picture(pictures, *frame);
    for (std::int64_t i = 0; i < count; ++i, ++frame->pts) output.encode(frame.get());
  }
  output.encode(nullptr);
}

}  // namespace vivid::bench
