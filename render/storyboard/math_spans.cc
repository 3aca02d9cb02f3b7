#include "render/storyboard/math_spans.h"

#include <algorithm>
#include <array>
#include <optional>

#include "render/storyboard/characters.h"
#include "render/storyboard/math_text.h"

namespace vivid::render {
namespace {

struct Delimiters {
  std::string_view open;
  std::string_view close;
  bool display = false;
};
// The longer ones first.
constexpr std::array<Delimiters, 4> kDelimiters{
    {{"$$", "$$", true}, {"\\[", "\\]", true}, {"\\(", "\\)", false}, {"$", "$", false}}};

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Longer ones are not meant.
constexpr std::size_t kMostBytes = 4'000;

// The first `close` from `at` on that no backslash stands before and no brace is open around.
std::size_t find_close(std::string_view text, std::size_t at, std::string_view close) {
  int depth = 0;
  text = text.substr(0, at + kMostBytes);
  for (; at < text.size(); ++at) {
    if (depth <= 0 && text.substr(at).starts_with(close)) return at;
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '{') {
      ++depth;
    } else if (text[at] == '}') {
      --depth;
    }
  }
  return std::string_view::npos;
}

// What stands between single dollar signs is mathematics only if it looks like it.
bool reads_as_math(std::string_view text, const MathSpan& span) {
  const std::string_view tex = span.tex;
  if (is_blank(tex.front()) || is_blank(tex.back())) return false;
  if (span.end < text.size() && is_digit(text[span.end])) return false;
  const bool has_signs = tex.find_first_of("\\^_=+*/<>{}-") != std::string_view::npos;
  return has_signs || std::none_of(tex.begin(), tex.end(), is_blank);
}

std::optional<MathSpan> span_at(std::string_view text, std::size_t at) {
  for (const Delimiters& kind : kDelimiters) {
    if (!text.substr(at).starts_with(kind.open)) continue;
    const std::size_t begin = at + kind.open.size();
    const std::size_t close = find_close(text, begin, kind.close);
    if (close == std::string_view::npos) continue;
    const MathSpan span{at, close + kind.close.size(), text.substr(begin, close - begin), kind.display};
    if (trimmed(span.tex).empty()) continue;
    if (kind.open == "$" && !reads_as_math(text, span)) continue;
    return span;
  }
  return std::nullopt;
}

}  // namespace

std::vector<MathSpan> find_math(std::string_view text) {
  std::vector<MathSpan> spans;
  // Most texts hold none, and each sign that opens nothing is looked for an end only once.
  for (std::size_t at = text.find_first_of("$\\"); at < text.size(); at = text.find_first_of("$\\", at)) {
    if (text.substr(at).starts_with("\\$")) {
      at += 2;
    } else if (const auto span = span_at(text, at)) {
      spans.push_back({span->begin, span->end, trimmed(span->tex), span->display});
      at = span->end;
    } else {
      at += text.substr(at).starts_with("$$") ? 2 : 1;
    }
  }
  return spans;
}

std::string without_tex(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  const auto add_plain = [&](std::size_t end) {
    for (; done < end; ++done) {
      if (!text.substr(done).starts_with("\\$")) out += text[done];
    }
  };
  for (const MathSpan& span : find_math(text)) {
    add_plain(span.begin);
    out += math_plain(span.tex);
    done = span.end;
  }
  add_plain(text.size());
  return out;
}

std::string_view bare_tex(std::string_view text) {
  const std::string_view whole = trimmed(text);
  const auto spans = find_math(whole);
  const bool is_one = spans.size() == 1 && spans.front().begin == 0 && spans.front().end == whole.size();
  return is_one ? spans.front().tex : whole;
}

}  // namespace vivid::render
