// The two forms an input may have, each read into a storyboard. Problems go to the report of the fields.
//
// Threads: pure functions.
#pragma once

#include "render/storyboard/fields.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

// `language` is what an input without one is in.

// The language model's script: a title scene, a scene a section, a closing scene of takeaways.
Storyboard read_script(const Fields& root, std::string_view language);

// The designer's storyboard: scenes as they are given.
Storyboard read_scenes(const Fields& root, std::string_view language);

// `language` of an object: a BCP 47 tag, `otherwise` if it says none.
std::string read_language(const Fields& fields, std::string_view otherwise);

// duration_seconds, or 5 s where it is missing or 0.
std::chrono::milliseconds read_duration(const Fields& fields);

}  // namespace vivid::render
