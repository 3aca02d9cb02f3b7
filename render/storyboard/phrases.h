// What every lesson says in its own language.
//
// Threads: constant tables.
#pragma once

#include <string_view>

namespace vivid::render {

struct Phrases {
  std::string_view language;       // primary subtag, or a longer tag that differs from it
  std::string_view takeaways;      // heading of the last scene
  std::string_view let_us_review;  // spoken before the takeaways
};

// English for languages that are not in the table.
const Phrases& phrases_for(std::string_view language);

}  // namespace vivid::render
