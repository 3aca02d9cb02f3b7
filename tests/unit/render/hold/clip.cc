#include "tests/unit/render/hold/clip.h"

#include <algorithm>
#include <map>
#include <random>

#include "render/encode/av.h"
#include "render/encode/av_log.h"
#include "render/hold/mix_slice.h"
#include "render/hold/splicer.h"
#include "tests/unit/render/hold/stream_check.h"

namespace vivid::render::testing_support {
namespace {

const char* kContinuousParams = "b-pyramid=none:direct=spatial:open-gop=0:keyint=infinite";

// A slope with blocks that wander, and noise that stays: something to predict, and something left over.
void draw(AVFrame& frame, unsigned seed, std::int64_t step) {
  std::mt19937 random(seed);
  const int block = 8 + static_cast<int>(random() % 24);
  const int speed = 1 + static_cast<int>(random() % 9);
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? frame.width : frame.width / 2;
    const int height = plane == 0 ? frame.height : frame.height / 2;
    const int x0 = static_cast<int>(step * speed % width);
    const int y0 = static_cast<int>(step * 3 % height);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const bool inside = x >= x0 && x < x0 + block && y >= y0 && y < y0 + block;
        const auto noise = static_cast<int>(random() % 9);
        frame.data[plane][y * frame.linesize[plane] + x] =
            static_cast<std::uint8_t>(inside ? 200 - noise : 40 + (x + y) * 100 / (width + height) + noise);
      }
    }
  }
}

struct Opened {
  av::Codec codec;
  av::Frame frame = av::make_frame();
};

Result<Opened> open_encoder(const ClipSettings& settings) {
  Opened opened;
  const AVCodec* x264 = avcodec_find_encoder_by_name("libx264");
  opened.codec.reset(avcodec_alloc_context3(x264));
  AVCodecContext& codec = *opened.codec;
  codec.width = settings.width_px;
  codec.height = settings.height_px;
  codec.pix_fmt = AV_PIX_FMT_YUV420P;
  codec.time_base = {1, 30};
  codec.framerate = {30, 1};
  codec.thread_count = settings.threads;
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av::Dictionary options;
  options.set("preset", settings.preset.c_str());
  options.set("forced-idr", "1");
  std::string params = kContinuousParams;
  if (!settings.x264_params.empty()) params += ":" + settings.x264_params;
  options.set("x264-params", params.c_str());
  const int result = avcodec_open2(&codec, x264, options.address());
  if (result < 0) return tl::make_unexpected(av::error(result, "open x264 with " + params));
  opened.frame->format = AV_PIX_FMT_YUV420P;
  opened.frame->width = settings.width_px;
  opened.frame->height = settings.height_px;
  return opened;
}

AVPictureType type_of(PictureKind kind) {
  if (kind == PictureKind::independent) return AV_PICTURE_TYPE_I;
  return kind == PictureKind::referable ? AV_PICTURE_TYPE_P : AV_PICTURE_TYPE_NONE;
}

class Filming {
 public:
  Filming(Opened opened, Splicer& splicer, Clip& clip)
      : opened_(std::move(opened)), splicer_(splicer), clip_(clip), sink_([this](const SplicedPacket& packet) {
          clip_.packets.push_back({{packet.bytes.begin(), packet.bytes.end()},
                                   packet.pts,
                                   packet.dts,
                                   packet.sync,
                                   packet.disposable,
                                   packet.held,
                                   packet.mixed});
          return Status{};
        }) {}

  Status show(const PlannedPicture& picture, std::vector<int> shares, unsigned seed, std::int64_t step) {
    AVFrame& frame = *opened_.frame;
    // The encoder keeps references to the pictures before.
    av_frame_unref(&frame);
    frame.format = AV_PIX_FMT_YUV420P;
    frame.width = opened_.codec->width;
    frame.height = opened_.codec->height;
    av_frame_get_buffer(&frame, 0);
    draw(frame, seed, step);
    frame.pts = picture.index;
    frame.pict_type = type_of(picture.kind);
    splicer_.expect(picture, std::move(shares));
    return send(&frame);
  }

  Status finish() {
    VIVID_TRY(send(nullptr));
    return splicer_.finish();
  }

 private:
  Status send(AVFrame* frame) {
    avcodec_send_frame(opened_.codec.get(), frame);
    const av::Packet packet = av::make_packet();
    while (avcodec_receive_packet(opened_.codec.get(), packet.get()) == 0) {
      const std::span<const std::uint8_t> bytes(packet->data, static_cast<std::size_t>(packet->size));
      clip_.encoder_packets.push_back({{bytes.begin(), bytes.end()}, packet->pts, packet->dts});
      VIVID_TRY(splicer_.take(bytes, packet->pts, sink_));
      av_packet_unref(packet.get());
    }
    return {};
  }

  Opened opened_;
  Splicer& splicer_;
  Clip& clip_;
  SplicedSink sink_;
};

class Decoding {
 public:
  Decoding(const Bytes& header, int threads) : codec_(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264))) {
    codec_->extradata = static_cast<std::uint8_t*>(av_mallocz(header.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    std::copy(header.begin(), header.end(), codec_->extradata);
    codec_->extradata_size = static_cast<int>(header.size());
    codec_->thread_count = threads;
    codec_->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
    avcodec_open2(codec_.get(), codec_->codec, nullptr);
  }

  bool send(const ClipPacket* packet, std::vector<DecodedFrame>& to) {
    const av::Packet given = av::make_packet();
    if (packet != nullptr) {
      av_new_packet(given.get(), static_cast<int>(packet->bytes.size()));
      std::copy(packet->bytes.begin(), packet->bytes.end(), given->data);
      given->pts = packet->pts;
      given->dts = packet->dts;
    }
    if (avcodec_send_packet(codec_.get(), packet == nullptr ? nullptr : given.get()) < 0) return false;
    const av::Frame frame = av::make_frame();
    int received = 0;
    while ((received = avcodec_receive_frame(codec_.get(), frame.get())) == 0) take(*frame, to);
    return received == AVERROR(EAGAIN) || received == AVERROR_EOF;
  }

 private:
  static void take(const AVFrame& frame, std::vector<DecodedFrame>& to) {
    DecodedFrame decoded;
    decoded.pts = frame.pts;
    decoded.decoder_complained = frame.decode_error_flags != 0;
    for (int plane = 0; plane < 3; ++plane) {
      const int width = plane == 0 ? frame.width : frame.width / 2;
      for (int y = 0; y < (plane == 0 ? frame.height : frame.height / 2); ++y) {
        const std::uint8_t* row = frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
        decoded.pixels.insert(decoded.pixels.end(), row, row + width);
      }
    }
    to.push_back(std::move(decoded));
  }

  av::Codec codec_;
};

std::string times_fault(const ClipSettings& settings, const Clip& clip) {
  std::vector<std::int64_t> shown;
  std::vector<std::int64_t> starts;
  for (const ClipPacket& packet : clip.packets) {
    if (!shown.empty() && packet.dts != (&packet - 1)->dts + 1) return "a decoding time does not follow";
    if (packet.dts > packet.pts) return "frame " + std::to_string(packet.pts) + " is decoded too late";
    shown.push_back(packet.pts);
    if (packet.sync) starts.push_back(packet.pts);
  }
  std::sort(shown.begin(), shown.end());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] != static_cast<std::int64_t>(i)) return "frame " + std::to_string(i) + " is missing or there twice";
  }
  if (static_cast<std::int64_t>(shown.size()) != clip.plan.back().end()) return "the film has another length";
  if (starts.empty() || starts.front() != 0) return "the film does not begin with a place to start";
  for (std::size_t i = 1; i < starts.size(); ++i) {
    if (starts[i] - starts[i - 1] > settings.longest_gap) {
      return "no place to start between " + std::to_string(starts[i - 1]) + " and " + std::to_string(starts[i]);
    }
  }
  return {};
}

}  // namespace

Bytes mixture(const Bytes& from, const Bytes& to, int share) {
  Bytes mixed(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    mixed[i] = static_cast<std::uint8_t>((from[i] * (h264::kWholeShare - share) + to[i] * share + 64) >> 7);
  }
  return mixed;
}

Result<Clip> make_clip(const ClipSettings& settings, const std::vector<std::int64_t>& holds,
                       const std::vector<std::vector<int>>& mixes) {
  VIVID_ASSIGN(Opened opened, open_encoder(settings));
  Clip clip;
  const std::uint8_t* header = opened.codec->extradata;
  clip.encoder_header.assign(header, header + opened.codec->extradata_size);
  VIVID_ASSIGN(const auto splicer, Splicer::create(settings.variant, clip.encoder_header));
  clip.header = splicer->headers();
  HoldPlanner planner(settings.variant, std::min(settings.longest_gap, splicer->longest_gap()), splicer->by_distance());
  Filming filming(std::move(opened), *splicer, clip);
  // What the stream cannot mix is not there: without, the pictures around follow one another.
  const auto mixed = [&](std::size_t i) -> std::vector<int> {
    const bool possible = i > 0 && i < mixes.size() && splicer->mixes() && (i + 1 < holds.size());
    if (!possible || static_cast<std::int64_t>(mixes[i].size()) > planner.longest_mix()) return {};
    return holds[i - 1] > 0 || i == 1 || mixes[i - 1].empty() ? mixes[i] : std::vector<int>{};
  };
  std::int64_t at = 0;
  for (std::size_t i = 0; i < holds.size(); ++i) {
    std::vector<int> shares = mixed(i);
    PictureTime time{at + static_cast<std::int64_t>(shares.size()), holds[i]};
    time.mixed_before = static_cast<std::int64_t>(shares.size());
    time.mixed_after = static_cast<std::int64_t>(mixed(i + 1).size());
    at = time.index + 1 + time.holds;
    for (const PlannedPicture& picture : planner.plan(time)) {
      clip.plan.push_back(picture);
      clip.shares.push_back(std::exchange(shares, {}));
      VIVID_TRY(filming.show(picture, clip.shares.back(), settings.seed, static_cast<std::int64_t>(i)));
    }
  }
  VIVID_TRY(filming.finish());
  return clip;
}

DecodedClip decode(const Bytes& header, const std::vector<ClipPacket>& packets, int threads) {
  const AvLogCapture said;
  DecodedClip clip;
  Decoding decoding(header, threads);
  for (const ClipPacket& packet : packets) {
    if (decoding.send(&packet, clip.frames)) continue;
    clip.messages.push_back("refused the packet of frame " + std::to_string(packet.pts));
    break;
  }
  if (!decoding.send(nullptr, clip.frames)) clip.messages.emplace_back("refused to end");
  for (const std::string& line : said.lines()) clip.messages.push_back(line);
  return clip;
}

std::string find_fault(const ClipSettings& settings, const Clip& clip) {
  if (std::string fault = times_fault(settings, clip); !fault.empty()) return fault;
  if (std::string fault = find_stream_fault(clip.header, clip.packets); !fault.empty()) return fault;
  const DecodedClip own = decode(clip.encoder_header, clip.encoder_packets);
  const DecodedClip spliced = decode(clip.header, clip.packets);
  if (!own.messages.empty()) return "the encoder's stream: " + own.messages.front();
  if (!spliced.messages.empty()) return "the decoder says: " + spliced.messages.front();
  if (static_cast<std::int64_t>(spliced.frames.size()) != clip.plan.back().end()) return "frames do not come out";
  std::map<std::int64_t, const DecodedFrame*> by_time;
  for (const DecodedFrame& frame : own.frames) by_time[frame.pts] = &frame;
  const DecodedFrame* before = nullptr;
  for (std::size_t i = 0; i < clip.plan.size(); ++i) {
    const PlannedPicture& picture = clip.plan[i];
    const auto source = by_time.find(picture.index);
    if (source == by_time.end()) return "the encoder's picture " + std::to_string(picture.index) + " is missing";
    for (std::int64_t at = picture.begin(); at < picture.end(); ++at) {
      const DecodedFrame& frame = spliced.frames[static_cast<std::size_t>(at)];
      if (frame.pts != at) return "frame " + std::to_string(at) + " comes out of order";
      if (frame.decoder_complained) return "frame " + std::to_string(at) + " is damaged";
      if (at < picture.index) {
        const int share = clip.shares[i][static_cast<std::size_t>(at - picture.begin())];
        if (frame.pixels != mixture(before->pixels, source->second->pixels, share)) {
          return "frame " + std::to_string(at) + " is not mixed as it was to be";
        }
        continue;
      }
      if (at > picture.index && frame.pixels != (&frame - 1)->pixels) {
        return "held frame " + std::to_string(at) + " differs from the one before";
      }
      if (source->second->pixels != frame.pixels) {
        return "frame " + std::to_string(at) + " differs from the encoder's own picture";
      }
    }
    before = source->second;
  }
  return {};
}

}  // namespace vivid::render::testing_support
