#include "base/uuid.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include <algorithm>

#include "base/check.h"

namespace vivid {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr bool is_hyphen_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void set_version(std::array<std::uint8_t, 16>& bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_hyphen_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    std::uint8_t& byte = uuid.bytes_[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++nibble;
  }
  return uuid;
}

Uuid Uuid::random() {
  Uuid uuid;
  VIVID_CHECK(getrandom(uuid.bytes_.data(), uuid.bytes_.size(), 0) == static_cast<ssize_t>(uuid.bytes_.size()));
  set_version(uuid.bytes_, 4);
  return uuid;
}

Uuid Uuid::from_name(const Uuid& name_space, std::string_view name) {
  std::string input(name_space.bytes_.begin(), name_space.bytes_.end());
  input += name;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  VIVID_CHECK(EVP_Digest(input.data(), input.size(), digest.data(), &length, EVP_sha1(), nullptr) == 1);
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes_.size(), uuid.bytes_.begin());
  set_version(uuid.bytes_, 5);
  return uuid;
}

std::string Uuid::to_text() const {
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : bytes_) {
    if (is_hyphen_position(text.size())) text += '-';
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 0x0f];
  }
  return text;
}

}  // namespace vivid
