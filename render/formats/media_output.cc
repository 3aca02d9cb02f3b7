#include "render/formats/media_output.h"

#include <span>

#include "base/check.h"

namespace vivid::render {
namespace {

constexpr int kAacFrameSamples = 1024;

}  // namespace

Result<std::unique_ptr<MediaOutput>> MediaOutput::create(const char* muxer, const std::filesystem::path& path) {
  std::unique_ptr<MediaOutput> output(new MediaOutput(path));
  AVFormatContext* context = nullptr;
  const int allocated = avformat_alloc_output_context2(&context, nullptr, muxer, output->file_.path().c_str());
  if (allocated < 0) return fail(ErrorCode::unsupported, std::string("FFmpeg was built without its muxer ") + muxer);
  output->muxer_.reset(context);
  context->flags |= AVFMT_FLAG_BITEXACT;  // neither dates nor library versions
  const int opened = avio_open(&context->pb, output->file_.path().c_str(), AVIO_FLAG_WRITE);
  if (opened < 0) return tl::make_unexpected(av::error(opened, "create " + output->name_));
  return output;
}

Result<AVStream*> MediaOutput::add(const AVCodecParameters& parameters, AVRational time_base) {
  AVStream* stream = avformat_new_stream(muxer_.get(), nullptr);
  VIVID_CHECK(stream != nullptr);
  const int copied = avcodec_parameters_copy(stream->codecpar, &parameters);
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe a track of " + name_));
  AVCodecParameters& described = *stream->codecpar;
  described.codec_tag = 0;  // the container's own
  // Files do not say it, muxers ask for it.
  if (described.codec_id == AV_CODEC_ID_AAC && described.frame_size == 0) described.frame_size = kAacFrameSamples;
  stream->time_base = time_base;
  return stream;
}

// The list and its entries belong to the muxer from here on.
void MediaOutput::copy_chapters(const AVFormatContext& from) {
  if (from.nb_chapters == 0) return;
  AVFormatContext& to = *muxer_;
  to.chapters = static_cast<AVChapter**>(av_calloc(from.nb_chapters, sizeof(AVChapter*)));
  VIVID_CHECK(to.chapters != nullptr);
  for (const AVChapter* source : std::span(from.chapters, from.nb_chapters)) {
    auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    VIVID_CHECK(chapter != nullptr);
    chapter->id = source->id;
    chapter->time_base = source->time_base;
    chapter->start = source->start;
    chapter->end = source->end;
    av_dict_copy(&chapter->metadata, source->metadata, 0);
    to.chapters[to.nb_chapters++] = chapter;
  }
}

Status MediaOutput::begin(av::Dictionary& settings) {
  const int begun = avformat_write_header(muxer_.get(), settings.address());
  if (begun < 0) return tl::make_unexpected(av::error(begun, "begin " + name_));
  if (settings.left_over() != nullptr) {
    return fail(ErrorCode::unsupported, name_ + ": this FFmpeg does not know " + settings.left_over());
  }
  return {};
}

Status MediaOutput::write(const AVPacket& packet, const AVStream& stream, AVRational time_base) {
  const int referenced = av_packet_ref(packet_.get(), &packet);
  if (referenced < 0) return tl::make_unexpected(av::error(referenced, "write " + name_));
  packet_->stream_index = stream.index;
  packet_->pos = -1;
  av_packet_rescale_ts(packet_.get(), time_base, stream.time_base);
  const int written = av_write_frame(muxer_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (written < 0) return tl::make_unexpected(av::error(written, "write " + name_));
  return {};
}

Status MediaOutput::end_fragment() {
  const int written = av_write_frame(muxer_.get(), nullptr);
  if (written < 0) return tl::make_unexpected(av::error(written, "write " + name_));
  return {};
}

Status MediaOutput::finish() {
  const int ended = av_write_trailer(muxer_.get());
  if (ended < 0) return tl::make_unexpected(av::error(ended, "finish " + name_));
  const int closed = avio_closep(&muxer_->pb);
  if (closed < 0) return tl::make_unexpected(av::error(closed, "close " + name_));
  return {};
}

}  // namespace vivid::render
