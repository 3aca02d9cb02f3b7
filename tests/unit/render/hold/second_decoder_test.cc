// Another decoder, written by other people, sees the same pictures.
#include <gtest/gtest.h>

#include "tests/unit/render/hold/clip.h"

#if VIVID_HAS_OPENH264
#include <wels/codec_api.h>

#include <memory>
#endif

namespace vivid::render::testing_support {
namespace {

#if VIVID_HAS_OPENH264

struct Close {
  void operator()(ISVCDecoder* decoder) const {
    decoder->Uninitialize();
    WelsDestroyDecoder(decoder);
  }
};

class OpenH264 {
 public:
  OpenH264() {
    ISVCDecoder* decoder = nullptr;
    WelsCreateDecoder(&decoder);
    decoder_.reset(decoder);
    int quiet = WELS_LOG_QUIET;
    decoder->SetOption(DECODER_OPTION_TRACE_LEVEL, &quiet);
    SDecodingParam parameters{};
    parameters.eEcActiveIdc = ERROR_CON_DISABLE;
    parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    decoder->Initialize(&parameters);
  }

  void decode(const Bytes& bytes) {
    unsigned char* planes[3] = {};
    SBufferInfo info{};
    take(decoder_->DecodeFrameNoDelay(bytes.data(), static_cast<int>(bytes.size()), planes, &info), planes, info);
  }

  void finish() {
    int end = 1;
    decoder_->SetOption(DECODER_OPTION_END_OF_STREAM, &end);
    int waiting = 0;
    decoder_->GetOption(DECODER_OPTION_NUM_OF_FRAMES_REMAINING_IN_BUFFER, &waiting);
    for (; waiting > 0; --waiting) {
      unsigned char* planes[3] = {};
      SBufferInfo info{};
      take(decoder_->FlushFrame(planes, &info), planes, info);
    }
  }

  std::vector<Bytes> pictures;
  int complaints = 0;

 private:
  void take(DECODING_STATE state, unsigned char* const* planes, const SBufferInfo& info) {
    if (state != dsErrorFree) ++complaints;
    if (info.iBufferStatus != 1) return;
    const SSysMEMBuffer& picture = info.UsrData.sSystemBuffer;
    Bytes& pixels = pictures.emplace_back();
    for (int plane = 0; plane < 3; ++plane) {
      const int width = plane == 0 ? picture.iWidth : picture.iWidth / 2;
      const int height = plane == 0 ? picture.iHeight : picture.iHeight / 2;
      for (int y = 0; y < height; ++y) {
        const unsigned char* row = planes[plane] + static_cast<std::ptrdiff_t>(y) * picture.iStride[plane == 0 ? 0 : 1];
        pixels.insert(pixels.end(), row, row + width);
      }
    }
  }

  std::unique_ptr<ISVCDecoder, Close> decoder_;
};

std::vector<Bytes> watch(const Bytes& header, const std::vector<ClipPacket>& packets) {
  OpenH264 decoder;
  decoder.decode(header);
  for (const ClipPacket& packet : packets) decoder.decode(packet.bytes);
  decoder.finish();
  EXPECT_EQ(decoder.complaints, 0);
  return std::move(decoder.pictures);
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

#else

TEST(HeldFrames, LookTheSameToASecondDecoder) { GTEST_SKIP() << "libopenh264-dev is not installed"; }

#endif

}  // namespace
}  // namespace vivid::render::testing_support
