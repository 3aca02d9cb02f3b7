// A stream that is no good is refused with a reason, and one that is spliced gives a packet for every frame it was
// asked for.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "render/hold/nal.h"
#include "render/hold/splicer.h"

namespace {

using namespace vivid::render;

// What the first bytes say about the timeline: few frames, so that a run ends soon.
constexpr std::size_t kTimelineBytes = 8;

PlannedPicture planned(std::int64_t index, std::uint8_t byte) {
  PlannedPicture picture;
  picture.index = index;
  picture.holds = byte & 15;
  picture.kind = static_cast<PictureKind>((byte >> 4) % 3);
  if ((byte & 0x80) != 0 && picture.kind == PictureKind::independent) picture.repeat_every = HoldPlanner::kShortestGap;
  return picture;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kTimelineBytes) return 0;
  const std::span<const std::uint8_t> timeline(data, kTimelineBytes);
  h264::Bytes header;
  std::vector<h264::Bytes> packets;
  for (const h264::Nal& nal : h264::split_annex_b({data + kTimelineBytes, size - kTimelineBytes})) {
    if (!nal.is_slice() && packets.empty()) {
      append_nal(nal, header);
      continue;
    }
    append_nal(nal, packets.emplace_back());
  }
  for (const SpliceVariant variant : {SpliceVariant::continuous, SpliceVariant::closed}) {
    const auto splicer = Splicer::create(variant, header);
    if (!splicer.has_value()) {
      VIVID_CHECK(splicer.error().code == vivid::ErrorCode::unsupported && !splicer.error().message.empty());
      continue;
    }
    std::int64_t index = 0;
    std::int64_t given = 0;
    const SplicedSink count = [&given](const SplicedPacket& packet) {
      VIVID_CHECK(!packet.bytes.empty() && packet.dts <= packet.pts);
      ++given;
      return vivid::Status{};
    };
    vivid::Status status;
    for (std::size_t i = 0; i < packets.size() && status.has_value(); ++i) {
      const PlannedPicture picture = planned(index, timeline[i % kTimelineBytes]);
      (*splicer)->expect(picture);
      status = (*splicer)->take(packets[i], index, count);
      index = picture.end();
    }
    VIVID_CHECK(!status.has_value() || given == index);
  }
  return 0;
}
