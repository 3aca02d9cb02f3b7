// Who turns a timeline into H.264, and how each is asked to.
//
// Threads: values and free functions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "process.h"
#include "reference.h"
#include "settings.h"

namespace vivid::bench {

// A timeline, ready to be rendered by everybody.
struct Timeline {
  std::string name;
  std::filesystem::path folder;      // everything that is made for it
  std::filesystem::path storyboard;  // cut to the wanted length
  std::filesystem::path edited;      // the same but for what one slide in the middle says
  std::filesystem::path assets;      // its pictures, where it has some
  int scenes = 0;
  bool moves = false;  // under a camera
  Reference reference;
  render::PixelWork work;  // to draw it
};

struct Contender {
  std::string name;
  Command encode;
  std::filesystem::path video;
  // Shows what its video should look like, raw on standard output: who composes by himself is judged by his own
  // composition.
  Command uncompressed;
};

// `self`: this program.
Contender bare_encoder(const Settings& settings, const Timeline& timeline, const std::filesystem::path& self);
Contender vivid_render(const Settings& settings, const Timeline& timeline, const std::filesystem::path& self,
                       const std::filesystem::path& program);

// Rendering again after an edit, from a cache that an earlier run has filled.
struct Rerender {
  std::filesystem::path cache;
  Command fill;
  Contender edited;
};
Rerender rerender(const Settings& settings, const Timeline& timeline, const std::filesystem::path& program);

// The peers get pictures that are rasterised: text is no work of theirs.
void write_stills(const Settings& settings, const Timeline& timeline);
std::vector<Contender> ffmpeg_graphs(const Settings& settings, const Timeline& timeline);
Contender melt(const Settings& settings, const Timeline& timeline);

}  // namespace vivid::bench
