#include "render/spans/encoded_span.h"

#include <cstring>
#include <utility>

namespace vivid::render {
namespace {

void put(std::string& to, std::int64_t value) {
  for (int shift = 0; shift < 64; shift += 8) to.push_back(static_cast<char>(value >> shift & 0xff));
}

void put(std::string& to, std::span<const std::uint8_t> bytes) {
  put(to, static_cast<std::int64_t>(bytes.size()));
  to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  std::int64_t number() {
    if (left_.size() < sizeof(std::int64_t)) {
      ok_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(value); ++i) value |= std::to_integer<std::uint64_t>(left_[i]) << (8 * i);
    left_ = left_.subspan(sizeof(value));
    return static_cast<std::int64_t>(value);
  }

  // A number of things of which each takes at least `each` of the bytes that are left.
  std::size_t count(std::size_t each) {
    const std::int64_t value = number();
    if (value < 0 || static_cast<std::uint64_t>(value) > left_.size() / each) {
      ok_ = false;
      return 0;
    }
    return static_cast<std::size_t>(value);
  }

  std::vector<std::uint8_t> bytes() {
    std::vector<std::uint8_t> copy(count(1));
    if (!copy.empty()) std::memcpy(copy.data(), left_.data(), copy.size());
    left_ = left_.subspan(copy.size());
    return copy;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
  bool ok_ = true;
};

constexpr std::size_t kPacketBytes = 4 * sizeof(std::int64_t);

}  // namespace

std::string serialise(const EncodedSpan& span) {
  std::string text;
  text.reserve(span.bytes.size() + span.packets.size() * kPacketBytes + span.headers.size() + 64);
  put(text, span.headers);
  put(text, span.frames);
  put(text, span.pictures);
  put(text, static_cast<std::int64_t>(span.packets.size()));
  for (const SpanPacket& packet : span.packets) {
    put(text, packet.pts);
    put(text, packet.dts);
    put(text, std::int64_t{packet.flags});
    put(text, static_cast<std::int64_t>(packet.size_bytes));
  }
  put(text, span.bytes);
  return text;
}

Result<EncodedSpan> parse_span(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  EncodedSpan span;
  span.headers = reader.bytes();
  span.frames = reader.number();
  span.pictures = reader.number();
  span.packets.resize(reader.count(kPacketBytes));
  std::size_t total = 0;
  for (SpanPacket& packet : span.packets) {
    packet.pts = reader.number();
    packet.dts = reader.number();
    packet.flags = static_cast<int>(reader.number());
    packet.size_bytes = static_cast<std::size_t>(reader.number());
    // No sum of them can overflow: it never exceeds what there is.
    if (packet.size_bytes > bytes.size() - total) return fail(ErrorCode::data_corrupt, "a packet is longer than all");
    total += packet.size_bytes;
  }
  span.bytes = reader.bytes();
  if (!reader.ok() || !reader.at_end() || total != span.bytes.size()) {
    return fail(ErrorCode::data_corrupt, "the bytes are no span");
  }
  return span;
}

}  // namespace vivid::render
