// A media file in the making, through one of libavformat's muxers. For .cc files only: it includes FFmpeg.
//
// Threads: one output, one thread. Memory: what the muxer needs; packets are not held back. Ownership: takes its own
// references to packets. The file appears under its name in publish(); without it nothing is left. Errors: disk_full,
// io_error; internal when FFmpeg refuses a packet.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/error.h"
#include "render/encode/av.h"
#include "render/package/publish.h"

namespace vivid::render {

struct CloseOutput {
  void operator()(AVFormatContext* muxer) const {
    avio_closep(&muxer->pb);
    avformat_free_context(muxer);
  }
};

class MediaOutput {
 public:
  // `muxer` is libavformat's name.
  static Result<std::unique_ptr<MediaOutput>> create(const char* muxer, const std::filesystem::path& path);

  // Where it is written to until it is published.
  const std::filesystem::path& path() const { return file_.path(); }
  // Before begin().
  AVFormatContext& muxer() { return *muxer_; }
  Result<AVStream*> add(const AVCodecParameters& parameters, AVRational time_base);
  // Those of another file; before begin().
  void copy_chapters(const AVFormatContext& from);
  Status begin(av::Dictionary& settings);

  // In the order of the calls.
  Status write(const AVPacket& packet, const AVStream& stream, AVRational time_base);
  // Where the muxer makes fragments on demand.
  Status end_fragment();
  // Writes what is left and closes the file.
  Status finish();
  // Puts it in its place.
  Status publish() { return file_.publish(); }

 private:
  explicit MediaOutput(const std::filesystem::path& path) : file_(path), name_(path.filename().string()) {}

  UnfinishedFile file_;
  std::string name_;
  std::unique_ptr<AVFormatContext, CloseOutput> muxer_;
  av::Packet packet_ = av::make_packet();
};

}  // namespace vivid::render
