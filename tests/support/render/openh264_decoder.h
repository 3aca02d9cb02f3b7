// Cisco's decoder, which shares no line with FFmpeg's: a second opinion on a stream. Needs libopenh264-dev.
//
// Threads: one. Ownership: pictures are the caller's. Errors: counted as complaints.
#pragma once

#include <wels/codec_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace vivid::render::testing_support {

class OpenH264 {
 public:
  // The planes of a picture without gaps, one after the other.
  using Picture = std::vector<std::uint8_t>;

  explicit OpenH264(std::function<void(Picture)> on_picture) : on_picture_(std::move(on_picture)) {
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

  // What belongs to one picture, after start codes.
  void decode(const std::uint8_t* bytes, std::size_t size) {
    unsigned char* planes[3] = {};
    SBufferInfo info{};
    take(decoder_->DecodeFrameNoDelay(bytes, static_cast<int>(size), planes, &info), planes, info);
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

  int complaints() const { return complaints_; }

 private:
  struct Close {
    void operator()(ISVCDecoder* decoder) const {
      decoder->Uninitialize();
      WelsDestroyDecoder(decoder);
    }
  };

  void take(DECODING_STATE state, unsigned char* const* planes, const SBufferInfo& info) {
    if (state != dsErrorFree) ++complaints_;
    if (info.iBufferStatus != 1) return;
    const SSysMEMBuffer& picture = info.UsrData.sSystemBuffer;
    Picture pixels;
    for (int plane = 0; plane < 3; ++plane) {
      const int width = plane == 0 ? picture.iWidth : picture.iWidth / 2;
      const int height = plane == 0 ? picture.iHeight : picture.iHeight / 2;
      for (int y = 0; y < height; ++y) {
        const unsigned char* row = planes[plane] + static_cast<std::ptrdiff_t>(y) * picture.iStride[plane == 0 ? 0 : 1];
        pixels.insert(pixels.end(), row, row + width);
      }
    }
    on_picture_(std::move(pixels));
  }

  std::unique_ptr<ISVCDecoder, Close> decoder_;
  std::function<void(Picture)> on_picture_;
  int complaints_ = 0;
};

}  // namespace vivid::render::testing_support
