// Pictures that scripts name: found below the asset root and nowhere else, and decoded within limits.
//
// Threads: free functions. Errors: invalid_input (a name that leads out of the root), not_found, too_large,
// unsupported (not PNG or JPEG), data_corrupt.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "render/layout/painter.h"

namespace vivid::render {

inline constexpr std::uint64_t kMaxImageBytes = 32ULL * 1024 * 1024;
inline constexpr std::int64_t kMaxImagePixels = 50'000'000;

// `name` is asset:NAME or a relative path.
Result<std::filesystem::path> resolve_asset(const std::filesystem::path& root, const std::string& name);

// Scaled down, if it is larger, to what covers `width_px` x `height_px` with `room` times that for a camera to move.
Result<SurfacePtr> load_image(const std::filesystem::path& path, int width_px, int height_px, double room = 1.0);

}  // namespace vivid::render
