// UUIDs (RFC 4122): the request id everywhere, in canonical lower-case text.
//
// Threads: values; Uuid::random() may be called from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vivid {

class Uuid {
 public:
  // Accepts the 36-character form in either case, nothing else (no braces, no URN).
  static std::optional<Uuid> parse(std::string_view text);
  // Version 4, from the kernel's random source.
  static Uuid random();
  // Version 5 (SHA-1): the same name in the same name space is always the same id.
  static Uuid from_name(const Uuid& name_space, std::string_view name);

  std::string to_text() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  friend bool operator==(const Uuid&, const Uuid&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace vivid
