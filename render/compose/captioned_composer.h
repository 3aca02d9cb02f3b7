// A composer whose frames have their captions in the picture.
//
// Threads: as Composer; a fork may be used on another thread. Memory: a frame and one caption.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "render/compose/composer.h"
#include "render/speech/narration.h"

namespace vivid::render {

// Frames of `composer`, which has laid out its scenes with room for them, in `language`. Where the caption does not
// change, no more of a frame is worked on than the composer itself damages.
Result<std::unique_ptr<Composer>> put_captions_on(std::unique_ptr<Composer> composer,
                                                  const std::vector<Caption>& captions, const std::string& language,
                                                  const RenderOptions& options);

}  // namespace vivid::render
