// A stream of H.264 as a second decoder is given it, and what it makes of it.
//
// Threads: free functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/render/openh264_decoder.h"

namespace vivid::render::testing_support {

// As FFmpeg's framecrc has it.
inline std::uint32_t checksum(const std::vector<std::uint8_t>& bytes) {
  constexpr std::uint32_t kBase = 65'521;
  constexpr std::size_t kRun = 3'800;  // sums of so many fit
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kRun) {
    for (std::size_t i = at; i < std::min(bytes.size(), at + kRun); ++i) {
      low += bytes[i];
      high += low;
    }
    low %= kBase;
    high %= kBase;
  }
  return high << 16U | low;
}

// Calls `picture` with what belongs to each picture of a stream with start codes of three or four bytes.
template <typename Take>
void for_each_picture(const std::string& stream, Take picture) {
  const auto next_unit = [&](std::size_t from) { return stream.find(std::string("\0\0\1", 3), from); };
  std::size_t begin = 0;
  bool has_slice = false;
  for (std::size_t at = next_unit(0); at != std::string::npos && at + 4 < stream.size(); at = next_unit(at + 3)) {
    const int type = static_cast<unsigned char>(stream[at + 3]) & 31;
    const bool slice = type == 1 || type == 5;
    // A slice whose first macroblock is 0, and what is no slice, are of a new picture.
    if (has_slice && (!slice || (static_cast<unsigned char>(stream[at + 4]) & 0x80U) != 0)) {
      picture(begin, at - begin);
      begin = at;
      has_slice = false;
    }
    has_slice = has_slice || slice;
  }
  picture(begin, stream.size() - begin);
}

struct SecondOpinion {
  std::vector<std::uint32_t> frames;  // a checksum each
  int complaints = 0;
};

inline SecondOpinion decode_with_openh264(const std::string& stream) {
  SecondOpinion opinion;
  OpenH264 decoder([&opinion](const OpenH264::Picture& picture) { opinion.frames.push_back(checksum(picture)); });
  for_each_picture(stream, [&](std::size_t at, std::size_t size) {
    decoder.decode(reinterpret_cast<const std::uint8_t*>(stream.data() + at), size);
  });
  decoder.finish();
  opinion.complaints = decoder.complaints();
  return opinion;
}

}  // namespace vivid::render::testing_support
