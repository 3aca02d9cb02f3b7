// The finished sound, encoded once: for another rendering of a lesson whose words are the same it is taken from the
// cache, whatever its pages and chapters say by now.
//
// Threads: free function. Memory: a finished sound, where one is kept or taken. Errors: those of write_sound_file().
#pragma once

#include <memory>

#include "render/package/sound_file.h"
#include "render/span_cache/span_cache.h"

namespace vivid::render {

// Writes options.path as write_sound_file() does. `cache` may be null.
Result<SoundFile> make_sound_file(const SoundRecipe& recipe, const Mp4Options& options, SpanCache* cache,
                                  const SoundProgress& progress);

}  // namespace vivid::render
