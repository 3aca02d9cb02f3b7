// Checksums of what is written and sent: SHA-256 (FIPS 180-4) and CRC32C (Castagnoli, RFC 3720 appendix B.4).
//
// Threads: one object, one thread. Errors: none; the inputs are bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace vivid {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  // 64 lower-case hex digits of all bytes so far; the object is spent.
  std::string finish_hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

class Crc32c {
 public:
  void update(std::span<const std::byte> bytes);
  std::uint32_t value() const { return ~state_; }
  // Base64 of the big-endian value, the form Google Cloud Storage uses: "AAAAAA==" for no bytes.
  std::string to_base64() const;

 private:
  std::uint32_t state_ = 0xffff'ffffU;
};

}  // namespace vivid
