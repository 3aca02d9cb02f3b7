// Reads and writes what H.264 headers are made of: fixed-length fields and Exp-Golomb codes (ITU-T H.264, 9.1).
//
// Threads: values. Errors: a reader that is asked for more than there is gives zeros from then on and says so in
// ok(): a parser reads on and asks once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace vivid::render::h264 {

class BitReader {
 public:
  // Borrows the bytes.
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint32_t bits(int count);  // 0 … 32
  bool flag() { return bits(1) != 0; }
  std::uint32_t ue();
  // A value that is larger than `largest`, of either sign, makes the reader fail.
  std::uint32_t ue_up_to(std::uint32_t largest);
  std::int32_t se_up_to(std::int32_t largest);

  std::size_t position() const { return position_; }
  bool ok() const { return ok_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

class BitWriter {
 public:
  void bits(std::uint32_t value, int count);  // 0 … 32
  void flag(bool value) { bits(value ? 1 : 0, 1); }
  void ue(std::uint32_t value);  // below 2^32 - 1
  void se(std::int32_t value);
  // The bits [begin, end) of `bytes`.
  void copy(std::span<const std::uint8_t> bytes, std::size_t begin, std::size_t end);
  // Fills the last byte up with ones or zeros.
  void align(bool ones);
  // The stop bit, and zeros to the end of the byte.
  void stop();

  std::size_t position() const { return position_; }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

// Where the stop bit of a payload is, counted from its first bit; 0 when there is none.
std::size_t stop_bit_position(std::span<const std::uint8_t> payload);

}  // namespace vivid::render::h264
