#include "render/formats/fragmenter.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include "base/check.h"
#include "base/files.h"
#include "render/formats/media_input.h"
#include "render/formats/media_output.h"

namespace vivid::render {
namespace {

constexpr int kSegmentSeconds = 6;
constexpr const char* kLowComplexityAac = "mp4a.40.2";

Status stopped() { return fail(ErrorCode::cancelled, "stopped while cutting into segments"); }

// RFC 6381: profile, constraints and level of the stream's own parameter set.
Result<std::string> codec_of(const AVStream& track) {
  const AVCodecParameters& parameters = *track.codecpar;
  if (parameters.codec_id == AV_CODEC_ID_AAC) return std::string(kLowComplexityAac);
  if (parameters.codec_id != AV_CODEC_ID_H264 || parameters.extradata_size < 4) {
    return fail(ErrorCode::unsupported, std::string("a track of ") + avcodec_get_name(parameters.codec_id));
  }
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "avc1.%02X%02X%02X", parameters.extradata[1], parameters.extradata[2],
                parameters.extradata[3]);
  return std::string(text.data());
}

// Where the file's movie fragments begin; the last entry is the file's end.
Result<std::vector<std::int64_t>> fragment_offsets(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return tl::make_unexpected(errno_error(errno, "open " + path.string()));
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return tl::make_unexpected(errno_error(errno, "look at " + path.string()));
  std::vector<std::int64_t> offsets;
  std::int64_t at = 0;
  std::int64_t begins = -1;  // of what belongs to the next fragment
  while (at < facts.st_size) {
    std::array<unsigned char, 8> head{};
    if (::pread(fd.get(), head.data(), head.size(), at) != static_cast<ssize_t>(head.size())) {
      return fail(ErrorCode::data_corrupt, path.string() + " is cut off");
    }
    const std::int64_t size = std::int64_t{head[0]} << 24 | head[1] << 16 | head[2] << 8 | head[3];
    const std::string_view type(reinterpret_cast<const char*>(head.data()) + 4, 4);
    if (size < 8) return fail(ErrorCode::data_corrupt, path.string() + " has a box of no size");
    if (type == "styp" || type == "moof") {
      if (begins < 0) begins = at;
    }
    if (type == "moof") {
      offsets.push_back(begins);
      begins = -1;
    }
    at += size;
  }
  offsets.push_back(facts.st_size);
  return offsets;
}

// Times at which segments begin and the last one ends, in units of `timescale`.
std::vector<std::int64_t> cut_times(const Cuts& cuts, int timescale) {
  std::vector<std::int64_t> times;
  for (const std::int64_t frame : cuts.frames) times.push_back(frame * timescale / cuts.frames_per_second);
  times.push_back(cuts.end * timescale / cuts.frames_per_second);
  return times;
}

struct Cutter {
  MediaInput input;
  std::unique_ptr<MediaOutput> output;
  AVStream* track;
  std::vector<std::int64_t> times;   // where to cut, in units of the input's track
  std::vector<std::int64_t> starts;  // where it was cut

  Status run(const std::function<bool()>& keep_going) {
    const av::Packet packet = av::make_packet();
    for (;;) {
      if (!keep_going()) return stopped();
      VIVID_ASSIGN(const bool more, input.read(*packet));
      if (!more) return end_segment();
      // A running start would make the sound late: streams have no edit lists.
      if (packet->pts + packet->duration <= 0) continue;
      const std::size_t next = starts.size();
      const bool begins = next + 1 < times.size() && packet->pts >= times[next] && is_start(*packet);
      if (next == 0 || begins) {
        if (next > 0) VIVID_TRY(end_segment());
        starts.push_back(std::max<std::int64_t>(packet->pts, 0));
      }
      VIVID_TRY(output->write(*packet, *track, input.time_base()));
    }
  }

  // The first time the muxer writes the header, which it knows only then, and nothing else.
  Status end_segment() {
    if (starts.size() == 1) VIVID_TRY(output->end_fragment());
    return output->end_fragment();
  }

  static bool is_start(const AVPacket& packet) { return (packet.flags & AV_PKT_FLAG_KEY) != 0; }
};

}  // namespace

Result<std::set<std::int64_t>> starting_frames(const std::filesystem::path& file, int frames_per_second,
                                               const std::function<bool()>& keep_going) {
  VIVID_ASSIGN(MediaInput input, MediaInput::open(file, AVMEDIA_TYPE_VIDEO));
  const AVRational frame{1, frames_per_second};
  std::set<std::int64_t> starts;
  const av::Packet packet = av::make_packet();
  for (;;) {
    if (!keep_going()) return tl::make_unexpected(stopped().error());
    VIVID_ASSIGN(const bool more, input.read(*packet));
    if (!more) return starts;
    if (Cutter::is_start(*packet)) starts.insert(av_rescale_q(packet->pts, input.time_base(), frame));
  }
}

Cuts choose_cuts(const std::set<std::int64_t>& starts, std::int64_t frames, int frames_per_second) {
  Cuts cuts;
  cuts.frames = {0};
  cuts.end = frames;
  cuts.frames_per_second = frames_per_second;
  const std::int64_t longest = std::int64_t{kSegmentSeconds} * frames_per_second;
  while (frames - cuts.frames.back() > longest) {
    const std::int64_t begin = cuts.frames.back();
    auto after = starts.upper_bound(begin + longest);
    if (after != starts.begin() && *std::prev(after) > begin) --after;
    if (after == starts.end() || *after >= frames) break;
    cuts.frames.push_back(*after);
  }
  return cuts;
}

Result<SegmentedTrack> write_fragments(const std::filesystem::path& from, TrackKind kind,
                                       const std::filesystem::path& to, const Cuts& cuts,
                                       const std::function<bool()>& keep_going) {
  const bool picture = kind == TrackKind::picture;
  VIVID_ASSIGN(MediaInput input, MediaInput::open(from, picture ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO));
  SegmentedTrack result;
  result.file = to.filename().string();
  result.timescale = picture ? cuts.frames_per_second : input.track().codecpar->sample_rate;
  VIVID_ASSIGN(result.codec, codec_of(input.track()));
  VIVID_ASSIGN(auto output, MediaOutput::create("mp4", to));
  VIVID_ASSIGN(AVStream* const track, output->add(*input.track().codecpar, {1, result.timescale}));
  track->avg_frame_rate = input.track().avg_frame_rate;
  av_dict_copy(&track->metadata, input.track().metadata, 0);
  // Where B pictures need one, the decoder has its head start in the composition offsets: the first frame is shown at
  // 0.
  output->muxer().avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  av::Dictionary settings;
  settings.set("movflags", "+cmaf+frag_custom+delay_moov+skip_trailer");
  VIVID_TRY(output->begin(settings));
  const AVRational unit{1, result.timescale};
  std::vector<std::int64_t> times = cut_times(cuts, result.timescale);
  const std::int64_t end = times.back();
  for (std::int64_t& time : times) time = av_rescale_q(time, unit, input.time_base());
  const AVRational base = input.time_base();
  Cutter cutter{std::move(input), std::move(output), track, std::move(times), {}};
  VIVID_TRY(cutter.run(keep_going));
  VIVID_TRY(cutter.output->finish());
  VIVID_ASSIGN(const std::vector<std::int64_t> offsets, fragment_offsets(cutter.output->path()));
  if (offsets.size() != cuts.frames.size() + 1 || cutter.starts.size() != cuts.frames.size()) {
    return fail(ErrorCode::internal, result.file + " has " + std::to_string(offsets.size() - 1) +
                                         " segments instead of " + std::to_string(cuts.frames.size()));
  }
  result.header_bytes = offsets.front();
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const std::int64_t begins = av_rescale_q(cutter.starts[i], base, unit);
    const std::int64_t ends = i + 1 < cutter.starts.size() ? av_rescale_q(cutter.starts[i + 1], base, unit) : end;
    result.segments.push_back({offsets[i], offsets[i + 1] - offsets[i], ends - begins});
  }
  VIVID_TRY(cutter.output->publish());
  return result;
}

}  // namespace vivid::render
