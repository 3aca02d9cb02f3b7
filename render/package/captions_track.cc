#include "render/package/captions_track.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace vivid::render {
namespace {

constexpr std::string_view kFontName = "Sans-Serif";
// Some, and all of them.
constexpr std::uint32_t kAllSamplesForced = 0x40000000U | 0x80000000U;
constexpr std::size_t kMaxSampleBytes = 0xffff;

void put16(std::vector<std::uint8_t>& out, int value) {
  out.push_back(static_cast<std::uint8_t>((value >> 8) & 0xff));
  out.push_back(static_cast<std::uint8_t>(value & 0xff));
}

void put32(std::vector<std::uint8_t>& out, std::uint32_t value) {
  put16(out, static_cast<int>(value >> 16));
  put16(out, static_cast<int>(value & 0xffffU));
}

}  // namespace

std::vector<std::uint8_t> timed_text_description(const CaptionLook& look) {
  std::vector<std::uint8_t> out;
  put32(out, look.forced ? kAllSamplesForced : 0);  // displayFlags
  out.push_back(1);                                 // horizontal justification: centre
  out.push_back(0xff);                              // vertical justification: bottom (-1)
  put32(out, 0x00000080);                           // background RGBA
  // Default text box: top, left, bottom, right.
  put16(out, 0);
  put16(out, 0);
  put16(out, look.height_px);
  put16(out, look.width_px);
  // Default style: characters 0 to 0, font 1, plain, size, white.
  put16(out, 0);
  put16(out, 0);
  put16(out, 1);
  out.push_back(0);
  out.push_back(static_cast<std::uint8_t>(std::clamp(std::lround(look.height_px / 22 * look.scale), 10L, 255L)));
  put32(out, 0xffffffff);
  // Font table: one font.
  put32(out, static_cast<std::uint32_t>(4 + 4 + 2 + 2 + 1 + kFontName.size()));
  for (const char c : std::string_view("ftab")) out.push_back(static_cast<std::uint8_t>(c));
  put16(out, 1);
  put16(out, 1);
  out.push_back(static_cast<std::uint8_t>(kFontName.size()));
  out.insert(out.end(), kFontName.begin(), kFontName.end());
  return out;
}

std::string timed_text_sample(const Caption& caption) {
  std::string text;
  for (const std::string& line : caption.lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  if (text.size() > kMaxSampleBytes) {
    std::size_t end = kMaxSampleBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    text.resize(end);
  }
  std::string sample;
  sample += static_cast<char>(text.size() >> 8);
  sample += static_cast<char>(text.size() & 0xffU);
  return sample + text;
}

}  // namespace vivid::render
