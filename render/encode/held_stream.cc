#include "render/encode/held_stream.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace vivid::render {
namespace {

constexpr int kQuantisers = 51;

AVPictureType type_of(PictureKind kind) {
  if (kind == PictureKind::independent) return AV_PICTURE_TYPE_I;
  return kind == PictureKind::referable ? AV_PICTURE_TYPE_P : AV_PICTURE_TYPE_NONE;
}

// By how many steps finer a picture is quantised that is seen for 1 + holds frames.
int steps_finer(const Worth& worth, std::int64_t holds, bool passing) {
  if (holds == 0) return passing ? -worth.passing : 0;
  const double doublings = std::log2(1.0 + static_cast<double>(holds));
  return std::min(worth.finest, static_cast<int>(std::lround(worth.steps_per_doubling * doublings)));
}

// Encoders take such hints from regions of interest.
void refine(AVFrame& frame, int finer) {
  av_frame_remove_side_data(&frame, AV_FRAME_DATA_REGIONS_OF_INTEREST);
  if (finer == 0) return;
  AVFrameSideData* data = av_frame_new_side_data(&frame, AV_FRAME_DATA_REGIONS_OF_INTEREST, sizeof(AVRegionOfInterest));
  VIVID_CHECK(data != nullptr);
  AVRegionOfInterest region{};
  region.self_size = sizeof(region);
  region.bottom = frame.height;
  region.right = frame.width;
  region.qoffset = {-finer, kQuantisers};
  std::memcpy(data->data, &region, sizeof(region));
}

}  // namespace

HeldStream::HeldStream(std::unique_ptr<Splicer> splicer, HoldPlanner planner, const Worth& worth)
    : splicer_(std::move(splicer)), planner_(planner), worth_(worth) {}

Result<std::unique_ptr<HeldStream>> HeldStream::create(const AVCodecContext& codec, SpliceVariant variant,
                                                       std::int64_t longest_gap, const Worth& worth) {
  const std::span<const std::uint8_t> header(codec.extradata, static_cast<std::size_t>(codec.extradata_size));
  VIVID_ASSIGN(auto splicer, Splicer::create(variant, header));
  const HoldPlanner planner(variant, std::clamp(longest_gap, HoldPlanner::kShortestGap, splicer->longest_gap()),
                            splicer->by_distance());
  return std::unique_ptr<HeldStream>(new HeldStream(std::move(splicer), planner, worth));
}

void HeldStream::begin(std::int64_t index, bool passing) {
  passing_ = passing;
  VIVID_CHECK(!index_.has_value());
  index_ = index;
  holds_ = 0;
}

void HeldStream::prepare(AVFrame& frame) {
  VIVID_CHECK(index_.has_value());
  const PlannedPicture picture = planner_.plan(*index_, holds_);
  index_.reset();
  // The encoder takes what it is shown for a video of its own without a pause: by true times it would coarsen the
  // pictures that follow one another quickly for the sake of those that stay, twice.
  frame.pts = encoded_++;
  shown_[frame.pts] = picture.index;
  frame.pict_type = type_of(picture.kind);
  refine(frame, steps_finer(worth_, picture.holds, passing_));
  splicer_->expect(picture);
}

Status HeldStream::take(const AVPacket& packet, const PacketSink& sink) {
  const std::span<const std::uint8_t> bytes(packet.data, static_cast<std::size_t>(packet.size));
  const auto shown = shown_.extract(packet.pts);
  VIVID_CHECK(!shown.empty());
  const std::int64_t index = shown.mapped();
  return splicer_->take(bytes, index, [this, &sink](const SplicedPacket& spliced) -> Status {
    const int allocated = av_new_packet(packet_.get(), static_cast<int>(spliced.bytes.size()));
    if (allocated < 0) return tl::make_unexpected(av::error(allocated, "hold a picture"));
    std::memcpy(packet_->data, spliced.bytes.data(), spliced.bytes.size());
    packet_->pts = spliced.pts;
    packet_->dts = spliced.dts;
    packet_->duration = 1;
    packet_->flags = (spliced.sync ? AV_PKT_FLAG_KEY : 0) | (spliced.disposable ? AV_PKT_FLAG_DISPOSABLE : 0);
    Status taken = sink(*packet_);
    av_packet_unref(packet_.get());
    return taken;
  });
}

}  // namespace vivid::render
