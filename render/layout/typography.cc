#include "render/layout/typography.h"

#include <algorithm>

namespace vivid::render {
namespace {

constexpr std::size_t kShortNumber = 3;

struct Quotes {
  std::string_view open;
  std::string_view close;
};

// Empty: the language is left to say how it quotes.
Quotes quotes_of(std::string_view language) {
  const std::string_view primary = language.substr(0, language.find_first_of("-_"));
  if (primary == "en" || primary == "pt" || primary == "tr") return {"\u201c", "\u201d"};
  if (primary == "de" || primary == "cs" || primary == "sk") return {"\u201e", "\u201c"};
  if (primary == "pl" || primary == "ro" || primary == "hu") return {"\u201e", "\u201d"};
  return {};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80U;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_apostrophe(std::string_view text, std::size_t at) {
  return at > 0 && at + 1 < text.size() && is_letter(text[at - 1]) && is_letter(text[at + 1]);
}

// "6 CO₂", "20 m": the space behind a short number, before a letter.
bool follows_number(std::string_view text, std::size_t at) {
  std::size_t digits = 0;
  while (digits < at && digits <= kShortNumber && is_digit(text[at - 1 - digits])) ++digits;
  const bool whole = digits == at || text[at - 1 - digits] == ' ' || text[at - 1 - digits] == '(';
  return digits > 0 && digits <= kShortNumber && whole && at + 1 < text.size() && is_letter(text[at + 1]);
}

bool opens(std::string_view text, std::size_t at) {
  return at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '(' || text[at - 1] == '[';
}

}  // namespace

std::size_t Typeset::source_offset(std::size_t offset) const {
  std::size_t extra = 0;
  for (const Mark& mark : marks) {
    if (mark.begin >= offset) break;
    extra += std::min(offset - mark.begin, mark.length) - 1;
  }
  return offset - extra;
}

Typeset typeset(std::string_view source, std::string_view language) {
  Typeset set;
  set.text.reserve(source.size());
  const Quotes quotes = quotes_of(language);
  bool quoting = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    std::string_view mark;
    if (source[i] == '\'' && is_apostrophe(source, i)) mark = "\u2019";
    // A lone one behind a number is a sign of inches.
    if (source[i] == '"' && (opens(source, i) || quoting || !is_digit(source[i - 1]))) {
      quoting = opens(source, i);
      mark = quoting ? quotes.open : quotes.close;
    }
    if (source[i] == ' ' && follows_number(source, i)) mark = "\u00a0";
    if (mark.empty()) {
      set.text += source[i];
    } else {
      set.marks.push_back({set.text.size(), mark.size()});
      set.text += mark;
    }
  }
  return set;
}

}  // namespace vivid::render
