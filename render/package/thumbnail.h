// The small picture that stands for a video in lists: JPEG, 1280×720.
//
// Threads: pure but for the files.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace vivid::render {

inline constexpr int kThumbnailWidthPx = 1280;
inline constexpr int kThumbnailHeightPx = 720;

// Scales the PNG and writes `jpeg` durably. Errors: data_corrupt when `png` cannot be read as a picture.
Status write_thumbnail(const std::filesystem::path& png, const std::filesystem::path& jpeg);

}  // namespace vivid::render
