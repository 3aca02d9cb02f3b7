#include "render/formats/srt.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace vivid::render {
namespace {

constexpr std::string_view kZeroWidthSpace = "\xE2\x80\x8B";

std::string timestamp(std::chrono::microseconds time) {
  const long long ms = time.count() / 1'000;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld,%03lld", ms / 3'600'000, ms / 60'000 % 60,
                ms / 1'000 % 60, ms % 1'000);
  return text.data();
}

// "<b" and "{\an8" begin tags.
std::string without_tags(std::string_view line) {
  std::string out;
  for (const char c : line) {
    out += c;
    if (c == '<' || c == '{') out += kZeroWidthSpace;
  }
  return out;
}

}  // namespace

std::string to_srt(const std::vector<Caption>& captions) {
  std::string out;
  int number = 0;
  for (const Caption& caption : captions) {
    if (number > 0) out += "\r\n";
    out += std::to_string(++number) + "\r\n" + timestamp(caption.start) + " --> " + timestamp(caption.end) + "\r\n";
    for (const std::string& line : caption.lines) out += without_tags(line) + "\r\n";
  }
  return out;
}

}  // namespace vivid::render
