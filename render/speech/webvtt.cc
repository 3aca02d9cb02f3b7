#include <algorithm>
#include <array>
#include <cstdio>

#include "render/speech/narration.h"

namespace vivid::render {
namespace {

std::string timestamp(std::chrono::microseconds time) {
  const long long ms = time.count() / 1'000;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld.%03lld", ms / 3'600'000, ms / 60'000 % 60,
                ms / 1'000 % 60, ms % 1'000);
  return text.data();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::vector<Caption> description_cues(const Narration& narration) {
  std::vector<Caption> cues;
  for (const SpokenUtterance& spoken : narration.descriptions) {
    std::string line = spoken.text;
    std::replace(line.begin(), line.end(), '\n', ' ');
    cues.push_back({spoken.start, spoken.end, {std::move(line)}});
  }
  return cues;
}

std::string to_webvtt(const std::vector<Caption>& captions) {
  std::string out = "WEBVTT\n";
  int number = 0;
  for (const Caption& caption : captions) {
    out += "\n" + std::to_string(++number) + "\n" + timestamp(caption.start) + " --> " + timestamp(caption.end) + "\n";
    for (const std::string& line : caption.lines) out += escaped(line) + "\n";
  }
  return out;
}

}  // namespace vivid::render
