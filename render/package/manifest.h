// manifest.json: what was made, from what, by what, and where the time went.
//
// Threads: pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "render/protocol/messages.h"
#include "render/protocol/options.h"
#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

struct ManifestFacts {
  Storyboard storyboard;
  RenderOptions options;
  std::vector<ProducedFile> files;
  // Stages that ran, in order, by name.
  std::vector<std::pair<std::string, StageResult>> stages;
  // Null where nothing was spoken.
  const Narration* narration = nullptr;
  // "libavcodec" → "59.37.100" …
  std::vector<std::pair<std::string, std::string>> versions;
};

std::string make_manifest(const ManifestFacts& facts);

// Each text once, in the order of first appearance.
std::vector<std::string> distinct_warnings(const ManifestFacts& facts);

}  // namespace vivid::render
