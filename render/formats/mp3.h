// The finished sound as MP3, for players that know nothing newer.
//
// Threads: blocks until it is done; `keep_going` is asked several times a second of sound. Memory: a few frames.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"

namespace vivid::render {

struct Mp3Options {
  std::filesystem::path sound;  // narration.m4a
  std::filesystem::path path;
  std::string title;
};

// Errors: cancelled when keep_going says no; as TranscodedSound and MediaOutput.
Status write_mp3(const Mp3Options& options, const std::function<bool()>& keep_going);

}  // namespace vivid::render
