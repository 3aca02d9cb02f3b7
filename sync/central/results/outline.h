// What a JSON object is from outside, found in one pass without a tree: large bodies go to the database as they are,
// and the database reads them.
//
// Threads: pure function. Ownership: `status` points into the text.
#pragma once

#include <optional>
#include <string_view>

namespace vivid::sync {

struct Outline {
  std::string_view status;  // of the outermost object, as written; empty: none, or no plain text
};

// Nothing when the text is not one object from its first character to its last: such a text, put in the middle of a
// larger one, could say something else there. What is within the object may still be no JSON; the database says so.
std::optional<Outline> outline_of(std::string_view json);

}  // namespace vivid::sync
