#include "render/encode/aac_segments.h"

#include <algorithm>
#include <deque>
#include <future>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/check.h"
#include "render/encode/aac_encoder.h"
#include "render/encode/aac_frame.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kFrameSamples = 1024;
// The running start: long enough for an encoder to forget that it began with silence.
constexpr std::int64_t kLeadFrames = 48;
// What an encoder is shown of the segment after its own, because it looks ahead.
constexpr std::int64_t kTailFrames = 3;
// How far before the end of a segment the next one may take over.
constexpr std::int64_t kOverlapFrames = 24;

// Packet 0 is the encoder's priming; packet n covers frames n - 1 and n.
struct Segment {
  std::int64_t first_frame = 0;  // of what it is shown
  std::int64_t end_packet = 0;   // where the next segment takes over at the latest
  bool is_last = false;
  int channels = 1;
  std::vector<float> samples;
  Status outcome;
  std::vector<av::Packet> packets;  // from packet first_frame on

  const AVPacket& packet(std::int64_t number) const { return *packets[static_cast<std::size_t>(number - first_frame)]; }
  std::int64_t end() const { return first_frame + static_cast<std::int64_t>(packets.size()); }
  std::optional<AacSlope> ending(std::int64_t number) const {
    const AVPacket& at = packet(number);
    return ending_slope({at.data, static_cast<std::size_t>(at.size)});
  }
};

Status encode_samples(Segment& segment) {
  VIVID_ASSIGN(const auto encoder, AacEncoder::open(segment.channels));
  const PacketSink keep = [&segment](AVPacket& packet) -> Status {
    av::Packet kept = av::make_packet();
    const int referenced = av_packet_ref(kept.get(), &packet);
    if (referenced < 0) return tl::make_unexpected(av::error(referenced, "keep the sound"));
    kept->pts += segment.first_frame * kFrameSamples;
    kept->dts = kept->pts;
    segment.packets.push_back(std::move(kept));
    return {};
  };
  VIVID_TRY(encoder->encode(segment.samples, keep));
  if (segment.is_last) return encoder->finish(keep);
  VIVID_TRY(encoder->finish([](AVPacket&) -> Status { return {}; }));
  if (segment.end() < segment.end_packet) return fail(ErrorCode::internal, "the AAC encoder keeps packets back");
  return {};
}

std::unique_ptr<Segment> encoded(std::unique_ptr<Segment> segment) {
  segment->outcome = encode_samples(*segment);
  segment->samples = {};
  return segment;
}

// The packet from which `next` takes over: the latest before which both go on alike. They hear the same, so they come
// to the same windows; were there no such place, the wave would be bent for a fiftieth of a second.
std::int64_t joint_of(const Segment& before, const Segment& next) {
  const std::int64_t last = before.end_packet;
  for (std::int64_t number = last; number > last - kOverlapFrames; --number) {
    const auto ending = before.ending(number - 1);
    if (ending && ending == next.ending(number - 1)) return number;
  }
  return last;
}

}  // namespace

struct AacSegments::State {
  std::unique_ptr<AacEncoder> first;  // says what all of them make
  int channels = 1;
  std::size_t threads = 1;
  std::vector<float> heard;       // from first_frame on
  std::int64_t first_frame = 0;   // of `heard`
  std::int64_t next_segment = 0;  // first frame of the one that is gathered
  std::deque<std::future<std::unique_ptr<Segment>>> working;
  std::unique_ptr<Segment> before;  // handed over up to `handed_over`
  std::int64_t handed_over = 0;

  std::size_t in_samples(std::int64_t frames) const {
    return static_cast<std::size_t>(frames * kFrameSamples * channels);
  }

  std::size_t wanted() const { return in_samples(next_segment + kSegmentFrames + kTailFrames - first_frame); }

  Status start(bool is_last, const PacketSink& sink) {
    auto segment = std::make_unique<Segment>();
    segment->first_frame = first_frame;
    segment->end_packet = next_segment + kSegmentFrames;
    segment->is_last = is_last;
    segment->channels = channels;
    if (is_last) {
      segment->samples = std::move(heard);
    } else {
      const auto end = heard.begin() + static_cast<std::ptrdiff_t>(wanted());
      segment->samples.assign(heard.begin(), end);
      next_segment += kSegmentFrames;
      const std::int64_t kept_from = next_segment - kLeadFrames;
      heard.erase(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(in_samples(kept_from - first_frame)));
      first_frame = kept_from;
    }
    try {
      working.push_back(std::async(std::launch::async, &encoded, std::move(segment)));
    } catch (const std::system_error&) {
      return fail(ErrorCode::resource_exhausted, "no thread to encode the sound");
    }
    while (working.size() > (is_last ? 0 : threads)) VIVID_TRY(take_next(sink));
    return {};
  }

  Status take_next(const PacketSink& sink) {
    std::unique_ptr<Segment> next = working.front().get();
    working.pop_front();
    VIVID_TRY(next->outcome);
    if (before != nullptr) {
      const std::int64_t joint = joint_of(*before, *next);
      VIVID_TRY(hand_over_until(joint, sink));
    }
    before = std::move(next);
    const std::int64_t sure = before->is_last ? before->end() : before->end_packet - kOverlapFrames;
    return hand_over_until(sure, sink);
  }

  Status hand_over_until(std::int64_t end, const PacketSink& sink) {
    for (; handed_over < end; ++handed_over) {
      VIVID_TRY(sink(*before->packets[static_cast<std::size_t>(handed_over - before->first_frame)]));
    }
    return {};
  }
};

AacSegments::AacSegments(std::unique_ptr<State> state) : state_(std::move(state)) {}
AacSegments::~AacSegments() = default;

Result<std::unique_ptr<AacSegments>> AacSegments::open(int channels, int threads) {
  VIVID_CHECK(threads >= 1);
  auto state = std::make_unique<State>();
  VIVID_ASSIGN(state->first, AacEncoder::open(channels));
  state->channels = channels;
  state->threads = static_cast<std::size_t>(threads);
  return std::unique_ptr<AacSegments>(new AacSegments(std::move(state)));
}

Status AacSegments::encode(std::span<const float> interleaved, const PacketSink& sink) {
  state_->heard.insert(state_->heard.end(), interleaved.begin(), interleaved.end());
  // The last segment ends with the sound: there has to be something beyond the others.
  while (state_->heard.size() > state_->wanted()) VIVID_TRY(state_->start(false, sink));
  return {};
}

Status AacSegments::finish(const PacketSink& sink) { return state_->start(true, sink); }

Status AacSegments::describe(AVCodecParameters& parameters) const { return state_->first->describe(parameters); }

}  // namespace vivid::render
