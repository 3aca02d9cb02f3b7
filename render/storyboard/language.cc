#include "render/storyboard/language.h"

#include <algorithm>

namespace vivid::render {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alphanumeric(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// RFC 5646, section 2.1.1: regions in capitals, scripts with an initial capital, all else small.
std::string subtag_in_custom(std::string_view subtag, bool first) {
  std::string out;
  const bool letters = std::all_of(subtag.begin(), subtag.end(), is_letter);
  for (const char c : subtag) {
    const bool capital = !first && letters && (subtag.size() == 2 || (subtag.size() == 4 && out.empty()));
    out += capital ? upper(c) : lower(c);
  }
  return out;
}

}  // namespace

std::optional<std::string> canonical_language(std::string_view tag) {
  if (tag.size() > 35) return std::nullopt;
  std::string out;
  std::size_t at = 0;
  while (at <= tag.size()) {
    const std::size_t end = std::min(tag.find_first_of("-_", at), tag.size());
    const std::string_view subtag = tag.substr(at, end - at);
    const bool first = at == 0;
    if (!std::all_of(subtag.begin(), subtag.end(), first ? is_letter : is_alphanumeric)) return std::nullopt;
    const bool fits = first ? subtag.size() == 2 || subtag.size() == 3 : !subtag.empty() && subtag.size() <= 8;
    if (!fits) return std::nullopt;
    if (!first) out += '-';
    out += subtag_in_custom(subtag, first);
    at = end + 1;
  }
  return out;
}

std::string_view primary_language(std::string_view tag) { return tag.substr(0, tag.find('-')); }

}  // namespace vivid::render
