#include "render/formats/hls.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "base/files.h"
#include "render/formats/fragmenter.h"
#include "render/formats/playlist.h"
#include "render/formats/rung.h"

namespace vivid::render {
namespace {

// RFC 8216, 3.5: when the captions' 0 is, on the clock of the pictures.
constexpr std::string_view kVttHead = "WEBVTT\n";
constexpr std::string_view kVttHeadWithClock = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n";

class HlsWriter {
 public:
  HlsWriter(const HlsOptions& options, const std::function<bool()>& keep_going)
      : options_(options), keep_going_(keep_going) {}

  Result<std::vector<std::string>> run() {
    VIVID_TRY(make_directories(options_.directory / "hls"));
    VIVID_ASSIGN(cuts_, common_cuts());
    for (const HlsSize& size : options_.sizes) VIVID_TRY(add_size(size));
    VIVID_TRY(add_sound());
    if (!options_.described_sound.empty()) VIVID_TRY(add_described_sound());
    if (!options_.captions.empty()) VIVID_TRY(add_captions());
    VIVID_TRY(write("master.m3u8", master_playlist(master_)));
    return names_;
  }

 private:
  // Where all sizes can be started, so that a player may change over at every segment.
  Result<Cuts> common_cuts() const {
    std::set<std::int64_t> common;
    for (const HlsSize& size : options_.sizes) {
      VIVID_ASSIGN(const auto starts, starting_frames(size.file, options_.frames_per_second, keep_going_));
      if (&size == &options_.sizes.front()) {
        common = starts;
        continue;
      }
      std::set<std::int64_t> both;
      std::set_intersection(common.begin(), common.end(), starts.begin(), starts.end(),
                            std::inserter(both, both.begin()));
      common = std::move(both);
    }
    return choose_cuts(common, options_.frames, options_.frames_per_second);
  }

  Result<SegmentedTrack> add_track(const std::filesystem::path& from, TrackKind kind, const std::string& file) {
    VIVID_ASSIGN(SegmentedTrack track,
                 write_fragments(from, kind, options_.directory / "hls" / file, cuts_, keep_going_));
    names_.push_back("hls/" + file);
    return track;
  }

  Status write(const std::string& file, const std::string& text) {
    VIVID_TRY(write_file_durably(options_.directory / "hls" / file, text));
    names_.push_back("hls/" + file);
    return {};
  }

  Status add_size(const HlsSize& size) {
    const std::string name = size_name(size.size);
    VIVID_ASSIGN(const SegmentedTrack track, add_track(size.file, TrackKind::picture, name + ".mp4"));
    VIVID_TRY(write(name + ".m3u8", media_playlist(track)));
    master_.variants.push_back({name + ".m3u8", size.size.width_px, size.size.height_px, options_.frames_per_second,
                                track.codec, bit_rates(track)});
    return {};
  }

  Status add_sound() {
    VIVID_ASSIGN(const SegmentedTrack track, add_track(options_.sizes.front().file, TrackKind::sound, "sound.m4a"));
    VIVID_TRY(write("sound.m3u8", media_playlist(track)));
    master_.sound_playlist = "sound.m3u8";
    master_.sound_codec = track.codec;
    master_.sound_language = options_.sound_language;
    master_.sound_rates = bit_rates(track);
    return {};
  }

  Status add_described_sound() {
    VIVID_ASSIGN(const SegmentedTrack track,
                 add_track(options_.described_sound, TrackKind::sound, "sound-described.m4a"));
    VIVID_TRY(write("sound-described.m3u8", media_playlist(track)));
    master_.described_playlist = "sound-described.m3u8";
    return {};
  }

  Status add_captions() {
    std::string text = to_webvtt(options_.captions);
    text.replace(0, kVttHead.size(), kVttHeadWithClock);
    VIVID_TRY(write("captions.vtt", text));
    const double seconds = static_cast<double>(options_.frames) / options_.frames_per_second;
    VIVID_TRY(write("captions.m3u8", single_playlist("captions.vtt", seconds)));
    master_.captions_playlist = "captions.m3u8";
    master_.captions_language = options_.captions_language;
    return {};
  }

  const HlsOptions& options_;
  const std::function<bool()>& keep_going_;
  Cuts cuts_;
  MasterPlaylist master_;
  std::vector<std::string> names_;
};

}  // namespace

Result<std::vector<std::string>> write_hls(const HlsOptions& options, const std::function<bool()>& keep_going) {
  return HlsWriter(options, keep_going).run();
}

}  // namespace vivid::render
