// Audio descriptions: what is to be seen, told for those who do not see it. Each of these does nothing where none are
// wanted, or where no scene says what it shows.
//
// Threads, errors: as in stages.h.
#pragma once

#include "render/speech/narration.h"
#include "render/vivid_render/stage_functions.h"

namespace vivid::render {

// narration-described.m4a, of narration-described.wav.
Status write_described_sound(StageCall& call, const Narration& narration);
// descriptions.vtt.
Status write_description_cues(StageCall& call, const Narration& narration);
// video-described.mp4, of video.mp4 and narration-described.m4a.
Status write_described_film(StageCall& call, const Narration& narration);

}  // namespace vivid::render
