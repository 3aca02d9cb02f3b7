// How a scene's words are spoken: in utterances of a sentence each, with the rests between them.
//
// Threads: pure functions.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "render/storyboard/storyboard.h"

namespace vivid::render {

inline constexpr std::chrono::milliseconds kPauseAfterHook{800};
inline constexpr std::chrono::milliseconds kPauseAfterTitle{500};
inline constexpr std::chrono::milliseconds kPauseAfterContent{700};
inline constexpr std::chrono::milliseconds kPauseAfterTakeaway{500};
inline constexpr std::chrono::milliseconds kPauseAfterSentence{300};

// Appends `text` to the scene's narration, sentence by sentence; `pause_after` follows the last.
void say(Scene& scene, std::string_view text, std::chrono::milliseconds pause_after, int bullet = -1);

// Sentences that stand better as bullets, one appearing as each is spoken, than as a paragraph: two to six, none long.
bool reads_better_as_bullets(const std::vector<std::string_view>& sentences);

// Links sentences to the bullets they speak, where every bullet has its own, in order, that holds all its words;
// otherwise links nothing: a bullet that appears at the wrong moment is worse than one that is there from the start.
void link_bullets(Scene& scene);

}  // namespace vivid::render
