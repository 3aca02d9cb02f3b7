#include "daemon/vividctl/text.h"

#include <clocale>
#include <cwchar>

namespace vivid::ctl {
namespace {

constexpr char32_t kReplacement = 0xfffd;

struct Character {
  char32_t value = 0;
  std::size_t bytes = 1;
};

// The character at the front of a text that is not empty; kReplacement and one byte where it is not UTF-8.
Character front_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {kReplacement, 1};
  char32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {kReplacement, 1};
    value = (value << 6U) | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (overlong || surrogate || value > 0x10ffff) return {kReplacement, 1};
  return {value, length};
}

// The C library's width table, whatever locale the terminal's user has.
class Utf8Locale {
 public:
  Utf8Locale() : previous_(::uselocale(locale())) {}
  ~Utf8Locale() { ::uselocale(previous_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t locale() {
    static const locale_t kLocale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kLocale;
  }
  locale_t previous_;
};

std::size_t columns_of_character(char32_t value) {
  const int columns = ::wcwidth(static_cast<wchar_t>(value));
  return columns < 0 ? 1 : static_cast<std::size_t>(columns);
}

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7f && value < 0xa0); }

// They reorder what stands around them: a name could make a line read as another.
bool is_bidi_control(char32_t value) {
  return (value >= 0x202a && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  const Utf8Locale locale;
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = front_of(text);
    columns += columns_of_character(character.value);
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string printable_lines(std::string_view text) {
  std::string lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = printable(text.substr(begin, end - begin));
    begin = end + 1;
    if (lines.empty()) {
      lines = line;
    } else if (const std::size_t first = line.find_first_not_of(' '); first != std::string::npos) {
      lines += "\n  " + line.substr(first);
    }
  }
  return lines;
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const Character character = front_of(text);
    if (character.value == kReplacement) {
      clean += "\xef\xbf\xbd";
    } else if (is_control(character.value)) {
      clean += ' ';
    } else if (!is_bidi_control(character.value)) {
      clean += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return clean;
}

std::string truncated(std::string_view text, std::size_t columns, bool unicode) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  const Utf8Locale locale;
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Character character = front_of(text.substr(bytes));
    const std::size_t width = columns_of_character(character.value);
    if (used + width > columns - 1) break;
    used += width;
    bytes += character.bytes;
  }
  return std::string(text.substr(0, bytes)) + (unicode ? "…" : ".");
}

std::string padded(std::string_view text, std::size_t columns, bool right_aligned) {
  const std::size_t used = columns_of(text);
  const std::string fill(used < columns ? columns - used : 0, ' ');
  return right_aligned ? fill + std::string(text) : std::string(text) + fill;
}

std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (word.empty()) continue;
    const std::size_t width = columns_of(word);
    if (used > 0 && used + 1 + width > columns) {
      lines += "\n" + std::string(indent);
      used = 0;
    }
    if (used > 0) lines += ' ';
    lines += word;
    used += width + (used > 0 ? 1 : 0);
  }
  return lines;
}

}  // namespace vivid::ctl
