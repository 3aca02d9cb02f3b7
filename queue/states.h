// States back from their text in the file.
//
// Threads: pure functions.
#pragma once

#include <string_view>

#include "queue/job_queue.h"

namespace vivid::queue {

// Inverses of to_text. The text comes from our own tables: an unknown one is a broken invariant.
JobState job_state_from_text(std::string_view text);
StageState stage_state_from_text(std::string_view text);

}  // namespace vivid::queue
