#include "render/formats/media_input.h"

namespace vivid::render {

Result<MediaInput> MediaInput::open(const std::filesystem::path& path, AVMediaType type) {
  const std::string name = path.filename().string();
  AVFormatContext* context = nullptr;
  const int opened = avformat_open_input(&context, path.c_str(), nullptr, nullptr);
  if (opened < 0) return tl::make_unexpected(av::error(opened, "read " + name));
  std::unique_ptr<AVFormatContext, CloseInput> input(context);
  int track = -1;
  for (unsigned i = 0; i < input->nb_streams; ++i) {
    AVStream& stream = *input->streams[i];
    if (track < 0 && stream.codecpar->codec_type == type) {
      track = static_cast<int>(i);
    } else {
      stream.discard = AVDISCARD_ALL;
    }
  }
  if (track < 0) {
    return fail(ErrorCode::not_found, name + " has no " + av_get_media_type_string(type) + " track");
  }
  return MediaInput(std::move(input), track, name);
}

Result<bool> MediaInput::read(AVPacket& packet) {
  for (;;) {
    av_packet_unref(&packet);
    const int got = av_read_frame(input_.get(), &packet);
    if (got == AVERROR_EOF) return false;
    if (got < 0) return tl::make_unexpected(av::error(got, "read " + name_));
    if (packet.stream_index == track_) return true;
  }
}

}  // namespace vivid::render
