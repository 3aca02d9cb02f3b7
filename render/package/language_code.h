// MP4 tracks name their language with three letters (ISO 639-2/T); requests with BCP 47 tags.
//
// Threads: pure.
#pragma once

#include <string>
#include <string_view>

namespace vivid::render {

// "es-MX" → "spa"; "und" for a language this does not know.
std::string iso_639_2(std::string_view bcp47);

}  // namespace vivid::render
