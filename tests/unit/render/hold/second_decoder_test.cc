// Another decoder, written by other people, sees the same pictures.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/render/hold/clip.h"

#if VIVID_HAS_OPENH264
#include "tests/support/render/openh264_decoder.h"
#endif

namespace vivid::render::testing_support {
namespace {

#if VIVID_HAS_OPENH264

std::vector<Bytes> watch(const Bytes& header, const std::vector<ClipPacket>& packets) {
  std::vector<Bytes> pictures;
  OpenH264 decoder([&pictures](Bytes picture) { pictures.push_back(std::move(picture)); });
  decoder.decode(header.data(), header.size());
  for (const ClipPacket& packet : packets) decoder.decode(packet.bytes.data(), packet.bytes.size());
  decoder.finish();
  EXPECT_EQ(decoder.complaints(), 0);
  return pictures;
}

TEST(HeldFrames, LookTheSameToASecondDecoder) {
  for (const SpliceVariant variant : {SpliceVariant::continuous, SpliceVariant::closed}) {
    for (const char* params :
         {"bframes=0", "bframes=0:cabac=0", "bframes=2:ref=1:weightb=1", "bframes=3:cabac=0:weightb=0"}) {
      ClipSettings settings;
      settings.variant = variant;
      settings.x264_params = params;
      settings.longest_gap = 30;
      const auto clip = make_clip(settings, {0, 0, 7, 0, 0, 0, 0, 2, 0, 0, 0, 80, 0, 0, 0, 40, 0, 0, 0, 3});
      ASSERT_TRUE(clip.has_value()) << clip.error().describe();
      // What it makes of the encoder's own stream is its own business: it has B pictures that it gets wrong.
      const std::vector<Bytes> own = watch(clip->encoder_header, clip->encoder_packets);
      const std::vector<Bytes> seen = watch(clip->header, clip->packets);
      ASSERT_EQ(own.size(), clip->plan.size()) << params;
      ASSERT_EQ(seen.size(), static_cast<std::size_t>(clip->plan.back().end())) << params;
      for (std::size_t i = 0; i < own.size(); ++i) {
        for (std::int64_t at = clip->plan[i].index; at < clip->plan[i].end(); ++at) {
          ASSERT_TRUE(seen[static_cast<std::size_t>(at)] == own[i]) << params << " frame " << at;
        }
      }
    }
  }
}

// A short film: some frames after a fade it runs out of pictures of its own ("PrefetchPic ERROR", 2.3.1), as it orders
// what it shows by guessing. For longer ones the second opinion is libavcodec with threads, in direct_property_test.cc.
TEST(HeldFrames, MixedOnesLookTheSameToASecondDecoder) {
  for (const char* params : {"bframes=2:ref=1", "bframes=2:ref=1:cabac=0", "bframes=1:ref=3:weightb=0"}) {
    ClipSettings settings;
    settings.x264_params = params;
    settings.longest_gap = 60;
    const auto clip = make_clip(settings, {5, 1, 0}, {{}, {13, 64, 100}, {}});
    ASSERT_TRUE(clip.has_value()) << clip.error().describe();
    const DecodedClip first = decode(clip->header, clip->packets);
    const std::vector<Bytes> seen = watch(clip->header, clip->packets);
    ASSERT_EQ(seen.size(), first.frames.size()) << params;
    EXPECT_EQ(std::count_if(clip->packets.begin(), clip->packets.end(), [](const auto& each) { return each.mixed; }),
              3);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_TRUE(seen[i] == first.frames[i].pixels) << params << " " << i;
  }
}

#else

TEST(HeldFrames, LookTheSameToASecondDecoder) { GTEST_SKIP() << "libopenh264-dev is not installed"; }

#endif

}  // namespace
}  // namespace vivid::render::testing_support
