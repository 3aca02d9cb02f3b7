// The names of a work directory, and what earlier stages left in it.
//
//   narration.wav, narration.json,
//   sound.json                           audio_synthesis, for later stages
//   narration.m4a                        audio_synthesis
//   narration-described.wav, .m4a        audio_synthesis, with audio descriptions
//   images/scene-01.png …                image_generation, when wanted
//   video.mp4                            video_generation
//   captions.vtt, thumbnail.jpg,
//   text.md, manifest.json               format_conversion
//   captions.srt, poster.jpg,
//   thumbnails/scene-01.jpg …,
//   preview.jpg, preview.vtt,
//   narration.mp3, video-720p.mp4 …,
//   video.webm, hls/…                    format_conversion, when wanted
//   descriptions.vtt,
//   video-described.mp4                  format_conversion, with audio descriptions
//   .equations/…                         drawings of equations, where no other folder keeps them
//   .STAGE.json                          what the stage reported: the manifest is made from these
//
// Threads: any; all block on the disk.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "render/protocol/messages.h"

namespace vivid::render {

inline constexpr const char* kNarrationWav = "narration.wav";
inline constexpr const char* kNarrationJson = "narration.json";
inline constexpr const char* kNarrationM4a = "narration.m4a";
inline constexpr const char* kImagesFolder = "images";
inline constexpr const char* kEquationsFolder = ".equations";
inline constexpr const char* kVideoMp4 = "video.mp4";
inline constexpr const char* kCaptionsVtt = "captions.vtt";
inline constexpr const char* kThumbnailJpg = "thumbnail.jpg";
inline constexpr const char* kCaptionsSrt = "captions.srt";
inline constexpr const char* kPosterJpg = "poster.jpg";
inline constexpr const char* kNarrationMp3 = "narration.mp3";
inline constexpr const char* kDescribedWav = "narration-described.wav";
inline constexpr const char* kDescribedM4a = "narration-described.m4a";
inline constexpr const char* kDescribedMp4 = "video-described.mp4";
inline constexpr const char* kDescriptionsVtt = "descriptions.vtt";
inline constexpr const char* kTextMd = "text.md";
inline constexpr const char* kManifestJson = "manifest.json";

bool is_there(const std::filesystem::path& path);

// Size and checksums of DIRECTORY/NAME; the content type follows from the ending.
Result<ProducedFile> describe_product(const std::filesystem::path& directory, const std::string& name);

// True for what a reader of the lesson wants; false for what only later stages use.
bool is_for_readers(const ProducedFile& file);

Status save_result(const std::filesystem::path& directory, std::string_view stage, const StageResult& result);
// In the order in which stages run; those that have not run are left out.
Result<std::vector<std::pair<std::string, StageResult>>> load_results(const std::filesystem::path& directory);

}  // namespace vivid::render
