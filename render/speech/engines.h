// The engines there are; make_speech_engine chooses.
//
// Threads: see SpeechEngine.
#pragma once

#include <memory>

#include "base/error.h"
#include "render/speech/narration.h"
#include "render/speech/words.h"

namespace vivid::render {

// resource_exhausted while another one lives: espeak-ng has one state a process.
Result<std::unique_ptr<SpeechEngine>> make_espeak_engine(const SpeechOptions& options);

// Silence as long as reading the text aloud would take.
std::unique_ptr<SpeechEngine> make_silent_engine(const SpeechOptions& options);

// How long a word is, in narrow letters' worth of speaking time.
double spoken_weight(std::string_view word);

}  // namespace vivid::render
