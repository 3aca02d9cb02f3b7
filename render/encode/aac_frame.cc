#include "render/encode/aac_frame.h"

#include <algorithm>
#include <bit>

namespace vivid::render {
namespace {

// Names and widths are those of the standard's tables 4.4 to 4.6, 4.24 and 4.50.
constexpr unsigned kSingleChannelElement = 0;
constexpr unsigned kChannelPairElement = 1;
constexpr unsigned kEndElement = 7;
constexpr int kElementBits = 3;
constexpr int kTagBits = 4;
constexpr int kGainBits = 8;
constexpr unsigned kStartWindow = 1;
constexpr unsigned kEightShortWindows = 2;
constexpr unsigned kAllMiddleAndSide = 2;
constexpr std::size_t kLeastBytes = 3;

class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t position() const { return position_; }
  bool ended() const { return position_ > bytes_.size() * 8; }
  // Zeros behind the end.
  unsigned read(int bits) {
    unsigned value = 0;
    for (int i = 0; i < bits; ++i, ++position_) {
      const std::size_t at = position_ / 8;
      const unsigned bit = at < bytes_.size() ? (bytes_[at] >> (7U - position_ % 8)) & 1U : 0U;
      value = value << 1U | bit;
    }
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

class BitWriter {
 public:
  explicit BitWriter(std::size_t expected_bytes) { bytes_.reserve(expected_bytes); }
  void write(unsigned value, int bits) {
    pending_ = pending_ << static_cast<unsigned>(bits) | value;
    for (waiting_ += bits; waiting_ >= 8; waiting_ -= 8) {
      bytes_.push_back(static_cast<std::uint8_t>(pending_ >> static_cast<unsigned>(waiting_ - 8)));
    }
  }
  // The last byte is filled with zeros.
  std::vector<std::uint8_t> finish() {
    if (waiting_ > 0) write(0, 8 - waiting_);
    return std::move(bytes_);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::uint64_t pending_ = 0;
  int waiting_ = 0;
};

struct Header {
  unsigned element = 0;
  unsigned tag = 0;
  bool common_window = false;
  unsigned gain = 0;
  unsigned sequence = 0;
  unsigned shape = 0;
  unsigned bands = 0;     // max_sfb
  unsigned grouping = 0;  // of eight short windows: a bit for each but the first, set where it goes with the one before
  bool predicted = false;

  bool is_short() const { return sequence == kEightShortWindows; }
};

// To the end of ics_info(), whose first bit is reserved; the gain of a lone channel comes before it.
Header read_header(BitReader& in) {
  Header header;
  header.element = in.read(kElementBits);
  header.tag = in.read(kTagBits);
  if (header.element == kChannelPairElement) header.common_window = in.read(1) != 0;
  if (!header.common_window) header.gain = in.read(kGainBits);
  in.read(1);
  header.sequence = in.read(2);
  header.shape = in.read(1);
  header.bands = in.read(header.is_short() ? 4 : 6);
  if (header.is_short()) {
    header.grouping = in.read(7);
  } else {
    header.predicted = in.read(1) != 0;
  }
  return header;
}

void write_window(BitWriter& out, const Header& header) {
  out.write(0, 1);
  out.write(header.sequence, 2);
  out.write(header.shape, 1);
  out.write(header.bands, header.is_short() ? 4 : 6);
  out.write(header.is_short() ? header.grouping : 0U, header.is_short() ? 7 : 1);
}

// individual_channel_stream() of silence: every band of every group of windows in code book 0.
void write_silence(BitWriter& out, const Header& header) {
  out.write(0, kGainBits);
  const int length_bits = header.is_short() ? 3 : 5;
  const unsigned escape = (1U << static_cast<unsigned>(length_bits)) - 1;
  const int groups = header.is_short() ? 8 - std::popcount(header.grouping) : 1;
  for (int group = 0; group < groups && header.bands > 0; ++group) {
    out.write(0, 4);
    unsigned left = header.bands;
    for (; left >= escape; left -= escape) out.write(escape, length_bits);
    out.write(left, length_bits);
  }
  out.write(0, 3);  // neither pulses nor noise shaping nor gain control
}

// Where the end element begins: three ones, and zeros to the end of the byte.
std::size_t end_of(std::span<const std::uint8_t> frame) {
  const auto zeros = static_cast<std::size_t>(std::countr_zero(frame.back()));
  return frame.size() * 8 - zeros - kElementBits;
}

tl::unexpected<Error> strange() { return fail(ErrorCode::data_corrupt, "a frame of AAC is not of the form expected"); }

}  // namespace

std::optional<AacSlope> ending_slope(std::span<const std::uint8_t> frame) {
  BitReader in(frame);
  const Header header = read_header(in);
  const bool one_window =
      header.element == kSingleChannelElement || (header.element == kChannelPairElement && header.common_window);
  if (in.ended() || !one_window) return std::nullopt;
  return AacSlope{header.sequence == kStartWindow || header.is_short(), header.shape != 0};
}

Result<std::vector<std::uint8_t>> pair_of(std::span<const std::uint8_t> single) {
  if (single.size() < kLeastBytes || single.back() == 0) return strange();
  BitReader in(single);
  const Header header = read_header(in);
  const std::size_t end = end_of(single);
  if (header.element != kSingleChannelElement || header.predicted || in.position() > end) return strange();
  BitWriter out(single.size() + 8);
  out.write(kChannelPairElement, kElementBits);
  out.write(header.tag, kTagBits);
  out.write(1, 1);  // both share a window
  write_window(out, header);
  out.write(kAllMiddleAndSide, 2);
  out.write(header.gain, kGainBits);
  while (in.position() < end) {
    const int bits = static_cast<int>(std::min<std::size_t>(end - in.position(), 16));
    out.write(in.read(bits), bits);
  }
  write_silence(out, header);
  out.write(kEndElement, kElementBits);
  return out.finish();
}

}  // namespace vivid::render
