#include "sync/central/session/secrets.h"

#include <cctype>
#include <vector>

namespace vivid::sync {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int letter = std::tolower(static_cast<unsigned char>(c)) - 'a';
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (escape) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// user:password@ of a URL; the last @ ends it, since a password may hold one that nobody escaped.
std::string_view user_info_password(std::string_view url) {
  const std::size_t slashes = url.find("//");
  const std::string_view rest = slashes == std::string_view::npos ? url : url.substr(slashes + 2);
  std::size_t at = rest.substr(0, rest.find('?')).rfind('@');
  // Or a question mark: then the @ is behind it, and before any slash.
  if (at == std::string_view::npos) at = rest.substr(0, rest.find('/')).find('@');
  if (at == std::string_view::npos) return {};
  const std::size_t colon = rest.substr(0, at).find(':');
  return colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1, at - colon - 1);
}

std::vector<std::string> passwords_in(std::string_view url) {
  std::vector<std::string> found;
  const auto add = [&](std::string_view password) {
    if (password.empty()) return;
    found.emplace_back(password);
    found.push_back(percent_decoded(password));
  };
  add(user_info_password(url));
  // password= and sslpassword=, in a query or in keyword form, where quotes may hold it.
  constexpr std::string_view kKey = "password=";
  for (std::size_t at = url.find(kKey); at != std::string_view::npos; at = url.find(kKey, at + 1)) {
    const std::string_view value = url.substr(at + kKey.size());
    const bool quoted = value.starts_with('\'');
    add(quoted ? value.substr(1, value.find('\'', 1) - 1) : value.substr(0, value.find_first_of("& ")));
  }
  return found;
}

void replace_all(std::string& text, std::string_view secret) {
  constexpr std::string_view kDots = "…";
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kDots.size())) {
    text.replace(at, secret.size(), kDots);
  }
}

}  // namespace

std::string without_secrets(std::string text, std::string_view url) {
  if (!url.empty()) replace_all(text, url);
  for (const std::string& password : passwords_in(url)) replace_all(text, password);
  return text;
}

}  // namespace vivid::sync
