#include "render/encode/video_encoder.h"

#include <gtest/gtest.h>

#include <vector>

#include "render/encode/av.h"
#include "render/encode/encoder_session.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

RenderOptions small() {
  RenderOptions options;
  options.width_px = 320;
  options.height_px = 180;
  options.preset = "ultrafast";
  return options;
}

struct Seen {
  std::vector<std::int64_t> pts;
  std::vector<std::int64_t> keyframes;
  std::string bytes;
  std::int64_t disposable = 0;
  std::int64_t encoded = 0;
  std::string hold_problem;

  Status take(const AVPacket& packet) {
    pts.push_back(packet.pts);
    if ((packet.flags & AV_PKT_FLAG_KEY) != 0) keyframes.push_back(packet.pts);
    if ((packet.flags & AV_PKT_FLAG_DISPOSABLE) != 0) ++disposable;
    bytes.append(reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size));
    return {};
  }
};

Seen encode(const RenderOptions& options, int frames, bool held) {
  auto encoder = VideoEncoder::open("libx264", options);
  EXPECT_TRUE(encoder.has_value()) << encoder.error().describe();
  Seen seen;
  const PacketSink sink = [&seen](AVPacket& packet) { return seen.take(packet); };
  synthetic::Picture picture(options.width_px, options.height_px);
  for (int i = 0; i < frames; ++i) {
    const ComposedFrame frame = held ? picture.show(i, i % 10 != 0) : picture.show(i / 10 * 10);
    EXPECT_TRUE((*encoder)->encode(i, frame, sink).has_value());
  }
  EXPECT_TRUE((*encoder)->finish(sink).has_value());
  seen.encoded = (*encoder)->pictures_encoded();
  seen.hold_problem = (*encoder)->hold_problem();
  return seen;
}

TEST(VideoEncoder, GivesOnePacketForEveryFrame) {
  Seen seen = encode(small(), 75, false);
  std::sort(seen.pts.begin(), seen.pts.end());
  ASSERT_EQ(seen.pts.size(), 75U);
  for (int i = 0; i < 75; ++i) EXPECT_EQ(seen.pts[static_cast<std::size_t>(i)], i);
}

TEST(VideoEncoder, ShowsAHeldFrameAsThePictureBeforeWhateverTheViewHolds) {
  // The view's pixels change in held frames; what is encoded must not.
  RenderOptions options = small();
  options.hold_still_frames = false;
  EXPECT_TRUE(encode(options, 40, true).bytes == encode(options, 40, false).bytes);
}

TEST(VideoEncoder, ShowsTheEncoderChangedPicturesOnly) {
  const Seen seen = encode(small(), 75, true);
  EXPECT_EQ(seen.encoded, 8);
  ASSERT_EQ(seen.pts.size(), 75U);
  for (int i = 0; i < 75; ++i) EXPECT_EQ(seen.pts[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(seen.hold_problem, "");
  RenderOptions options = small();
  options.hold_still_frames = false;
  EXPECT_EQ(encode(options, 75, true).encoded, 75);
}

TEST(VideoEncoder, MarksHeldFramesAsDisposable) {
  const Seen seen = encode(small(), 75, true);
  EXPECT_EQ(seen.disposable, 75 - 8);
}

TEST(VideoEncoder, PlacesAKeyframeAtLeastEveryFiveSeconds) {
  RenderOptions options = small();
  options.frames_per_second = 10;
  const Seen seen = encode(options, 120, true);
  ASSERT_GE(seen.keyframes.size(), 3U);
  for (std::size_t i = 1; i < seen.keyframes.size(); ++i) EXPECT_LE(seen.keyframes[i] - seen.keyframes[i - 1], 50);
}

TEST(VideoEncoder, PlacesKeyframesAsCloseAsItIsTold) {
  RenderOptions options = small();
  options.frames_per_second = 10;
  options.keyframe_seconds = 1;
  const Seen seen = encode(options, 120, true);
  ASSERT_GE(seen.keyframes.size(), 12U);
  for (std::size_t i = 1; i < seen.keyframes.size(); ++i) EXPECT_LE(seen.keyframes[i] - seen.keyframes[i - 1], 10);
  options.keyframe_seconds = 0;
  const auto refused = VideoEncoder::open("libx264", options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "keyframe_seconds is 0, allowed: 1 to 60");
}

TEST(VideoEncoder, GivesTheSameBytesTwice) {
  // The sizes on offer have a multiple of eight macroblocks a row. At others (320 has twenty) x264 r3095 lets memory
  // that it never wrote decide over macroblock-tree rate control.
  RenderOptions options = small();
  options.width_px = 640;
  options.height_px = 360;
  options.preset = "medium";
  options.encoder_threads = 3;
  EXPECT_TRUE(encode(options, 60, false).bytes == encode(options, 60, false).bytes);
  EXPECT_TRUE(encode(options, 60, true).bytes == encode(options, 60, true).bytes);
}

TEST(VideoEncoder, SignalsHighProfileAndBt709) {
  const auto encoder = VideoEncoder::open("libx264", RenderOptions{});
  ASSERT_TRUE(encoder.has_value());
  const av::Parameters parameters(avcodec_parameters_alloc());
  ASSERT_TRUE((*encoder)->describe(*parameters).has_value());
  EXPECT_EQ(parameters->width, 1920);
  EXPECT_EQ(parameters->height, 1080);
  EXPECT_EQ(parameters->color_space, AVCOL_SPC_BT709);
  EXPECT_EQ(parameters->color_trc, AVCOL_TRC_BT709);
  EXPECT_EQ(parameters->color_primaries, AVCOL_PRI_BT709);
  EXPECT_EQ(parameters->color_range, AVCOL_RANGE_MPEG);
  // Start code, then a sequence parameter set whose profile_idc is 100, High.
  ASSERT_GT(parameters->extradata_size, 6);
  EXPECT_EQ(parameters->extradata[4] & 0x1f, 7);
  EXPECT_EQ(parameters->extradata[5], 100);
}

TEST(VideoEncoder, OpensLossless) {
  RenderOptions options = small();
  options.crf = 0;
  EXPECT_FALSE(encode(options, 3, false).bytes.empty());
}

TEST(VideoEncoder, NamesTheLibraryThatWroteTheStream) {
  auto encoder = VideoEncoder::open("libx264", small());
  ASSERT_TRUE(encoder.has_value());
  const PacketSink drop = [](AVPacket&) { return Status{}; };
  synthetic::Picture picture(320, 180);
  ASSERT_TRUE((*encoder)->encode(0, picture.show(0), drop).has_value());
  ASSERT_TRUE((*encoder)->finish(drop).has_value());
  EXPECT_EQ((*encoder)->library_version().rfind("x264 - core ", 0), 0U) << (*encoder)->library_version();
}

TEST(VideoEncoder, StopsWhenTheSinkFails) {
  auto encoder = VideoEncoder::open("libx264", small());
  ASSERT_TRUE(encoder.has_value());
  synthetic::Picture picture(320, 180);
  const PacketSink full = [](AVPacket&) -> Status { return fail(ErrorCode::disk_full, "no room"); };
  Status status;
  for (int i = 0; i < 30 && status.has_value(); ++i) status = (*encoder)->encode(i, picture.show(i), full);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::disk_full);
}

// x264, but for parameter sets that nobody understands.
class StrangeSession : public EncoderSession {
 public:
  explicit StrangeSession(std::unique_ptr<EncoderSession> session) : session_(std::move(session)) {}
  Status load(const YuvView& picture, std::span<const PixelRect> damage) override {
    return session_->load(picture, damage);
  }
  Status encode(const PictureOrder& order, const CodedSink& sink) override { return session_->encode(order, sink); }
  Status finish(const CodedSink& sink) override { return session_->finish(sink); }
  std::span<const std::uint8_t> headers() const override { return {}; }
  Status describe(AVCodecParameters& parameters) const override { return session_->describe(parameters); }

 private:
  std::unique_ptr<EncoderSession> session_;
};

TEST(VideoEncoder, EncodesEveryFrameOfAStreamThatItDoesNotUnderstandAndSaysWhy) {
  int opened = 0;
  const auto encoder = VideoEncoder::open("libx264", small(),
                                          [&](const EncoderKind& kind, const RenderOptions& options,
                                              bool splicing) -> Result<std::unique_ptr<EncoderSession>> {
                                            ++opened;
                                            auto session = open_encoder_session(kind, options, splicing);
                                            EXPECT_TRUE(session.has_value());
                                            if (!splicing) return session;
                                            return std::make_unique<StrangeSession>(std::move(*session));
                                          });
  ASSERT_TRUE(encoder.has_value()) << encoder.error().describe();
  EXPECT_EQ(opened, 2);
  EXPECT_EQ((*encoder)->hold_problem(), "frames cannot be held: the encoder gave no parameters beforehand");
  const PacketSink drop = [](AVPacket&) { return Status{}; };
  synthetic::Picture picture(320, 180);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE((*encoder)->encode(i, picture.show(0, i > 0), drop).has_value());
  ASSERT_TRUE((*encoder)->finish(drop).has_value());
  EXPECT_EQ((*encoder)->pictures_encoded(), 20);
}

TEST(VideoEncoder, RefusesAPresetThatDoesNotExist) {
  RenderOptions options = small();
  options.preset = "ludicrous";
  const auto encoder = VideoEncoder::open("libx264", options);
  ASSERT_FALSE(encoder.has_value());
  EXPECT_EQ(encoder.error().code, ErrorCode::invalid_input);
  EXPECT_NE(encoder.error().message.find("ludicrous"), std::string::npos) << encoder.error().message;
}

}  // namespace
}  // namespace vivid::render
