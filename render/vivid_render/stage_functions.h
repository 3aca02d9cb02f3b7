// One function a stage, for run_stage.
//
// Threads, errors: as in stages.h.
#pragma once

#include "render/storyboard/storyboard.h"
#include "render/vivid_render/stages.h"
#include "render/vivid_render/step_timer.h"

namespace vivid::render {

struct StageCall {
  const Task& task;
  const Storyboard& storyboard;
  StageEnvironment& environment;
  StepTimer& timer;
  StageResult& result;
};

// Speaks the storyboard: narration.wav, narration.json, sound.json, narration.m4a.
Status synthesize_audio(StageCall& call);
// Finds out whether everything that is to be shown can be; writes stills where they are wanted.
Status generate_images(StageCall& call);
// Composes and encodes every frame: video.mp4.
Status generate_video(StageCall& call);
// Captions, thumbnail, text and manifest, from whatever the other stages left.
Status convert_formats(StageCall& call);

}  // namespace vivid::render
