// Formulas within text: each stands there as one private character, which the text engine draws as what it is.
//
// Threads: immutable once made.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "render/equations/formula.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

class FormulaTable {
 public:
  FormulaTable() = default;
  // A drawing that cannot be drawn is left out.
  explicit FormulaTable(const std::vector<Formula>& formulas, const EquationBook& book);

  // The formula's character, in UTF-8; empty: it has to be shown in another way.
  std::string character_of(const Formula& formula) const;
  // Null for a character that stands for no formula.
  const Drawing* drawing_of(char32_t character) const;

  // Text as written, with characters for its formulas; those without one become plain text.
  std::string with_formulas(std::string_view text) const;

  struct Place {
    std::size_t offset = 0;  // bytes into the text
    const Drawing* drawing = nullptr;
  };
  // Where formulas stand in a text that with_formulas() or character_of() gave.
  std::vector<Place> find_in(std::string_view text) const;
  // Equal for two such texts only if their formulas look the same; empty where there are none.
  std::string identity_of(std::string_view text) const;

 private:
  std::map<Formula, std::size_t> indices_;
  std::vector<std::shared_ptr<const Drawing>> drawings_;
};

// All formulas that a lesson shows, each once.
std::vector<Formula> formulas_of(const Storyboard& storyboard);

// The lesson with characters for the formulas in its texts. What is spoken stays as it is.
Storyboard with_formulas(Storyboard storyboard, const FormulaTable& table);

}  // namespace vivid::render
