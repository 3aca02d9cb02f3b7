#include "render/encode/aac_encoder.h"

#include <gtest/gtest.h>

#include <string>

#include "render/encode/av.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

struct Encoded {
  std::string bytes;
  std::int64_t first_pts = 0;
  std::int64_t end = 0;
};

// Fed in pieces of `step` samples.
Encoded encode(int rate_hz, const std::vector<std::int16_t>& samples, std::size_t step) {
  auto encoder = AacEncoder::open(rate_hz);
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

TEST(AacEncoder, KeepsTheLengthOfTheSound) {
  for (const int rate_hz : {16'000, 22'050, 44'100, 48'000}) {
    const Encoded encoded = encode(rate_hz, synthetic::tone(rate_hz, rate_hz * 3), 512);
    EXPECT_NEAR(static_cast<double>(encoded.end), 3.0 * 48'000, 48) << rate_hz;
    EXPECT_EQ(encoded.first_pts, -1024) << rate_hz;
  }
}

TEST(AacEncoder, DoesNotDependOnHowTheSoundIsCut) {
  const auto samples = synthetic::tone(22'050, 22'050);
  EXPECT_EQ(encode(22'050, samples, 512).bytes, encode(22'050, samples, 512).bytes);
  EXPECT_EQ(encode(22'050, samples, 512).bytes, encode(22'050, samples, 7'001).bytes);
}

TEST(AacEncoder, IsLowComplexityStereoAt48kHz) {
  const auto encoder = AacEncoder::open(22'050);
  ASSERT_TRUE(encoder.has_value());
  const av::Parameters parameters(avcodec_parameters_alloc());
  ASSERT_TRUE((*encoder)->describe(*parameters).has_value());
  EXPECT_EQ(parameters->profile, FF_PROFILE_AAC_LOW);
  EXPECT_EQ(parameters->sample_rate, 48'000);
  EXPECT_EQ(parameters->ch_layout.nb_channels, 2);
}

TEST(AacEncoder, TakesSilenceOfNoLength) { EXPECT_LE(encode(22'050, {}, 512).end, 0); }

}  // namespace
}  // namespace vivid::render
