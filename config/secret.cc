#include "config/secret.h"

#include <algorithm>

namespace vivid::config {
namespace {

constexpr std::string_view kDots = "…";

// user:password@ of a URI; the last @ before the query ends it, since a password may hold one that nobody escaped.
void hide_user_password(std::string& text) {
  const std::size_t slashes = text.find("://");
  if (slashes == std::string::npos) return;
  const std::size_t begin = slashes + 3;
  std::size_t end = text.rfind('@', text.find('?', begin));
  // A password may hold a question mark that nobody escaped, too: then the @ is behind it, and before any slash.
  if (end == std::string::npos || end < begin) end = text.substr(0, text.find('/', begin)).find('@', begin);
  const std::size_t colon = text.find(':', begin);
  if (end == std::string::npos || end < begin || colon == std::string::npos || colon > end) return;
  text.replace(colon + 1, end - colon - 1, kDots);
}

// Where the value that starts at `begin` ends: a quoted one with its quote, another with the next space or &.
std::size_t end_of_value(const std::string& text, std::size_t begin) {
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

}  // namespace

std::string without_password(std::string_view connection) {
  std::string text(connection);
  hide_user_password(text);
  // password and sslpassword, in a query or in keyword form, which allows spaces around the sign.
  constexpr std::string_view kKey = "password";
  for (std::size_t at = text.find(kKey); at != std::string::npos; at = text.find(kKey, at)) {
    at += kKey.size();
    std::size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
    if (begin == text.size() || text[begin] != '=') continue;
    begin = std::min(text.find_first_not_of(' ', begin + 1), text.size());
    const std::size_t end = end_of_value(text, begin);
    text.replace(begin, end - begin, kDots);
    at = begin + kDots.size();
  }
  return text;
}

}  // namespace vivid::config
