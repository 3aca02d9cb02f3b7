// How much of a caption a reader can take in: the limits of the timed text guidelines of broadcasters and streaming
// services, the stricter of them where they differ.
//
//   42 letters a line, two lines, 20 letters a second      Netflix Timed Text Style Guide, English (USA)
//   16 ideographs a line, 9 a second                       the same, Chinese (Simplified)
//   no overlap, no text too short to be noticed            BBC Subtitle Guidelines 1.2.3, "Timing"
//
// https://partnerhelp.netflixstudios.com/hc/en-us/sections/22463232153235-Timed-Text-Style-Guides
// https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles/
//
// Threads: pure functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "render/speech/narration.h"

namespace vivid::render {

// Widths in tenths of a letter: wide characters (is_wide) take the room of 2.6 letters, so that 16 fill a line.
inline constexpr int kLetterWidth = 10;
inline constexpr int kWideWidth = 26;
inline constexpr int kCaptionLineWidth = 42 * kLetterWidth;
inline constexpr std::size_t kCaptionLines = 2;

inline constexpr int kLettersPerSecond = 20;
inline constexpr int kWidePerSecond = 9;
inline constexpr std::chrono::milliseconds kCaptionLeast{800};
inline constexpr std::chrono::milliseconds kCaptionMost{6'000};
// So much may a caption come after its words where those before take longer to read than to say.
inline constexpr std::chrono::milliseconds kCaptionLag{500};

// Marks that stand above or below letters take none.
int caption_width(std::string_view line);
// How long a reader needs for the lines.
std::chrono::microseconds reading_time(const Caption& caption);

// Those shown for less than reading_time(): the voice is quicker than a reader.
std::size_t count_hurried(const std::vector<Caption>& captions);

}  // namespace vivid::render
