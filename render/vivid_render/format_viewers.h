// Who is to see the frames of a lesson once its video is there: pictures, films in other codings.
//
// Threads: pure but for the files that the viewers open.
#pragma once

#include <filesystem>
#include <vector>

#include "render/formats/picture_scaler.h"
#include "render/vivid_render/frame_pass.h"

namespace vivid::render {

// The thumbnail, which is always made; first in the list.
Result<Viewing> make_thumbnail_viewing(const StageCall& call, const Composer& composer);

// What else is wanted of the frames. One that cannot even be opened is in the list with its failure. `video` is what
// video_generation reported.
std::vector<Viewing> make_format_viewings(const StageCall& call, const Composer& composer, const Narration& narration,
                                          const StageResult& video);

// Where the video at a smaller size goes: among the results, or hidden where only a stream is made of it.
std::filesystem::path rung_path(const StageCall& call, const PictureSize& size);
PictureSize size_of_video(const StageCall& call);

}  // namespace vivid::render
