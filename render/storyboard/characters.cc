#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t Count>
bool in_ranges(const Range (&ranges)[Count], char32_t code_point) {
  for (const Range& range : ranges) {
    if (code_point >= range.first && code_point <= range.last) return true;
  }
  return false;
}

constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0x33ff}, {0x3400, 0x4dbf},
                           {0x4e00, 0x9fff},   {0xa000, 0xa4cf},  {0xac00, 0xd7a3}, {0xf900, 0xfaff},
                           {0xfe30, 0xfe4f},   {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1faff},
                           {0x20000, 0x2fffd}, {0x30000, 0x3fffd}};
constexpr Range kUnspaced[] = {{0x0e00, 0x0eff}, {0x1000, 0x109f}, {0x1780, 0x17ff},   {0x3001, 0x30ff},
                               {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xf900, 0xfaff},   {0xff00, 0xff0f},
                               {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0x20000, 0x2fffd}, {0x30000, 0x3fffd}};
// Punctuation and symbols beyond ASCII, by block.
constexpr Range kMarks[] = {{0x00, 0x2f},     {0x3a, 0x40},     {0x5b, 0x60},     {0x7b, 0xa9},     {0xab, 0xb1},
                            {0xb4, 0xb4},     {0xb6, 0xb8},     {0xbb, 0xbb},     {0xbf, 0xbf},     {0xd7, 0xd7},
                            {0xf7, 0xf7},     {0x60c, 0x60d},   {0x61b, 0x61f},   {0x66a, 0x66d},   {0x6d4, 0x6d4},
                            {0x964, 0x965},   {0x2000, 0x206f}, {0x20a0, 0x20cf}, {0x2190, 0x2bff}, {0x3000, 0x3004},
                            {0x3008, 0x3020}, {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0xff00, 0xff0f}, {0xff1a, 0xff20},
                            {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xfffd, 0xfffd}};

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return {};
  const auto lead = static_cast<unsigned char>(text[offset]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  if (length == 1 || lead >= 0xf5 || offset + length > text.size()) return {0xfffd, 1};
  char32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[offset + i])) return {0xfffd, 1};
    value = (value << 6U) | (static_cast<unsigned char>(text[offset + i]) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {0xfffd, 1};
  return {value, length};
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | ((code_point >> shift) & 0x3fU)); };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xc0U | (code_point >> 6U));
    tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xe0U | (code_point >> 12U));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0U | (code_point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += code_point_at(text, at).length) ++count;
  return count;
}

std::string clipped(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit;
  while (end > 0 && is_continuation(text[end])) --end;
  return std::string(text.substr(0, end)) + "…";
}

bool is_space(char32_t code_point) {
  return code_point == ' ' || (code_point >= '\t' && code_point <= '\r') || code_point == 0x85 || code_point == 0xa0 ||
         code_point == 0x1680 || (code_point >= 0x2000 && code_point <= 0x200a) || code_point == 0x2028 ||
         code_point == 0x2029 || code_point == 0x202f || code_point == 0x205f || code_point == 0x3000;
}

bool is_wide(char32_t code_point) { return in_ranges(kWide, code_point); }

bool is_unspaced(char32_t code_point) { return in_ranges(kUnspaced, code_point); }

bool is_word_character(char32_t code_point) { return !in_ranges(kMarks, code_point) && !is_space(code_point); }

bool is_sentence_end(char32_t code_point) {
  switch (code_point) {
    case '.':
    case '!':
    case '?':
    case 0x2026:  // …
    case 0x3002:  // 。
    case 0xff01:  // ！
    case 0xff1f:  // ？
    case 0xff0e:  // ．
    case 0x061f:  // ؟
    case 0x06d4:  // ۔
    case 0x0964:  // ।
    case 0x0965:  // ॥
    case 0x1362:  // ።
      return true;
    default:
      return false;
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    const CodePoint first = code_point_at(text, 0);
    if (!is_space(first.value)) break;
    text.remove_prefix(first.length);
  }
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && is_continuation(text[last])) --last;
    if (!is_space(code_point_at(text, last).value)) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

}  // namespace vivid::render
