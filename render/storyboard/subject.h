// Which school subject a topic belongs to: it chooses the theme.
//
// Threads: pure function.
#pragma once

#include <string_view>

#include "render/storyboard/storyboard.h"

namespace vivid::render {

// From the parts of an id such as "topic_phys_mech_newton_3"; the first part that tells decides.
Subject subject_of(std::string_view topic_id);

}  // namespace vivid::render
