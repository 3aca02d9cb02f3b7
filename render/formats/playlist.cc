#include "render/formats/playlist.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace vivid::render {
namespace {

constexpr const char* kHead = "#EXTM3U\n#EXT-X-VERSION:7\n";

std::string decimal(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

double seconds_of(const SegmentedTrack& track, std::int64_t duration) {
  return static_cast<double>(duration) / track.timescale;
}

std::int64_t per_second(std::int64_t bytes, double seconds) {
  return seconds > 0 ? static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) * 8 / seconds)) : 0;
}

// Quotes and line ends cannot be written in an attribute.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c != '"' && c != '\n' && c != '\r') out += c;
  }
  return out + "\"";
}

std::string variant_lines(const MasterPlaylist& master, const Variant& variant) {
  std::string out =
      "#EXT-X-STREAM-INF:BANDWIDTH=" + std::to_string(variant.rates.peak_bps + master.sound_rates.peak_bps);
  out += ",AVERAGE-BANDWIDTH=" + std::to_string(variant.rates.average_bps + master.sound_rates.average_bps);
  out += ",CODECS=" + quoted(variant.codec + "," + master.sound_codec);
  out += ",RESOLUTION=" + std::to_string(variant.width_px) + "x" + std::to_string(variant.height_px);
  out += ",FRAME-RATE=" + decimal(variant.frames_per_second, 3) + ",AUDIO=\"sound\"";
  if (!master.captions_playlist.empty()) out += ",SUBTITLES=\"captions\"";
  return out + ",CLOSED-CAPTIONS=NONE\n" + variant.playlist + "\n";
}

}  // namespace

int target_seconds(const SegmentedTrack& track) {
  double longest = 1.0;
  for (const Segment& segment : track.segments) longest = std::max(longest, seconds_of(track, segment.duration));
  return static_cast<int>(std::lround(longest));
}

std::string media_playlist(const SegmentedTrack& track) {
  std::string out = kHead;
  out += "#EXT-X-TARGETDURATION:" + std::to_string(target_seconds(track)) + "\n";
  out += "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n";
  out += "#EXT-X-MAP:URI=" + quoted(track.file) + ",BYTERANGE=\"" + std::to_string(track.header_bytes) + "@0\"\n";
  for (const Segment& segment : track.segments) {
    out += "#EXTINF:" + decimal(seconds_of(track, segment.duration), 6) + ",\n";
    out += "#EXT-X-BYTERANGE:" + std::to_string(segment.size_bytes) + "@" + std::to_string(segment.offset) + "\n";
    out += track.file + "\n";
  }
  return out + "#EXT-X-ENDLIST\n";
}

std::string single_playlist(const std::string& file, double seconds) {
  std::string out = kHead;
  out += "#EXT-X-TARGETDURATION:" + std::to_string(std::max(1L, std::lround(seconds))) + "\n";
  out += "#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:" + decimal(seconds, 6) + ",\n" + file + "\n";
  return out + "#EXT-X-ENDLIST\n";
}

BitRates bit_rates(const SegmentedTrack& track) {
  BitRates rates;
  const double target = target_seconds(track);
  std::int64_t all_bytes = 0;
  double all_seconds = 0;
  for (std::size_t first = 0; first < track.segments.size(); ++first) {
    std::int64_t bytes = 0;
    double seconds = 0;
    for (std::size_t last = first; last < track.segments.size(); ++last) {
      bytes += track.segments[last].size_bytes;
      seconds += seconds_of(track, track.segments[last].duration);
      if (seconds > 1.5 * target) break;
      if (seconds >= 0.5 * target) rates.peak_bps = std::max(rates.peak_bps, per_second(bytes, seconds));
    }
    all_bytes += track.segments[first].size_bytes;
    all_seconds += seconds_of(track, track.segments[first].duration);
  }
  rates.average_bps = per_second(all_bytes, all_seconds);
  rates.peak_bps = std::max(rates.peak_bps, rates.average_bps);
  return rates;
}

std::string master_playlist(const MasterPlaylist& master) {
  std::string out = kHead;
  out += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  out += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=" + quoted(master.sound_language) +
         ",LANGUAGE=" + quoted(master.sound_language) +
         ",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=" + quoted(master.sound_playlist) + "\n";
  if (!master.described_playlist.empty()) {
    out += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=" + quoted(master.sound_language + " (described)") +
           ",LANGUAGE=" + quoted(master.sound_language) +
           ",CHARACTERISTICS=\"public.accessibility.describes-video\",DEFAULT=NO,AUTOSELECT=YES,CHANNELS=\"2\",URI=" +
           quoted(master.described_playlist) + "\n";
  }
  if (!master.captions_playlist.empty()) {
    out += "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=" + quoted(master.captions_language) +
           ",LANGUAGE=" + quoted(master.captions_language) +
           ",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=" + quoted(master.captions_playlist) + "\n";
  }
  for (const Variant& variant : master.variants) out += variant_lines(master, variant);
  return out;
}

}  // namespace vivid::render
