#include "render/speech/caption_limits.h"

#include <algorithm>

#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

// The combining marks of the scripts that use many: Latin and Greek, Hebrew, Arabic, Devanagari, Thai.
bool is_mark(char32_t c) {
  return (c >= 0x300 && c <= 0x36f) || (c >= 0x591 && c <= 0x5bd) || (c >= 0x610 && c <= 0x61a) ||
         (c >= 0x64b && c <= 0x65f) || c == 0x670 || (c >= 0x93a && c <= 0x93c) || (c >= 0x941 && c <= 0x948) ||
         c == 0x94d || c == 0xe31 || (c >= 0xe34 && c <= 0xe3a) || (c >= 0xe47 && c <= 0xe4e) || c == 0x200d ||
         (c >= 0xfe00 && c <= 0xfe0f);
}

struct Extent {
  int letters = 0;
  int wide = 0;
};

Extent extent_of(std::string_view text) {
  Extent extent;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    at += c.length;
    if (is_wide(c.value)) {
      ++extent.wide;
    } else if (!is_mark(c.value)) {
      ++extent.letters;
    }
  }
  return extent;
}

}  // namespace

int caption_width(std::string_view line) {
  const Extent extent = extent_of(line);
  return extent.letters * kLetterWidth + extent.wide * kWideWidth;
}

std::chrono::microseconds reading_time(const Caption& caption) {
  std::chrono::microseconds time{0};
  for (const std::string& line : caption.lines) {
    const Extent extent = extent_of(line);
    time += std::chrono::microseconds(std::int64_t{1'000'000} * extent.letters / kLettersPerSecond +
                                      std::int64_t{1'000'000} * extent.wide / kWidePerSecond);
  }
  return time;
}

std::size_t count_hurried(const std::vector<Caption>& captions) {
  return static_cast<std::size_t>(std::count_if(captions.begin(), captions.end(), [](const Caption& caption) {
    return caption.end - caption.start < reading_time(caption);
  }));
}

}  // namespace vivid::render
