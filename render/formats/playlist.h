// HTTP Live Streaming playlists (RFC 8216) of tracks that are one file each, cut into byte ranges.
//
// Threads: pure. Units: bytes, seconds as exact fractions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vivid::render {

struct Segment {
  std::int64_t offset = 0;
  std::int64_t size_bytes = 0;
  std::int64_t duration = 0;  // in units of the track's timescale
};

struct SegmentedTrack {
  std::string file;               // as its playlist names it
  std::string codec;              // RFC 6381: "avc1.640028"
  std::int64_t header_bytes = 0;  // at its beginning: what a player needs before any segment
  int timescale = 1;              // units a second
  std::vector<Segment> segments;
};

// The playlist of one track.
std::string media_playlist(const SegmentedTrack& track);

// One file that is one segment: captions.
std::string single_playlist(const std::string& file, double seconds);

struct BitRates {
  std::int64_t peak_bps = 0;  // RFC 8216, 4.3.4.2: of any stretch of 0.5 to 1.5 times the target duration
  std::int64_t average_bps = 0;
};
BitRates bit_rates(const SegmentedTrack& track);
// The longest segment, rounded.
int target_seconds(const SegmentedTrack& track);

struct Variant {
  std::string playlist;
  int width_px = 0;
  int height_px = 0;
  int frames_per_second = 0;
  std::string codec;
  BitRates rates;  // of the picture alone
};

struct MasterPlaylist {
  std::vector<Variant> variants;  // the one to begin with first
  std::string sound_playlist;
  std::string sound_codec;
  std::string sound_language;  // BCP 47
  BitRates sound_rates;
  std::string described_playlist;  // of the sound with audio descriptions; empty: none
  std::string captions_playlist;   // empty: none
  std::string captions_language;
};
std::string master_playlist(const MasterPlaylist& master);

}  // namespace vivid::render
