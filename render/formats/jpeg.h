// Pictures as JPEG, for lists, posters and seek bars.
//
// Threads: pure. Errors: unsupported when FFmpeg was built without it.
#pragma once

#include <string>

#include "base/error.h"
#include "render/compose/composer.h"

namespace vivid::render {

// `picture` is in the colours of JPEG (PictureColors::jpeg), 4:2:0. Looks like 85 to 90 on the scale of libjpeg.
Result<std::string> encode_jpeg(const YuvView& picture);

}  // namespace vivid::render
