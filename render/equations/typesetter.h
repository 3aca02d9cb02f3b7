// TeX becomes drawings: by MathJax under Node.js, once for each formula there ever was on this machine.
//
// All formulas of a lesson go to one child program, which is optional and trusted with nothing: where it is missing,
// too slow or refuses, the formula is not in the book, and why is told.
//
// Threads: any; blocks until the child has ended, its time limit at most. Errors: none. The same formulas give the same
// drawings.
#pragma once

#include <string>
#include <vector>

#include "render/equations/formula.h"
#include "render/protocol/options.h"

namespace vivid::render {

inline constexpr std::size_t kMostFormulas = 1'000;  // of a lesson
inline constexpr std::size_t kMostTexBytes = 2'000;  // of one of them

struct SetFormulas {
  EquationBook book;
  std::vector<std::string> problems;
};

// Displayed formulas wider than `widest_em` are set on several lines where that can be done.
SetFormulas set_formulas(const std::vector<Formula>& formulas, double widest_em, const EquationOptions& options);

// Where the package lies that belongs to this program: beside it, as it is built or installed.
std::filesystem::path usual_equation_package();

}  // namespace vivid::render
