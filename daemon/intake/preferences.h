// How a student wants to see and hear a lesson. None of it is worth failing a request for: what cannot be understood is
// told in a warning and left out.
//
// Threads: pure functions over values.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "render/protocol/formats.h"

namespace vivid::daemon {

inline constexpr int kMaxWantedSeconds = 3600;

struct Preferences {
  int height_px = 0;                     // 720, 1080, 2160; 0: what the host is set to
  std::optional<std::string> watermark;  // empty text: none at all; none: what the host is set to
  int duration_seconds = 0;              // how long the lesson should be; 0: nothing was said
  std::string voice;
  bool captions = false;           // shown from the start
  bool burnt_in_captions = false;  // in the picture instead
  bool audio_descriptions = false;
  bool high_contrast = false;
  double font_scale = 1.0;
  std::string language;     // BCP 47, of a script that names none
  render::Formats formats;  // beside those the host makes

  friend bool operator==(const Preferences&, const Preferences&) = default;
};

// From the fields modality_preferences {"video": {resolution, watermark, duration, formats}, "audio": {voice}},
// accessibility_settings {captions, audio_descriptions,
// high_contrast, font_size} and language_preference of a request message.
Preferences read_preferences(const nlohmann::json& message, std::vector<std::string>& warnings);

// As a job keeps them, and back; what is missing is the default.
nlohmann::json to_json(const Preferences& preferences);
Preferences preferences_from(const nlohmann::json& kept);

}  // namespace vivid::daemon
