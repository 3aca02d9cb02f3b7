// What a request can ask for, and the way it then takes.
//
// Threads: pure functions over values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vivid::daemon {

enum class Modality { text, audio, video, images };
std::string_view to_text(Modality modality);
// Also takes "image" for images.
std::optional<Modality> modality_from_text(std::string_view text);

bool contains(const std::vector<Modality>& modalities, Modality wanted);
std::vector<std::string> names_of(const std::vector<Modality>& modalities);

// Text alone needs no queue, no worker and no GPU.
bool is_text_only(const std::vector<Modality>& modalities);
// What a job is counted as: video, else audio, else images, else text.
std::string job_class_of(const std::vector<Modality>& modalities);

}  // namespace vivid::daemon
