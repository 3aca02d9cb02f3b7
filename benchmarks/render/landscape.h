// Pictures that are as hard on an encoder as photographs are: sky, clouds, ridges one behind the other, rough ground
// and the grain of a sensor, out of noise. Nothing is left to chance: the same number gives the same picture.
//
// Threads: free functions.
#pragma once

#include <cstdint>
#include <filesystem>

namespace vivid::bench {

inline constexpr int kLandscapeWidth = 2560;
inline constexpr int kLandscapeHeight = 1440;

// As PPM.
void write_landscape(std::uint32_t number, const std::filesystem::path& path);

}  // namespace vivid::bench
