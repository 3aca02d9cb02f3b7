#include "render/hold/bits.h"

#include <bit>

#include "base/check.h"

namespace vivid::render::h264 {

std::uint32_t BitReader::bits(int count) {
  VIVID_CHECK(count >= 0 && count <= 32);
  if (!ok_ || position_ + static_cast<std::size_t>(count) > bytes_.size() * 8) {
    ok_ = false;
    return 0;
  }
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i, ++position_) {
    value = value << 1 | ((bytes_[position_ / 8] >> (7 - position_ % 8)) & 1U);
  }
  return value;
}

std::uint32_t BitReader::ue() {
  int zeros = 0;
  while (ok_ && !flag()) ++zeros;
  if (!ok_ || zeros > 31) {
    ok_ = false;
    return 0;
  }
  return ((1U << zeros) - 1) + bits(zeros);
}

std::uint32_t BitReader::ue_up_to(std::uint32_t largest) {
  const std::uint32_t value = ue();
  if (value <= largest) return value;
  ok_ = false;
  return 0;
}

std::int32_t BitReader::se_up_to(std::int32_t largest) {
  const std::uint32_t code = ue();
  const std::uint32_t magnitude = code / 2 + code % 2;
  if (magnitude > static_cast<std::uint32_t>(largest)) {
    ok_ = false;
    return 0;
  }
  const auto value = static_cast<std::int32_t>(magnitude);
  return code % 2 == 0 ? -value : value;
}

void BitWriter::bits(std::uint32_t value, int count) {
  VIVID_CHECK(count >= 0 && count <= 32);
  for (int i = count - 1; i >= 0; --i, ++position_) {
    if (position_ % 8 == 0) bytes_.push_back(0);
    if (((value >> i) & 1U) != 0) bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | 0x80U >> (position_ % 8));
  }
}

void BitWriter::ue(std::uint32_t value) {
  const std::uint32_t code = value + 1;
  VIVID_CHECK(code != 0);
  const int length = std::bit_width(code);
  bits(0, length - 1);
  bits(code, length);
}

void BitWriter::se(std::int32_t value) {
  const auto magnitude = static_cast<std::uint32_t>(value < 0 ? -static_cast<std::int64_t>(value) : value);
  ue(value > 0 ? 2 * magnitude - 1 : 2 * magnitude);
}

void BitWriter::copy(std::span<const std::uint8_t> bytes, std::size_t begin, std::size_t end) {
  VIVID_CHECK(begin <= end && end <= bytes.size() * 8);
  for (std::size_t at = begin; at < end; ++at) flag(((bytes[at / 8] >> (7 - at % 8)) & 1U) != 0);
}

void BitWriter::align(bool ones) {
  while (position_ % 8 != 0) flag(ones);
}

void BitWriter::stop() {
  flag(true);
  align(false);
}

std::size_t stop_bit_position(std::span<const std::uint8_t> payload) {
  std::size_t size = payload.size();
  while (size > 0 && payload[size - 1] == 0) --size;
  if (size == 0) return 0;
  return size * 8 - 1 - static_cast<std::size_t>(std::countr_zero(payload[size - 1]));
}

}  // namespace vivid::render::h264
