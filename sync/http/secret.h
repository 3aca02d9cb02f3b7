// A token, key or session URI: held, handed on, and never shown. It has no way into a log line by accident, and its
// bytes are overwritten when it goes.
//
// Threads: a value.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace vivid::sync {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  // For whoever sends it or writes it to a file of mode 0600.
  const std::string& reveal() const { return text_; }

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  void wipe() noexcept;

  std::string text_;
};

// `text` with "…" wherever the secret stands in it: servers quote what they are sent.
std::string without(std::string text, const Secret& secret);

// Overwrites the text, so that it lies nowhere once it is freed.
void wipe_text(std::string& text) noexcept;

}  // namespace vivid::sync
