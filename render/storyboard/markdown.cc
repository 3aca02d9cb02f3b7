#include <algorithm>

#include "render/storyboard/characters.h"
#include "render/storyboard/math_spans.h"
#include "render/storyboard/phrases.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

// Text in which nothing is markup. Line ends become spaces: what was a line in the input is none in a paragraph.
std::string escaped_words(std::string_view text, bool at_start) {
  constexpr std::string_view kInline = "\\`*_[]<>&~|$";
  constexpr std::string_view kAtStart = "#+-=";
  std::string out;
  const std::size_t digits = at_start ? std::min(text.find_first_not_of("0123456789"), text.size()) : 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool list_mark = digits > 0 && i == digits && (c == '.' || c == ')');
    if (c == '\n') {
      if (!out.ends_with(' ')) out += ' ';
      continue;
    }
    // Escaped in the input already.
    if (c == '\\' && text.substr(i + 1, 1) == "$") continue;
    if (kInline.find(c) != std::string_view::npos || list_mark) out += '\\';
    if (at_start && i == 0 && kAtStart.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// As it was given, for a reader that sets TeX. To one that does not it must be neither a tag nor a link: spaces mean
// nothing in mathematics.
std::string formula(const MathSpan& span) {
  const std::string fence = span.display ? "$$" : "$";
  std::string out = fence;
  for (std::size_t i = 0; i < span.tex.size(); ++i) {
    const char c = span.tex[i];
    const char next = i + 1 < span.tex.size() ? span.tex[i + 1] : ' ';
    const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    out += c == '\n' ? ' ' : c;
    if (c == '<' && (letter || next == '/' || next == '!' || next == '?')) out += ' ';
    if (c == ']' && (next == '(' || next == '[')) out += ' ';
  }
  return out + fence;
}

std::string escaped(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (const MathSpan& span : find_math(text)) {
    out += escaped_words(text.substr(done, span.begin - done), done == 0) + formula(span);
    done = span.end;
  }
  return out + escaped_words(text.substr(done), done == 0);
}

// A heading's closing #s would be taken for markup.
std::string heading(int level, std::string_view text) {
  std::string line = escaped(text);
  if (line.ends_with('#')) line.insert(line.size() - 1, "\\");
  return std::string(static_cast<std::size_t>(level), '#') + " " + line + "\n\n";
}

// Paragraphs stay apart.
std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    if (const auto paragraph = trimmed(text.substr(0, end)); !paragraph.empty()) out += escaped(paragraph) + "\n\n";
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += "- " + escaped(item) + "\n";
  return out.empty() ? out : out + "\n";
}

// A code span keeps an equation as it was given; its fence is longer than any run of backticks within.
std::string code_span(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  const bool pad = line.starts_with('`') || line.ends_with('`');
  return fence + (pad ? " " : "") + line + (pad ? " " : "") + fence;
}

std::string narration_text(const Scene& scene, std::size_t skip = 0) {
  std::string out;
  for (std::size_t i = skip; i < scene.narration.size(); ++i) {
    out += (out.empty() ? "" : " ") + scene.narration[i].text;
  }
  return out;
}

// Bullets made of the content's sentences: in reading they are the paragraph they came from.
bool bullets_are_prose(const Scene& scene) {
  if (scene.kind != SceneKind::bullets || scene.narration.size() < scene.bullets.size()) return false;
  const std::size_t first = scene.narration.size() - scene.bullets.size();
  for (std::size_t i = 0; i < scene.bullets.size(); ++i) {
    if (scene.narration[first + i].text != scene.bullets[i]) return false;
  }
  return true;
}

// What is said and not shown: for a reader it is the lesson itself.
std::string spoken_only(const Scene& scene) {
  const bool shown = scene.kind == SceneKind::takeaways || !scene.body.empty();
  if (shown) return {};
  // A heading is spoken first, and stands above already.
  std::size_t skip = 0;
  std::string title;
  while (skip < scene.narration.size() && title.size() < scene.title.size()) {
    title += (title.empty() ? "" : " ") + scene.narration[skip++].text;
  }
  return narration_text(scene, title == scene.title ? skip : 0);
}

std::string scene_markdown(const Scene& scene, const Storyboard& storyboard) {
  std::string out;
  const std::string& name = scene.title.empty() ? scene.text_overlay : scene.title;
  if (!name.empty() && name != storyboard.title) out += heading(2, name);
  if (!scene.title.empty() && !scene.text_overlay.empty()) out += paragraphs(scene.text_overlay);
  out += paragraphs(scene.body);
  if (bullets_are_prose(scene)) {
    std::string prose;
    for (const std::string& sentence : scene.bullets) prose += (prose.empty() ? "" : " ") + sentence;
    out += paragraphs(prose);
  } else {
    out += paragraphs(spoken_only(scene));
    out += list(scene.bullets);
  }
  for (const std::string& equation : scene.equations) out += code_span(equation) + "\n\n";
  std::vector<std::string> labels;
  for (const Annotation& annotation : scene.annotations) {
    if (!annotation.label.empty()) labels.push_back(annotation.label);
  }
  return out + list(labels);
}

}  // namespace

std::string to_markdown(const Storyboard& storyboard) {
  std::string out = heading(1, storyboard.title);
  bool has_takeaways = false;
  for (const Scene& scene : storyboard.scenes) {
    out += scene_markdown(scene, storyboard);
    has_takeaways = has_takeaways || scene.kind == SceneKind::takeaways;
  }
  if (!has_takeaways && !storyboard.key_points.empty()) {
    out += heading(2, phrases_for(storyboard.language).takeaways) + list(storyboard.key_points);
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace vivid::render
