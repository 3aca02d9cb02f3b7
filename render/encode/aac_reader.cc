#include "render/encode/aac_reader.h"

#include <string>
#include <utility>

#include "render/encode/av.h"
#include "render/encode/demuxer.h"

namespace vivid::render {
namespace {

// Of AAC-LC; its encoder primes with as many.
constexpr int kFrameSamples = 1024;

}  // namespace

struct AacReader::State {
  std::string name;
  av::Demuxer demuxer;
  AVStream* stream = nullptr;
  av::Packet packet = av::make_packet();
  std::int64_t position = 0;
};

AacReader::AacReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
AacReader::~AacReader() = default;

Result<std::unique_ptr<AacReader>> AacReader::open(const std::filesystem::path& m4a) {
  auto state = std::make_unique<State>();
  state->name = m4a.filename().string();
  VIVID_ASSIGN(state->demuxer, av::open_demuxer(m4a, "mov"));
  const int index = av_find_best_stream(state->demuxer.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (index >= 0) state->stream = state->demuxer->streams[index];
  const bool fits = state->stream != nullptr && state->stream->codecpar->codec_id == AV_CODEC_ID_AAC &&
                    state->stream->codecpar->sample_rate == kSampleRateHz &&
                    av_cmp_q(state->stream->time_base, {1, kSampleRateHz}) == 0;
  if (!fits) return fail(ErrorCode::data_corrupt, m4a.string() + " holds no AAC at 48 kHz");
  return std::unique_ptr<AacReader>(new AacReader(std::move(state)));
}

Status AacReader::describe(AVCodecParameters& parameters) const {
  const int copied = avcodec_parameters_copy(&parameters, state_->stream->codecpar);
  if (copied < 0) return tl::make_unexpected(av::error(copied, "describe the audio stream"));
  // The other file's muxer has its own tag, and wants to know what the demuxer does not say.
  parameters.codec_tag = 0;
  parameters.frame_size = kFrameSamples;
  parameters.initial_padding = kFrameSamples;
  return {};
}

std::int64_t AacReader::samples() const { return state_->stream->duration; }
std::int64_t AacReader::position() const { return state_->position; }

Result<bool> AacReader::next(const PacketSink& sink) {
  AVPacket& packet = *state_->packet;
  for (;;) {
    const int read = av_read_frame(state_->demuxer.get(), &packet);
    if (read == AVERROR_EOF) return false;
    if (read < 0) return tl::make_unexpected(av::error(read, "read " + state_->name));
    if (packet.stream_index == state_->stream->index) break;
    av_packet_unref(&packet);  // a chapter's title
  }
  state_->position = packet.pts + packet.duration;
  const Status taken = sink(packet);
  av_packet_unref(&packet);
  VIVID_TRY(taken);
  return true;
}

}  // namespace vivid::render
