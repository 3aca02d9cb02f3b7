#include "render/encode/held_stream.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace vivid::render {
namespace {

constexpr int kQuantisers = 51;
// Measured on slides: with these a video is at most as large as one whose every frame is encoded, and no worse. Without
// them the encoder, which does not see for how long a picture stays, spends too little on what is looked at for long.
constexpr int kFinest = 8;
constexpr int kPassing = -3;

AVPictureType type_of(PictureKind kind) {
  if (kind == PictureKind::independent) return AV_PICTURE_TYPE_I;
  return kind == PictureKind::referable ? AV_PICTURE_TYPE_P : AV_PICTURE_TYPE_NONE;
}

// By how many steps finer a picture is quantised that is seen for 1 + holds frames.
int worth(std::int64_t holds, bool passing) {
  if (holds == 0) return passing ? kPassing : 0;
  const double doublings = std::log2(1.0 + static_cast<double>(holds));
  return std::min(kFinest, static_cast<int>(std::lround(doublings)));
}

// Encoders take such hints from regions of interest.
void set_worth(AVFrame& frame, std::int64_t holds, bool passing) {
  av_frame_remove_side_data(&frame, AV_FRAME_DATA_REGIONS_OF_INTEREST);
  const int finer = worth(holds, passing);
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

HeldStream::HeldStream(std::unique_ptr<Splicer> splicer, HoldPlanner planner)
    : splicer_(std::move(splicer)), planner_(planner) {}

Result<std::unique_ptr<HeldStream>> HeldStream::create(const AVCodecContext& codec, SpliceVariant variant,
                                                       std::int64_t longest_gap) {
  const std::span<const std::uint8_t> header(codec.extradata, static_cast<std::size_t>(codec.extradata_size));
  VIVID_ASSIGN(auto splicer, Splicer::create(variant, header));
  const HoldPlanner planner(variant, std::clamp(longest_gap, std::int64_t{2}, splicer->longest_gap()),
                            splicer->by_distance());
  return std::unique_ptr<HeldStream>(new HeldStream(std::move(splicer), planner));
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
  set_worth(frame, picture.holds, passing_);
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
