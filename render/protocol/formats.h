// What is made of a lesson beside video.mp4, narration.m4a, captions.vtt, thumbnail.jpg and text.md, which are made in
// every case. Their names are the same in configuration, requests, on the command line and on the wire.
//
// Threads: values and pure functions.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace vivid::render {

enum class Format {
  srt,         // captions.srt
  poster,      // poster.jpg: the title at the video's own size
  thumbnails,  // thumbnails/scene-01.jpg …: one a scene
  sprite,      // preview.jpg with preview.vtt: what is seen where, for a player's seek bar
  mp3,         // narration.mp3
  ladder,      // video-720p.mp4 …: the video at every smaller size
  hls,         // hls/master.m3u8: all sizes as one stream that adapts
  webm,        // video.webm: VP9 and Opus
};

struct FormatName {
  Format format;
  std::string_view name;
};
// In the order in which they are listed.
inline constexpr std::array kFormatNames{FormatName{Format::srt, "srt"},
                                         FormatName{Format::poster, "poster"},
                                         FormatName{Format::thumbnails, "thumbnails"},
                                         FormatName{Format::sprite, "sprite"},
                                         FormatName{Format::mp3, "mp3"},
                                         FormatName{Format::ladder, "ladder"},
                                         FormatName{Format::hls, "hls"},
                                         FormatName{Format::webm, "webm"}};

constexpr std::string_view to_text(Format format) { return kFormatNames[static_cast<std::size_t>(format)].name; }

constexpr std::optional<Format> format_from_text(std::string_view text) {
  for (const FormatName& known : kFormatNames) {
    if (known.name == text) return known.format;
  }
  return std::nullopt;
}

// A set of them.
class Formats {
 public:
  constexpr Formats() = default;
  // Those that cost next to nothing.
  static constexpr Formats usual() {
    Formats formats;
    for (const Format format : {Format::srt, Format::poster, Format::thumbnails}) formats.add(format);
    return formats;
  }

  constexpr void add(Format format) { bits_ |= bit(format); }
  constexpr void add(Formats others) { bits_ |= others.bits_; }
  constexpr bool has(Format format) const { return (bits_ & bit(format)) != 0; }
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> names;
    for (const FormatName& known : kFormatNames) {
      if (has(known.format)) names.push_back(known.name);
    }
    return names;
  }

  friend constexpr bool operator==(Formats, Formats) = default;

 private:
  static constexpr unsigned bit(Format format) { return 1U << static_cast<unsigned>(format); }
  unsigned bits_ = 0;
};

}  // namespace vivid::render
