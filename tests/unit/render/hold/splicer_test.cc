#include "render/hold/splicer.h"

#include <gtest/gtest.h>

#include "render/hold/nal.h"
#include "tests/unit/render/hold/clip.h"

namespace vivid::render::testing_support {
namespace {

const std::vector<std::int64_t> kTimeline{0, 0, 0, 5, 0, 0,  0, 0, 3, 0,  0,  0, 120,
                                          0, 0, 0, 0, 0, 45, 0, 0, 0, 10, 50, 3};

TEST(Splicer, HeldFramesAreTheOneBeforeAndTheOthersTheEncoders) {
  for (const SpliceVariant variant : {SpliceVariant::continuous, SpliceVariant::closed}) {
    for (const char* params :
         {"bframes=0", "bframes=3:weightb=0", "bframes=3:ref=1:weightb=1", "bframes=0:cabac=0",
          "bframes=3:cabac=0:ref=1", "ref=4:bframes=2:weightp=2:weightb=0", "pic-struct=1:bframes=0",
          "slices=3:bframes=2:weightb=0", "aud=1:bframes=1:weightb=0", "bframes=0:scenecut=0"}) {
      ClipSettings settings;
      settings.x264_params = params;
      settings.variant = variant;
      const auto clip = make_clip(settings, kTimeline);
      ASSERT_TRUE(clip.has_value()) << params << ": " << clip.error().describe();
      EXPECT_EQ(find_fault(settings, *clip), "") << params << " variant " << static_cast<int>(variant);
    }
  }
}

std::vector<Bytes> units_of(const Bytes& stream) {
  std::vector<Bytes> units;
  for (const h264::Nal& nal : h264::split_annex_b(stream)) units.emplace_back(nal.bytes.begin(), nal.bytes.end());
  return units;
}

TEST(Splicer, LeavesTheEncodersBytesAloneInClosedSegments) {
  ClipSettings settings;
  settings.variant = SpliceVariant::closed;
  settings.x264_params = "bframes=0";
  const auto clip = make_clip(settings, kTimeline);
  ASSERT_TRUE(clip.has_value()) << clip.error().describe();
  std::size_t next = 0;
  for (const ClipPacket& packet : clip->packets) {
    if (packet.held) continue;
    EXPECT_EQ(units_of(packet.bytes), units_of(clip->encoder_packets[next++].bytes));
  }
}

TEST(Splicer, HeldFramesTakeAFewBytes) {
  for (const char* params : {"cabac=1:bframes=0", "cabac=0:bframes=0"}) {
    ClipSettings settings;
    settings.width_px = 1920;
    settings.height_px = 1080;
    settings.preset = "ultrafast";
    settings.x264_params = params;
    settings.longest_gap = 150;
    const auto clip = make_clip(settings, {100});
    ASSERT_TRUE(clip.has_value()) << clip.error().describe();
    EXPECT_EQ(find_fault(settings, *clip), "");
    for (const ClipPacket& packet : clip->packets) {
      EXPECT_LE(packet.held ? packet.bytes.size() : 0U, 80U);
    }
  }
}

TEST(Splicer, PlaysFromEveryPlaceToStart) {
  for (const SpliceVariant variant : {SpliceVariant::continuous, SpliceVariant::closed}) {
    ClipSettings settings;
    settings.x264_params = "bframes=2:ref=1";
    settings.variant = variant;
    settings.longest_gap = 20;
    const auto clip = make_clip(settings, kTimeline);
    ASSERT_TRUE(clip.has_value()) << clip.error().describe();
    const DecodedClip whole = decode(clip->header, clip->packets);
    int starts = 0;
    for (std::size_t i = 0; i < clip->packets.size(); ++i) {
      if (!clip->packets[i].sync) continue;
      ++starts;
      const DecodedClip rest =
          decode(clip->header, {clip->packets.begin() + static_cast<std::ptrdiff_t>(i), clip->packets.end()});
      EXPECT_TRUE(rest.messages.empty()) << rest.messages.front();
      ASSERT_EQ(rest.frames.size(), whole.frames.size() - i);
      for (std::size_t k = 0; k < rest.frames.size(); ++k) {
        ASSERT_EQ(rest.frames[k].pts, whole.frames[i + k].pts);
        ASSERT_EQ(rest.frames[k].pixels, whole.frames[i + k].pixels) << "from " << i << " frame " << k;
      }
    }
    EXPECT_GE(starts, 12);
  }
}

TEST(Splicer, HoldsForAsLongAsTheOrderCountReaches) {
  ClipSettings settings;
  settings.width_px = settings.height_px = 64;
  settings.x264_params = "bframes=1:ref=1";
  settings.longest_gap = 1'000'000;
  const auto clip = make_clip(settings, {0, 0, 900, 0, 0, 5'000, 0});
  ASSERT_TRUE(clip.has_value()) << clip.error().describe();
  settings.longest_gap = 4'096;
  EXPECT_EQ(find_fault(settings, *clip), "");
}

struct Refusal {
  const char* params;
  SpliceVariant variant;
  const char* reason;
};

TEST(Splicer, SaysWhyAStreamCannotBeSpliced) {
  for (const Refusal& refusal : {
           Refusal{"interlaced=1", SpliceVariant::continuous, "pictures may be coded as fields"},
           Refusal{"nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500", SpliceVariant::closed, "they promise a buffer model"},
           Refusal{"bframes=3:b-pyramid=normal:b-adapt=0", SpliceVariant::continuous, "a B picture is a reference"},
           Refusal{"bframes=3:b-adapt=0:direct=temporal:weightb=0", SpliceVariant::continuous,
                   "motion is derived from the distance between pictures"},
           Refusal{"bframes=3:b-adapt=0:ref=4:weightb=1", SpliceVariant::continuous,
                   "weights depend on far references"},
       }) {
    ClipSettings settings;
    settings.preset = "medium";
    settings.height_px = 96;  // fields take multiples of four
    settings.x264_params = refusal.params;
    settings.variant = refusal.variant;
    const auto clip = make_clip(settings, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 2});
    ASSERT_FALSE(clip.has_value()) << refusal.params;
    EXPECT_EQ(clip.error().code, ErrorCode::unsupported);
    EXPECT_NE(clip.error().message.find(refusal.reason), std::string::npos) << clip.error().message;
  }
}

TEST(Splicer, RefusesAHeaderThatIsNone) {
  const auto splicer = Splicer::create(SpliceVariant::continuous, {});
  ASSERT_FALSE(splicer.has_value());
  EXPECT_EQ(splicer.error().code, ErrorCode::unsupported);
}

Result<Clip> small_clip() {
  ClipSettings settings;
  settings.width_px = settings.height_px = 64;
  settings.x264_params = "bframes=0";
  return make_clip(settings, {0, 2, 0});
}

TEST(Splicer, RefusesPicturesThatNobodyAskedForAndMissesThoseThatDoNotCome) {
  const auto clip = small_clip();
  ASSERT_TRUE(clip.has_value()) << clip.error().describe();
  const auto splicer = Splicer::create(SpliceVariant::continuous, clip->encoder_header);
  ASSERT_TRUE(splicer.has_value());
  const SplicedSink drop = [](const SplicedPacket&) { return Status{}; };
  (*splicer)->expect(clip->plan[0]);
  EXPECT_FALSE((*splicer)->finish().has_value());
  EXPECT_FALSE((*splicer)->take(clip->encoder_packets[0].bytes, 5, drop).has_value());
  EXPECT_TRUE((*splicer)->take(clip->encoder_packets[0].bytes, 0, drop).has_value());
  EXPECT_FALSE((*splicer)->take(clip->encoder_packets[0].bytes, 0, drop).has_value());
  EXPECT_TRUE((*splicer)->finish().has_value());
}

TEST(Splicer, PassesOnWhatTheSinkSays) {
  const auto clip = small_clip();
  ASSERT_TRUE(clip.has_value()) << clip.error().describe();
  const auto splicer = Splicer::create(SpliceVariant::continuous, clip->encoder_header);
  ASSERT_TRUE(splicer.has_value());
  (*splicer)->expect(clip->plan[0]);
  const Status status = (*splicer)->take(clip->encoder_packets[0].bytes, 0, [](const SplicedPacket&) -> Status {
    return fail(ErrorCode::disk_full, "no room");
  });
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::disk_full);
}

}  // namespace
}  // namespace vivid::render::testing_support
