#include "render/encode/aac_segments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "render/encode/aac_encoder.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

constexpr std::int64_t kFrame = 1024;
constexpr std::int64_t kSegment = AacSegments::kSegmentFrames * kFrame;

// Packets as they come, and what is heard of them.
struct Stream {
  std::string bytes;
  std::vector<std::int64_t> times;
  std::int64_t end = 0;
  std::vector<std::vector<float>> ears{2};
};

class Decoder {
 public:
  explicit Decoder(const SoundTrack& track) : codec_(avcodec_alloc_context3(avcodec_find_decoder_by_name("aac"))) {
    const av::Parameters parameters(avcodec_parameters_alloc());
    EXPECT_TRUE(track.describe(*parameters).has_value());
    EXPECT_GE(avcodec_parameters_to_context(codec_.get(), parameters.get()), 0);
    EXPECT_GE(avcodec_open2(codec_.get(), nullptr, nullptr), 0);
  }
  void add(const AVPacket* packet, Stream& stream) {
    EXPECT_GE(avcodec_send_packet(codec_.get(), packet), 0);
    while (avcodec_receive_frame(codec_.get(), frame_.get()) >= 0) {
      for (int ear = 0; ear < 2; ++ear) {
        const auto* samples = reinterpret_cast<const float*>(frame_->data[ear]);
        stream.ears[ear].insert(stream.ears[ear].end(), samples, samples + frame_->nb_samples);
      }
    }
  }

 private:
  av::Codec codec_;
  av::Frame frame_ = av::make_frame();
};

template <typename Encoder>
Stream encode(Encoder& encoder, const std::vector<float>& sound, std::size_t step) {
  Stream stream;
  Decoder decoder(encoder);
  const PacketSink sink = [&](AVPacket& packet) -> Status {
    stream.bytes.append(reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size));
    stream.times.push_back(packet.pts);
    stream.end = packet.pts + packet.duration;
    decoder.add(&packet, stream);
    return {};
  };
  for (std::size_t at = 0; at < sound.size(); at += step) {
    const auto piece = std::span(sound).subspan(at, std::min(step, sound.size() - at));
    EXPECT_TRUE(encoder.encode(piece, sink).has_value());
  }
  EXPECT_TRUE(encoder.finish(sink).has_value());
  decoder.add(nullptr, stream);
  return stream;
}

Stream side_by_side(const std::vector<float>& sound, int channels, int threads, std::size_t step = 48'000) {
  const auto encoder = AacSegments::open(channels, threads);
  EXPECT_TRUE(encoder.has_value());
  return encode(**encoder, sound, step);
}

// Tones with beats between them; around every joint clicks, which make an encoder change its windows.
std::vector<float> busy_sound(std::int64_t frames, int channels) {
  std::vector<float> sound(static_cast<std::size_t>(frames * channels));
  std::minstd_rand random(11);
  for (std::int64_t i = 0; i < frames; ++i) {
    const bool near_joint = std::abs((i + kSegment / 2) % kSegment - kSegment / 2) < 60 * kFrame;
    const bool click = near_joint && i % 9'973 < 60;
    const float noise = static_cast<float>(random() % 2'000) / 1'000.0F - 1.0F;
    for (int channel = 0; channel < channels; ++channel) {
      const float time = static_cast<float>(i % 480'000);
      const float tones = 0.2F * std::sin(0.031F * time) + 0.1F * std::sin(0.17F * time + static_cast<float>(channel));
      sound[static_cast<std::size_t>(i * channels + channel)] = tones + (click ? 0.5F * noise : 0.0F);
    }
  }
  return sound;
}

// How far what is heard of frames [from, from + 1024) is from what went in, in decibels.
double noise_db(const Stream& stream, const std::vector<float>& sound, int channels, std::int64_t from) {
  double sum = 0.0;
  for (std::int64_t i = from; i < from + kFrame; ++i) {
    for (int ear = 0; ear < 2; ++ear) {
      const auto heard = static_cast<double>(stream.ears[ear][static_cast<std::size_t>(i + kFrame)]);
      const double wanted = sound[static_cast<std::size_t>(i * channels + ear % channels)];
      sum += (heard - wanted) * (heard - wanted);
    }
  }
  return 10.0 * std::log10(sum / (2.0 * kFrame) + 1e-12);
}

TEST(AacSegments, BytesDoNotDependOnTheThreadsOrOnHowTheSoundIsCut) {
  const auto sound = busy_sound(2 * kSegment + 70'001, 1);
  const Stream one = side_by_side(sound, 1, 1);
  EXPECT_EQ(one.bytes, side_by_side(sound, 1, 3).bytes);
  EXPECT_EQ(one.bytes, side_by_side(sound, 1, 2, 1'000'003).bytes);
}

TEST(AacSegments, PacketsFollowOneAnotherToTheEndOfTheSound) {
  for (const std::int64_t frames :
       {2 * kSegment + 70'001, kSegment, kSegment + 3 * kFrame, kSegment + 3 * kFrame + 1}) {
    const Stream stream = side_by_side(busy_sound(frames, 1), 1, 2);
    EXPECT_EQ(stream.end, frames);
    ASSERT_EQ(stream.times.size(), static_cast<std::size_t>((frames + kFrame - 1) / kFrame + 1)) << frames;
    for (std::size_t i = 0; i < stream.times.size(); ++i) {
      ASSERT_EQ(stream.times[i], (static_cast<std::int64_t>(i) - 1) * kFrame) << frames;
    }
  }
}

TEST(AacSegments, ShortSoundIsWhatOneEncoderMakesOfIt) {
  const auto sound = busy_sound(100'000, 1);
  const auto encoder = AacEncoder::open(1);
  ASSERT_TRUE(encoder.has_value());
  EXPECT_EQ(side_by_side(sound, 1, 2).bytes, encode(**encoder, sound, 4'096).bytes);
  EXPECT_LE(side_by_side({}, 1, 2).end, 0);
}

// A wrong window at a joint would leave the wave's aliases uncancelled, about as loud as the wave.
TEST(AacSegments, JointsAreNoNoisierThanOneEncoder) {
  for (const int channels : {1, 2}) {
    const auto sound = busy_sound(2 * kSegment + 70'001, channels);
    const Stream joined = side_by_side(sound, channels, 2);
    const auto encoder = AacEncoder::open(channels);
    ASSERT_TRUE(encoder.has_value());
    const Stream whole = encode(**encoder, sound, 48'000);
    ASSERT_EQ(joined.ears[0].size(), whole.ears[0].size());
    EXPECT_NE(joined.bytes, whole.bytes);
    for (const std::int64_t joint : {kSegment, 2 * kSegment}) {
      double worst_joined = -120.0;
      double worst_whole = -120.0;
      for (std::int64_t at = joint - 50 * kFrame; at < joint + 30 * kFrame; at += kFrame / 2) {
        worst_joined = std::max(worst_joined, noise_db(joined, sound, channels, at));
        worst_whole = std::max(worst_whole, noise_db(whole, sound, channels, at));
      }
      EXPECT_LT(worst_joined, worst_whole + 2.0) << channels << " channels, " << joint;
      EXPECT_LT(worst_joined, -20.0) << channels << " channels, " << joint;
    }
  }
}

TEST(AacSegments, OneChannelIsHeardAlikeInBothEars) {
  const Stream stream = side_by_side(busy_sound(kSegment + 70'001, 1), 1, 2);
  EXPECT_EQ(stream.ears[0], stream.ears[1]);
}

TEST(AacSegments, StopsWhenAPacketIsRefused) {
  const auto encoder = AacSegments::open(1, 2);
  ASSERT_TRUE(encoder.has_value());
  const PacketSink refuse = [](AVPacket&) -> Status { return fail(ErrorCode::disk_full, "no room"); };
  Status outcome = (*encoder)->encode(busy_sound(3 * kSegment, 1), refuse);
  if (outcome.has_value()) outcome = (*encoder)->finish(refuse);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::disk_full);
}

}  // namespace
}  // namespace vivid::render
