// Owners of FFmpeg's objects, and its error numbers as errors of ours. For .cc files only: it includes FFmpeg.
//
// Threads, ownership: as std::unique_ptr.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string_view>

#include "base/error.h"

namespace vivid::render::av {

struct Delete {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
  void operator()(SwrContext* resampler) const { swr_free(&resampler); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using Frame = std::unique_ptr<AVFrame, Delete>;
using Packet = std::unique_ptr<AVPacket, Delete>;
using Codec = std::unique_ptr<AVCodecContext, Delete>;
using Parameters = std::unique_ptr<AVCodecParameters, Delete>;
using Resampler = std::unique_ptr<SwrContext, Delete>;
using Scaler = std::unique_ptr<SwsContext, Delete>;

class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  ~Dictionary() { av_dict_free(&entries_); }

  void set(const char* key, const char* value) { av_dict_set(&entries_, key, value, 0); }
  AVDictionary** address() { return &entries_; }
  // A key that nobody has taken; null: all were.
  const char* left_over() const {
    const AVDictionaryEntry* entry = av_dict_get(entries_, "", nullptr, AV_DICT_IGNORE_SUFFIX);
    return entry == nullptr ? nullptr : entry->key;
  }

 private:
  AVDictionary* entries_ = nullptr;
};

// `number` is what an FFmpeg function returned (< 0); errno values keep their code, others become internal.
Error error(int number, std::string_view what);

// Allocation failure ends the process: there is nothing sensible to do next.
Frame make_frame();
Packet make_packet();

}  // namespace vivid::render::av
