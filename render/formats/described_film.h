// The video with two sounds: its own, and one in which what is to be seen is told, marked as what it is for players
// that choose by such marks.
//
// Threads: blocks. Memory: a constant. Errors: those of media_input.h and media_output.h; cancelled when keep_going
// says no.
#pragma once

#include <filesystem>
#include <functional>

#include "base/error.h"

namespace vivid::render {

struct DescribedFilm {
  std::filesystem::path video;            // an MP4 with picture and sound
  std::filesystem::path described_sound;  // as long, M4A
  std::filesystem::path path;
};

Status write_described_film(const DescribedFilm& film, const std::function<bool()>& keep_going);

}  // namespace vivid::render
