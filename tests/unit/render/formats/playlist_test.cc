#include "render/formats/playlist.h"

#include <gtest/gtest.h>

namespace vivid::render {
namespace {

SegmentedTrack track() {
  return {"720p.mp4", "avc1.640020", 700, 30, {{700, 60'000, 120}, {60'700, 15'000, 60}, {75'700, 1'000, 10}}};
}

TEST(Playlist, NamesHeaderAndByteRangesOfOneFile) {
  EXPECT_EQ(media_playlist(track()),
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:VOD\n"
            "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"720p.mp4\",BYTERANGE=\"700@0\"\n"
            "#EXTINF:4.000000,\n#EXT-X-BYTERANGE:60000@700\n720p.mp4\n"
            "#EXTINF:2.000000,\n#EXT-X-BYTERANGE:15000@60700\n720p.mp4\n"
            "#EXTINF:0.333333,\n#EXT-X-BYTERANGE:1000@75700\n720p.mp4\n#EXT-X-ENDLIST\n");
}

TEST(Playlist, PeakIsOfStretchesAroundTheTargetDuration) {
  const BitRates rates = bit_rates(track());
  EXPECT_EQ(rates.peak_bps, 120'000);  // the first segment alone; the last one alone is too short to count
  EXPECT_EQ(rates.average_bps, 96'000);
}

TEST(Playlist, MasterAddsTheSoundToEveryVariantAndKeepsQuotesOut) {
  MasterPlaylist master;
  master.variants = {{"720p.m3u8", 1280, 720, 30, "avc1.640020", {1'000, 500}}};
  master.sound_playlist = "sound.m3u8";
  master.sound_codec = "mp4a.40.2";
  master.sound_language = "e\"n";
  master.sound_rates = {100, 50};
  EXPECT_EQ(master_playlist(master),
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"en\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,"
            "CHANNELS=\"2\",URI=\"sound.m3u8\"\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=1100,AVERAGE-BANDWIDTH=550,CODECS=\"avc1.640020,mp4a.40.2\","
            "RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO=\"sound\",CLOSED-CAPTIONS=NONE\n720p.m3u8\n");
}

}  // namespace
}  // namespace vivid::render
