#include "render/hold/messages.h"

#include <cstddef>

namespace vivid::render::h264 {
namespace {

constexpr std::size_t kTiming = 1;
constexpr std::uint8_t kStop = 0x80;

// A number in bytes of 255 and a last one (7.3.2.3.1). False: the payload ends in it.
bool read_number(ByteView payload, std::size_t& at, std::size_t& number) {
  number = 0;
  for (; at < payload.size(); ++at) {
    number += payload[at];
    if (payload[at] == 0xff) continue;
    ++at;
    return true;
  }
  return false;
}

}  // namespace

Bytes without_timing_messages(ByteView payload) {
  Bytes kept;
  std::size_t at = 0;
  while (at < payload.size() && !(payload[at] == kStop && at + 1 == payload.size())) {
    const std::size_t begin = at;
    std::size_t type = 0;
    std::size_t size = 0;
    if (!read_number(payload, at, type) || !read_number(payload, at, size) || size > payload.size() - at) {
      return {payload.begin(), payload.end()};
    }
    at += size;
    if (type == kTiming) continue;
    kept.insert(kept.end(), payload.begin() + static_cast<std::ptrdiff_t>(begin),
                payload.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (!kept.empty()) kept.push_back(kStop);
  return kept;
}

}  // namespace vivid::render::h264
