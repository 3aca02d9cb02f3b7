#include "render/storyboard/sentences.h"

#include <algorithm>
#include <array>

#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

constexpr std::array<std::string_view, 34> kAbbreviations{
    "e.g", "i.e", "cf", "vs",   "etc", "approx", "fig",  "eq",     "no",  "nos",  "vol", "dr",
    "mr",  "mrs", "ms", "prof", "st",  "jr",     "sr",   "sra",    "ej",  "p.ej", "núm", "pág",
    "z.b", "bzw", "ca", "d.h",  "usw", "nr",     "p.ex", "c.-à-d", "env", "ex"};

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// The word that ends right before `end`, opening brackets and quotes left off.
std::string_view word_before(std::string_view text, std::size_t start, std::size_t end) {
  std::size_t from = end;
  while (from > start && text[from - 1] != ' ' && text[from - 1] != '\n' && text[from - 1] != '(') --from;
  return text.substr(from, end - from);
}

// A full stop that belongs to its word rather than to the sentence.
bool belongs_to_word(std::string_view text, std::size_t start, std::size_t stop) {
  const std::string_view word = word_before(text, start, stop);
  if (word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z') return true;
  const bool list_number = !word.empty() && word.size() <= 3 && word.data() == text.data() + start &&
                           std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto& all = kAbbreviations;
  return list_number || std::find(all.begin(), all.end(), lower_ascii(word)) != all.end();
}

bool is_closing(char32_t c) {
  switch (c) {
    case ')':
    case ']':
    case '"':
    case '\'':
    case 0xbb:    // »
    case 0x2019:  // ’
    case 0x201d:  // ”
    case 0x300d:  // 」
    case 0x300f:  // 』
    case 0xff09:  // ）
      return true;
    default:
      return false;
  }
}

// One past the end of a sentence whose mark stands at `at`, or 0 if the mark does not end it.
std::size_t sentence_end(std::string_view text, std::size_t start, std::size_t at) {
  const CodePoint mark = code_point_at(text, at);
  std::size_t end = at + mark.length;
  CodePoint next = code_point_at(text, end);
  while (next.length > 0 && (is_sentence_end(next.value) || is_closing(next.value))) {
    end += next.length;
    next = code_point_at(text, end);
  }
  if (next.length == 0 || is_unspaced(mark.value)) return end;
  if (!is_space(next.value)) return 0;
  if (mark.value != '.' && mark.value != 0x2026) return end;
  if (mark.value == '.' && belongs_to_word(text, start, at)) return 0;
  const std::size_t following = text.find_first_not_of(" \n", end);
  const bool goes_on = following != std::string_view::npos && text[following] >= 'a' && text[following] <= 'z';
  return goes_on ? 0 : end;
}

std::size_t cut_of_long(std::string_view text) {
  std::size_t clause = 0;
  std::size_t space = 0;
  std::size_t any = 0;
  for (std::size_t at = 0; at < kMaxSentenceBytes;) {
    const CodePoint c = code_point_at(text, at);
    at += c.length;
    if (at > kMaxSentenceBytes) break;
    any = at;
    if (is_space(c.value)) space = at;
    const bool mark = c.value == ',' || c.value == ';' || c.value == ':' || c.value == 0x60c || c.value == 0xff0c;
    if (mark && is_space(code_point_at(text, at).value)) clause = at;
    if (c.value == 0x3001 || c.value == 0xff0c) clause = at;  // 、，
  }
  if (clause > kMaxSentenceBytes / 3) return clause;
  return space > 0 ? space : any;
}

void add_bounded(std::string_view sentence, std::vector<std::string_view>& out) {
  sentence = trimmed(sentence);
  while (sentence.size() > kMaxSentenceBytes) {
    const std::size_t cut = cut_of_long(sentence);
    if (const auto part = trimmed(sentence.substr(0, cut)); !part.empty()) out.push_back(part);
    sentence = trimmed(sentence.substr(cut));
  }
  if (!sentence.empty()) out.push_back(sentence);
}

}  // namespace

std::vector<std::string_view> split_sentences(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    std::size_t end = 0;
    if (c.value == '\n') {
      end = at + 1;
    } else if (is_sentence_end(c.value)) {
      end = sentence_end(text, start, at);
    }
    if (end == 0) {
      at += c.length;
      continue;
    }
    add_bounded(text.substr(start, end - start), out);
    start = std::min(text.find_first_not_of(' ', end), text.size());
    at = start;
  }
  add_bounded(text.substr(start), out);
  return out;
}

}  // namespace vivid::render
