#include "sync/http/secret.h"

#include <openssl/crypto.h>

namespace vivid::sync {
namespace {

constexpr std::string_view kDots = "…";

}  // namespace

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  wipe();
  text_ = other.text_;
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = std::move(other.text_);
  other.wipe();
  return *this;
}

void Secret::wipe() noexcept { wipe_text(text_); }

void wipe_text(std::string& text) noexcept {
  if (!text.empty()) OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

std::string without(std::string text, const Secret& secret) {
  if (secret.empty()) return text;
  for (std::size_t at = text.find(secret.reveal()); at != std::string::npos;
       at = text.find(secret.reveal(), at + kDots.size())) {
    text.replace(at, secret.reveal().size(), kDots);
  }
  return text;
}

}  // namespace vivid::sync
