#include "render/package/thumbnail.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "render/encode/av.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

// A PNG of one colour.
void write_png(const std::filesystem::path& path, int width_px, int height_px, std::uint8_t red, std::uint8_t blue) {
  const AVCodec* png = avcodec_find_encoder(AV_CODEC_ID_PNG);
  av::Codec codec(avcodec_alloc_context3(png));
  codec->width = width_px;
  codec->height = height_px;
  codec->pix_fmt = AV_PIX_FMT_RGB24;
  codec->time_base = {1, 1};
  ASSERT_GE(avcodec_open2(codec.get(), png, nullptr), 0);
  const av::Frame frame = av::make_frame();
  frame->format = AV_PIX_FMT_RGB24;
  frame->width = width_px;
  frame->height = height_px;
  ASSERT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      std::uint8_t* pixel = frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0] + x * 3;
      pixel[0] = red;
      pixel[1] = 0;
      pixel[2] = blue;
    }
  }
  ASSERT_GE(avcodec_send_frame(codec.get(), frame.get()), 0);
  const av::Packet packet = av::make_packet();
  ASSERT_GE(avcodec_receive_packet(codec.get(), packet.get()), 0);
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(packet->data), packet->size);
}

TEST(Thumbnail, IsA1280By720JpegOfTheSameColour) {
  const synthetic::Folder folder;
  write_png(folder / "still.png", 1920, 1080, 26, 200);
  const Status written = write_thumbnail(folder / "still.png", folder / "thumbnail.jpg");
  ASSERT_TRUE(written.has_value()) << written.error().describe();
  const auto bytes = read_file(folder / "thumbnail.jpg", 10'000'000);
  ASSERT_TRUE(bytes.has_value());
  const av::Codec codec(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG)));
  ASSERT_GE(avcodec_open2(codec.get(), nullptr, nullptr), 0);
  const av::Packet packet = av::make_packet();
  ASSERT_GE(av_new_packet(packet.get(), static_cast<int>(bytes->size())), 0);
  std::memcpy(packet->data, bytes->data(), bytes->size());
  ASSERT_GE(avcodec_send_packet(codec.get(), packet.get()), 0);
  const av::Frame frame = av::make_frame();
  ASSERT_GE(avcodec_receive_frame(codec.get(), frame.get()), 0);
  EXPECT_EQ(frame->width, 1280);
  EXPECT_EQ(frame->height, 720);
  // JFIF: Y = 0.299 R + 0.114 B, Cb = 128 − 0.1687 R + 0.5 B, Cr = 128 + 0.5 R − 0.0813 B.
  EXPECT_NEAR(frame->data[0][0], 30.6, 3);
  EXPECT_NEAR(frame->data[1][0], 223.6, 3);
  EXPECT_NEAR(frame->data[2][0], 124.7, 3);
}

TEST(Thumbnail, SaysWhenTheStillIsNoPicture) {
  const synthetic::Folder folder;
  std::ofstream(folder / "still.png") << "not a picture";
  const Status written = write_thumbnail(folder / "still.png", folder / "thumbnail.jpg");
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ErrorCode::data_corrupt);
  EXPECT_FALSE(std::filesystem::exists(folder / "thumbnail.jpg"));
}

}  // namespace
}  // namespace vivid::render
