#include "render/hold/nal.h"

#include <algorithm>
#include <cstring>

namespace vivid::render::h264 {
namespace {

constexpr std::uint8_t kStartCode[] = {0, 0, 0, 1};
constexpr std::uint8_t kGuard = 3;

// Where two zero bytes begin, from `at` on; the end when there are none.
std::size_t find_two_zeros(ByteView bytes, std::size_t at) {
  while (at + 1 < bytes.size()) {
    const void* found = std::memchr(bytes.data() + at, 0, bytes.size() - 1 - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
    if (bytes[at + 1] == 0) return at;
    at += 2;
  }
  return bytes.size();
}

// Where a three-byte start code begins.
std::size_t find_start(ByteView stream, std::size_t at) {
  for (at = find_two_zeros(stream, at); at + 2 < stream.size(); at = find_two_zeros(stream, at + 1)) {
    if (stream[at + 2] == 1) return at;
  }
  return stream.size();
}

void append(ByteView bytes, Bytes& to) { to.insert(to.end(), bytes.begin(), bytes.end()); }

}  // namespace

std::vector<Nal> split_annex_b(ByteView stream) {
  std::vector<Nal> units;
  std::size_t start = find_start(stream, 0);
  while (start < stream.size()) {
    const std::size_t begin = start + 3;
    start = find_start(stream, begin);
    // A unit never ends in a zero: those before a start code are part of it, or fill.
    std::size_t end = start;
    while (end > begin && stream[end - 1] == 0) --end;
    if (end > begin) units.push_back({stream.subspan(begin, end - begin)});
  }
  return units;
}

Bytes payload_of(const Nal& nal) {
  const ByteView bytes = nal.bytes.subspan(1);
  Bytes payload;
  payload.reserve(bytes.size());
  std::size_t copied = 0;
  for (std::size_t at = find_two_zeros(bytes, 0); at + 2 < bytes.size();) {
    if (bytes[at + 2] != kGuard) {
      at = find_two_zeros(bytes, at + 1);
      continue;
    }
    append(bytes.subspan(copied, at + 2 - copied), payload);
    copied = at + 3;
    at = find_two_zeros(bytes, copied);
  }
  append(bytes.subspan(std::min(copied, bytes.size())), payload);
  return payload;
}

void append_nal(std::uint8_t header, ByteView payload, Bytes& to) {
  append(kStartCode, to);
  to.push_back(header);
  std::size_t copied = 0;
  for (std::size_t at = find_two_zeros(payload, 0); at + 2 < payload.size();) {
    if (payload[at + 2] > kGuard) {
      at = find_two_zeros(payload, at + 1);
      continue;
    }
    append(payload.subspan(copied, at + 2 - copied), to);
    to.push_back(kGuard);
    copied = at + 2;
    at = find_two_zeros(payload, copied);
  }
  append(payload.subspan(copied), to);
  // A payload may end in zeros (padding of a slice); its unit may not.
  if (!payload.empty() && payload.back() == 0) to.push_back(kGuard);
}

void append_nal(const Nal& nal, Bytes& to) {
  append(kStartCode, to);
  append(nal.bytes, to);
}

}  // namespace vivid::render::h264
