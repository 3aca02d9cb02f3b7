// x264 is told what did not change, and is not asked to look: what it leaves alone must still be what the source shows.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "render/encode/av.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {
namespace {

constexpr int kWidth = 250;  // the last macroblocks are cut
constexpr int kHeight = 182;

using Bytes = std::vector<std::uint8_t>;

// Something to see everywhere, with a patch of its own brightness.
struct Source {
  Bytes luma = Bytes(std::size_t{kWidth} * kHeight);
  Bytes chroma = Bytes(luma.size() / 4, 120);

  Source() {
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const double wave = 60 * std::sin(x * 0.11) * std::cos(y * 0.07) + 20 * std::sin((x + 2 * y) * 0.9);
        luma[static_cast<std::size_t>(y) * kWidth + x] = static_cast<std::uint8_t>(110 + wave);
      }
    }
  }
  void paint(const PixelRect& part, std::uint8_t brightness) {
    for (int y = part.y; y < part.bottom(); ++y) {
      std::fill_n(luma.begin() + std::ptrdiff_t{y} * kWidth + part.x, part.width, brightness);
    }
  }
  YuvView view() const {
    return {{luma.data(), chroma.data(), chroma.data()}, {kWidth, kWidth / 2, kWidth / 2}, kWidth, kHeight};
  }
};

class Decoder {
 public:
  explicit Decoder(const VideoEncoder& encoder)
      : codec_(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264))) {
    const av::Parameters parameters(avcodec_parameters_alloc());
    EXPECT_TRUE(encoder.describe(*parameters).has_value());
    avcodec_parameters_to_context(codec_.get(), parameters.get());
    codec_->err_recognition = AV_EF_EXPLODE;
    avcodec_open2(codec_.get(), codec_->codec, nullptr);
  }
  Status take(const AVPacket* packet) {
    EXPECT_EQ(avcodec_send_packet(codec_.get(), packet), 0);
    const av::Frame frame = av::make_frame();
    while (avcodec_receive_frame(codec_.get(), frame.get()) == 0) {
      Bytes& picture = pictures.emplace_back();
      for (int y = 0; y < kHeight; ++y) {
        const std::uint8_t* row = frame->data[0] + std::ptrdiff_t{y} * frame->linesize[0];
        picture.insert(picture.end(), row, row + kWidth);
      }
    }
    return {};
  }
  std::vector<Bytes> pictures;

 private:
  av::Codec codec_;
};

double psnr_db(const Bytes& a, const Bytes& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.size()) / std::max(sum, 1.0));
}

RenderOptions options(const std::string& preset) {
  RenderOptions options;
  options.width_px = kWidth;
  options.height_px = kHeight;
  options.preset = preset;
  return options;
}

TEST(X264Hints, WhatDidNotChangeStaysWhatTheSourceShows) {
  for (const char* preset : {"ultrafast", "veryfast", "medium"}) {
    auto encoder = VideoEncoder::open("libx264", options(preset));
    ASSERT_TRUE(encoder.has_value()) << encoder.error().describe();
    Decoder decoder(**encoder);
    const PacketSink sink = [&](AVPacket& packet) { return decoder.take(&packet); };
    std::mt19937 random(7);
    Source source;
    std::vector<Bytes> shown;
    for (int i = 0; i < 60; ++i) {
      ComposedFrame frame{source.view(), i % 3 == 2};
      if (i > 0 && !frame.held) {
        const PixelRect part{static_cast<int>(random() % 100) * 2, static_cast<int>(random() % 70) * 2, 42, 26};
        source.paint(part, static_cast<std::uint8_t>(30 + random() % 180));
        frame.damage = Region(part);
      }
      shown.push_back(source.luma);
      ASSERT_TRUE((*encoder)->encode(i, frame, sink).has_value());
    }
    ASSERT_TRUE((*encoder)->finish(sink).has_value());
    ASSERT_TRUE(decoder.take(nullptr).has_value());
    ASSERT_EQ(decoder.pictures.size(), shown.size());
    for (std::size_t i = 0; i < shown.size(); ++i) {
      EXPECT_GT(psnr_db(decoder.pictures[i], shown[i]), 34.0) << preset << " frame " << i;
    }
  }
}

TEST(X264Hints, TheStepsOfAFadeAreMixedOfItsEnds) {
  auto encoder = VideoEncoder::open("libx264", options("medium"));
  ASSERT_TRUE(encoder.has_value()) << encoder.error().describe();
  Decoder decoder(**encoder);
  const PacketSink sink = [&](AVPacket& packet) { return decoder.take(&packet); };
  Source source;
  const PixelRect part{40, 40, 120, 60};
  std::vector<Bytes> shown;
  // A still of ten frames, a fade of nine steps, a still, and a fade that the video ends in.
  for (int i = 0; i < 40; ++i) {
    const int step = i < 10 ? 0 : i < 20 ? i - 9 : i < 35 ? 10 : i - 34;
    const int from = i < 35 ? 40 : 220;
    const int to = i < 35 ? 220 : 90;
    ComposedFrame frame{source.view(), (i > 0 && i < 10) || (i > 19 && i < 35)};
    if (!frame.held) {
      source.paint(part, static_cast<std::uint8_t>(from + (to - from) * step / 10));
      frame.damage = Region(part);
      frame.passing = i >= 10 && i != 19;
      if (frame.passing) frame.next_share = kWholeNextShare * step / 10;
    }
    shown.push_back(source.luma);
    ASSERT_TRUE((*encoder)->encode(i, frame, sink).has_value());
  }
  ASSERT_TRUE((*encoder)->finish(sink).has_value());
  ASSERT_TRUE(decoder.take(nullptr).has_value());
  EXPECT_EQ((*encoder)->pictures_encoded(), 3);
  ASSERT_EQ(decoder.pictures.size(), shown.size());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    EXPECT_GT(psnr_db(decoder.pictures[i], shown[i]), 36.0) << "frame " << i;
  }
}

// Two parts fade in, and only where both are as far are steps mixtures of what is before and after.
TEST(X264Hints, StepsThatAreNoMixturesEndNoFade) {
  constexpr std::array kSecond{0, 10, 20, 30, 60, 70, 70, 75, 80, 95, 100};
  auto encoder = VideoEncoder::open("libx264", options("medium"));
  ASSERT_TRUE(encoder.has_value()) << encoder.error().describe();
  Decoder decoder(**encoder);
  const PacketSink sink = [&](AVPacket& packet) { return decoder.take(&packet); };
  Source source;
  std::vector<Bytes> shown;
  for (int i = 0; i < 40; ++i) {
    const int step = std::clamp(i - 9, 0, 10);
    const int first = 10 * step;
    const int second = kSecond[static_cast<std::size_t>(step)];
    ComposedFrame frame{source.view(), i > 0 && (i < 10 || i > 19)};
    if (!frame.held) {
      const PixelRect left{16, 40, 96, 60};
      const PixelRect right{128, 40, 96, 60};
      source.paint(left, static_cast<std::uint8_t>(40 + 180 * first / 100));
      source.paint(right, static_cast<std::uint8_t>(40 + 180 * second / 100));
      frame.damage.add(left);
      frame.damage.add(right);
      frame.passing = i >= 10 && i != 19;
      if (frame.passing && first == second) frame.next_share = kWholeNextShare * step / 10;
    }
    shown.push_back(source.luma);
    ASSERT_TRUE((*encoder)->encode(i, frame, sink).has_value());
  }
  ASSERT_TRUE((*encoder)->finish(sink).has_value());
  ASSERT_TRUE(decoder.take(nullptr).has_value());
  // The third step, and all from the fourth on.
  EXPECT_EQ((*encoder)->pictures_encoded(), 9);
  ASSERT_EQ(decoder.pictures.size(), shown.size());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    EXPECT_GT(psnr_db(decoder.pictures[i], shown[i]), 36.0) << "frame " << i;
  }
}

}  // namespace
}  // namespace vivid::render
