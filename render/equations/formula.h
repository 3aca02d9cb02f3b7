// Mathematics as it is written, and as it is drawn.
//
// Threads: values. Units: em: the size of the letters around it is one.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace vivid::render {

struct Formula {
  std::string tex;      // what stands between the dollar signs
  bool display = true;  // on a line of its own; else within one of text
  auto operator<=>(const Formula&) const = default;
};

// Ready to be scaled and coloured.
struct Drawing {
  std::string svg;  // in currentColor; its view is the box below with `room_em` on every side
  double width_em = 0.0;
  double height_em = 0.0;  // above the baseline
  double depth_em = 0.0;   // below it
  double room_em = 0.0;    // for strokes that reach over the box
  std::string identity;    // equal for equal drawings only
};

// The formulas of a lesson that could be set.
class EquationBook {
 public:
  void add(Formula formula, Drawing drawing) {
    drawings_.insert_or_assign(std::move(formula), std::make_shared<const Drawing>(std::move(drawing)));
  }
  // Null: it has to be shown in another way.
  std::shared_ptr<const Drawing> find(const Formula& formula) const {
    const auto found = drawings_.find(formula);
    return found == drawings_.end() ? nullptr : found->second;
  }
  bool empty() const { return drawings_.empty(); }

 private:
  std::map<Formula, std::shared_ptr<const Drawing>> drawings_;
};

}  // namespace vivid::render
