// The finished sound as MP3, for players that know nothing newer.
//
// Threads: blocks until it is done; Memory: as CodedSound.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "render/sound/saved_master.h"

namespace vivid::render {

struct Mp3Options {
  std::filesystem::path path;
  std::string title;
};

// Errors: cancelled when keep_going says no; as CodedSound and MediaOutput.
Status write_mp3(const Mp3Options& options, const SavedMaster& master, const std::function<bool()>& keep_going);

}  // namespace vivid::render
