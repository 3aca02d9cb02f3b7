#include "render/layout/formula_table.h"

#include <functional>
#include <set>

#include "render/layout/formula_art.h"
#include "render/storyboard/characters.h"
#include "render/storyboard/math_spans.h"

namespace vivid::render {
namespace {

// Supplementary Private Use Area-A: Unicode gives these characters no meaning, and lines do not break inside them.
constexpr char32_t kFirst = 0xF0000;
constexpr std::size_t kCount = 0xFFFE;
constexpr char kLeadByte = '\xF3';  // of all of them, in UTF-8
constexpr char32_t kReplacement = 0xFFFD;

bool is_private(char32_t c) { return c >= kFirst && c < kFirst + kCount; }

// Nothing in the input stands for a formula by chance.
std::string without_private(std::string_view text) {
  if (text.find(kLeadByte) == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    append_utf8(out, is_private(c.value) ? kReplacement : c.value);
    at += c.length;
  }
  return out;
}

// What a lesson shows as text, that may hold formulas.
void each_text(Storyboard& storyboard, const std::function<void(std::string&)>& visit) {
  for (Scene& scene : storyboard.scenes) {
    visit(scene.title);
    visit(scene.body);
    visit(scene.text_overlay);
    for (std::string& bullet : scene.bullets) visit(bullet);
    for (Annotation& annotation : scene.annotations) visit(annotation.label);
  }
}

}  // namespace

FormulaTable::FormulaTable(const std::vector<Formula>& formulas, const EquationBook& book) {
  for (const Formula& formula : formulas) {
    auto drawing = book.find(formula);
    if (drawing == nullptr || drawings_.size() == kCount || !can_be_drawn(*drawing)) continue;
    if (indices_.emplace(formula, drawings_.size()).second) drawings_.push_back(std::move(drawing));
  }
}

std::string FormulaTable::character_of(const Formula& formula) const {
  std::string character;
  const auto found = indices_.find(formula);
  if (found != indices_.end()) append_utf8(character, kFirst + static_cast<char32_t>(found->second));
  return character;
}

const Drawing* FormulaTable::drawing_of(char32_t character) const {
  const std::size_t index = character - kFirst;
  return is_private(character) && index < drawings_.size() ? drawings_[index].get() : nullptr;
}

std::string FormulaTable::with_formulas(std::string_view text) const {
  std::string out;
  std::size_t done = 0;
  const auto add = [&](std::size_t end) { out += without_tex(without_private(text.substr(done, end - done))); };
  for (const MathSpan& span : find_math(text)) {
    const std::string character = character_of({std::string(span.tex), span.display});
    if (character.empty()) continue;
    add(span.begin);
    done = span.end;
    if (!span.display) {
      out += character;
      continue;
    }
    while (out.ends_with(' ')) out.pop_back();
    if (!out.empty() && !out.ends_with('\n')) out += '\n';
    out += character;
    while (done < text.size() && text[done] == ' ') ++done;
    if (done < text.size() && text[done] != '\n') out += '\n';
  }
  add(text.size());
  return out;
}

std::vector<FormulaTable::Place> FormulaTable::find_in(std::string_view text) const {
  std::vector<Place> places;
  if (drawings_.empty()) return places;
  for (std::size_t at = text.find(kLeadByte); at != std::string_view::npos; at = text.find(kLeadByte, at + 1)) {
    if (const Drawing* drawing = drawing_of(code_point_at(text, at).value)) places.push_back({at, drawing});
  }
  return places;
}

std::string FormulaTable::identity_of(std::string_view text) const {
  std::string identity;
  for (const Place& place : find_in(text)) identity += place.drawing->identity;
  return identity;
}

std::vector<Formula> formulas_of(const Storyboard& storyboard) {
  std::vector<Formula> formulas;
  std::set<Formula> seen;
  const auto add = [&](Formula formula) {
    if (seen.insert(formula).second) formulas.push_back(std::move(formula));
  };
  for (const Scene& scene : storyboard.scenes) {
    for (const std::string& equation : scene.equations) add({std::string(bare_tex(equation)), true});
  }
  Storyboard copy = storyboard;
  each_text(copy, [&](std::string& text) {
    for (const MathSpan& span : find_math(text)) add({std::string(span.tex), span.display});
  });
  return formulas;
}

Storyboard with_formulas(Storyboard storyboard, const FormulaTable& table) {
  each_text(storyboard, [&](std::string& text) { text = table.with_formulas(text); });
  for (Scene& scene : storyboard.scenes) {
    for (std::string& equation : scene.equations) equation = bare_tex(equation);
  }
  return storyboard;
}

}  // namespace vivid::render
