#include "render/encode/aac_encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "render/encode/av.h"

namespace vivid::render {
namespace {

struct Encoded {
  std::string bytes;
  std::int64_t first_pts = 0;
  std::int64_t end = 0;
};

// Fed in pieces of `step` samples.
Encoded encode(int channels, const std::vector<float>& samples, std::size_t step) {
  auto encoder = AacEncoder::open(channels);
  EXPECT_TRUE(encoder.has_value());
  Encoded encoded;
  bool first = true;
  const PacketSink sink = [&](AVPacket& packet) -> Status {
    if (std::exchange(first, false)) encoded.first_pts = packet.pts;
    encoded.end = packet.pts + packet.duration;
    encoded.bytes.append(reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size));
    return {};
  };
  for (std::size_t at = 0; at < samples.size(); at += step) {
    const auto piece = std::span(samples).subspan(at, std::min(step, samples.size() - at));
    EXPECT_TRUE((*encoder)->encode(piece, sink).has_value());
  }
  EXPECT_TRUE((*encoder)->finish(sink).has_value());
  return encoded;
}

// Three seconds and a bit, so that the last frame of the codec's is not full.
std::vector<float> tone(int channels) {
  std::vector<float> sound(static_cast<std::size_t>(144'100 * channels));
  for (std::size_t i = 0; i < sound.size(); ++i) {
    sound[i] = 0.4F * std::sin(0.06F * static_cast<float>(i / static_cast<std::size_t>(channels)));
  }
  return sound;
}

TEST(AacEncoder, KeepsTheLengthOfTheSound) {
  for (const int channels : {1, 2}) {
    const Encoded encoded = encode(channels, tone(channels), 512);
    EXPECT_EQ(encoded.end, 144'100) << channels;
    EXPECT_EQ(encoded.first_pts, -1024) << channels;
  }
}

TEST(AacEncoder, OneChannelCostsLessThanTwo) {
  EXPECT_LT(encode(1, tone(1), 512).bytes.size(), encode(2, tone(2), 1024).bytes.size());
}

TEST(AacEncoder, DoesNotDependOnHowTheSoundIsCut) {
  const auto samples = tone(1);
  EXPECT_EQ(encode(1, samples, 512).bytes, encode(1, samples, 512).bytes);
  EXPECT_EQ(encode(1, samples, 512).bytes, encode(1, samples, 7'001).bytes);
}

TEST(AacEncoder, IsLowComplexityStereoAt48kHz) {
  const auto encoder = AacEncoder::open(1);
  ASSERT_TRUE(encoder.has_value());
  const av::Parameters parameters(avcodec_parameters_alloc());
  ASSERT_TRUE((*encoder)->describe(*parameters).has_value());
  EXPECT_EQ(parameters->profile, FF_PROFILE_AAC_LOW);
  EXPECT_EQ(parameters->sample_rate, 48'000);
  EXPECT_EQ(parameters->ch_layout.nb_channels, 2);
}

TEST(AacEncoder, TakesSilenceOfNoLength) { EXPECT_LE(encode(1, {}, 512).end, 0); }

}  // namespace
}  // namespace vivid::render
