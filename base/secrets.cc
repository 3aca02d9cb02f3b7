#include "base/secrets.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace vivid {
namespace {

constexpr std::string_view kDots = "…";

// Where a password stands, quotes included.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// user:password@ of a URI; the last @ before the query ends it, since a password may hold one that nobody escaped.
// Empty when there is none.
Place user_password(std::string_view text) {
  const std::size_t slashes = text.find("://");
  if (slashes == std::string_view::npos) return {};
  const std::size_t begin = slashes + 3;
  std::size_t end = text.rfind('@', text.find('?', begin));
  // A password may hold a question mark that nobody escaped, too: then the @ is behind it, and before any slash.
  if (end == std::string_view::npos || end < begin) end = text.substr(0, text.find('/', begin)).find('@', begin);
  const std::size_t colon = text.find(':', begin);
  if (end == std::string_view::npos || end < begin || colon == std::string_view::npos || colon > end) return {};
  return {colon + 1, end};
}

// Where the value that starts at `begin` ends: a quoted one with its quote, another with the next space or &.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  if (begin >= text.size() || text[begin] != '\'') return std::min(text.find_first_of("& ", begin), text.size());
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '\'') {
      return at + 1;
    }
  }
  return text.size();
}

// In order, none inside another.
std::vector<Place> passwords_in(std::string_view text) {
  std::vector<Place> places;
  const Place user = user_password(text);
  if (user.end > user.begin) places.push_back(user);
  // password and sslpassword, in a query or in keyword form, which allows spaces around the sign.
  constexpr std::string_view kKey = "password";
  for (std::size_t at = text.find(kKey, user.end); at != std::string_view::npos; at = text.find(kKey, at)) {
    at += kKey.size();
    std::size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
    if (begin == text.size() || text[begin] != '=') continue;
    begin = std::min(text.find_first_not_of(' ', begin + 1), text.size());
    at = end_of_value(text, begin);
    if (at > begin) places.push_back({begin, at});
  }
  return places;
}

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

// 'it\'s' as it's; anything that is not quoted as it is.
std::string unquoted(std::string_view text) {
  if (!text.starts_with('\'')) return std::string(text);
  std::string value;
  for (std::size_t i = 1; i < text.size() && text[i] != '\''; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    value += text[i];
  }
  return value;
}

void replace_all(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kDots.size())) {
    text.replace(at, secret.size(), kDots);
  }
}

}  // namespace

std::string without_passwords(std::string_view connection) {
  std::string shown;
  std::size_t at = 0;
  for (const Place& place : passwords_in(connection)) {
    shown += connection.substr(at, place.begin - at);
    shown += kDots;
    at = place.end;
  }
  shown += connection.substr(at);
  return shown;
}

std::string without_secrets(std::string text, std::string_view connection) {
  replace_all(text, connection);
  for (const Place& place : passwords_in(connection)) {
    const std::string password = unquoted(connection.substr(place.begin, place.end - place.begin));
    replace_all(text, password);
    replace_all(text, percent_decoded(password));
  }
  return text;
}

}  // namespace vivid
