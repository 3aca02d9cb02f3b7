// narration.wav as sound to mix: one channel at 48 kHz.
//
// Threads: one source, one thread. Errors: those of WavReader.
#pragma once

#include <filesystem>
#include <memory>

#include "render/sound/sound_source.h"

namespace vivid::render {

Result<std::unique_ptr<SoundSource>> open_voice(const std::filesystem::path& wav);

}  // namespace vivid::render
