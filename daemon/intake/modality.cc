#include "daemon/intake/modality.h"

#include <algorithm>
#include <array>

namespace vivid::daemon {

std::string_view to_text(Modality modality) {
  constexpr std::array<std::string_view, 4> kNames{"text", "audio", "video", "images"};
  return kNames[static_cast<std::size_t>(modality)];
}

std::optional<Modality> modality_from_text(std::string_view text) {
  if (text == "image") return Modality::images;
  for (const Modality modality : {Modality::text, Modality::audio, Modality::video, Modality::images}) {
    if (text == to_text(modality)) return modality;
  }
  return std::nullopt;
}

bool contains(const std::vector<Modality>& modalities, Modality wanted) {
  return std::find(modalities.begin(), modalities.end(), wanted) != modalities.end();
}

std::vector<std::string> names_of(const std::vector<Modality>& modalities) {
  std::vector<std::string> names;
  for (const Modality modality : modalities) names.emplace_back(to_text(modality));
  return names;
}

bool is_text_only(const std::vector<Modality>& modalities) {
  return modalities.size() == 1 && modalities.front() == Modality::text;
}

std::string job_class_of(const std::vector<Modality>& modalities) {
  for (const Modality modality : {Modality::video, Modality::audio, Modality::images}) {
    if (contains(modalities, modality)) return std::string(to_text(modality));
  }
  return std::string(to_text(Modality::text));
}

}  // namespace vivid::daemon
