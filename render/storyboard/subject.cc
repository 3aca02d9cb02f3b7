#include "render/storyboard/subject.h"

#include <algorithm>
#include <array>
#include <string>

namespace vivid::render {
namespace {

struct Row {
  std::string_view start;
  Subject subject;
};

// Compared with the start of each part, so that "phys" covers "physics" and "bio" "biology".
constexpr std::array<Row, 12> kRows{{{"phys", Subject::physics},
                                     {"math", Subject::math},
                                     {"calc", Subject::math},
                                     {"algebra", Subject::math},
                                     {"geom", Subject::math},
                                     {"trig", Subject::math},
                                     {"stat", Subject::math},
                                     {"chem", Subject::chemistry},
                                     {"bio", Subject::biology},
                                     {"hist", Subject::history},
                                     {"lit", Subject::literature},
                                     {"eng", Subject::literature}}};

}  // namespace

Subject subject_of(std::string_view topic_id) {
  std::string part;
  const auto decide = [&part]() {
    const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return part.starts_with(r.start); });
    return row == kRows.end() ? Subject::other : row->subject;
  };
  for (const char c : std::string(topic_id) + "_") {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (small >= 'a' && small <= 'z') {
      part += small;
    } else {
      if (const Subject subject = decide(); subject != Subject::other) return subject;
      part.clear();
    }
  }
  return Subject::other;
}

}  // namespace vivid::render
