// The uncompressed composition: what every encoding is judged by, and what the bare encoder is fed.
//
// Pictures that differ lie one after another in FOLDER/frames.yuv (4:2:0, 8 bit); FOLDER/frames.txt has a line for each
// with the number of frames that show it. So ten minutes of slides take a few gigabytes instead of fifty.
//
// Threads: one. Errors: none leave it: what fails ends the benchmark.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "render/compose/composer.h"
#include "settings.h"

namespace vivid::bench {

// How many frames show each of the pictures.
using Reference = std::vector<std::int64_t>;

// Composes the storyboard, as vivid-render does with a silent voice, into `folder`.
void compose_reference(const Settings& settings, const std::filesystem::path& storyboard,
                       const std::filesystem::path& assets, const std::filesystem::path& folder);
Reference load_reference(const std::filesystem::path& folder);
// What drawing it took.
render::PixelWork load_work(const std::filesystem::path& folder);
std::int64_t frame_count(const Reference& reference);

// Every frame of it, raw, to standard output.
void play_reference(const Settings& settings, const std::filesystem::path& folder);
// Every frame of it through libx264, and nothing else: as little as anyone can pay who encodes every frame.
void encode_reference(const Settings& settings, const std::filesystem::path& folder,
                      const std::filesystem::path& output);

// A picture that stays.
struct Still {
  std::int64_t picture = 0;  // in frames.yuv
  std::int64_t first = 0;    // frames
  std::int64_t end = 0;
};
// What lies between two of them leads from the one to the other.
std::vector<Still> stills_of(const Reference& reference);

}  // namespace vivid::bench
