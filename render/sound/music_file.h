// A file of music, decoded piece by piece: two channels at 48 kHz.
//
// Threads: one source, one thread. Memory: a constant. The file is not trusted: only plain formats of sound are opened,
// and nothing that they name.
// Errors: unsupported for what is no sound that can be played; data_corrupt for sound that breaks off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "render/sound/sound_source.h"

namespace vivid::render {

// What lies behind is not played.
inline constexpr std::int64_t kMostMusicFrames = std::int64_t{20} * 60 * kSoundRateHz;

Result<std::unique_ptr<SoundSource>> open_music(const std::filesystem::path& path);

}  // namespace vivid::render
