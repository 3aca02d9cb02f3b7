// The words of the wire format that both directions share.
//
// Threads: constants and pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "render/protocol/options.h"

namespace vivid::render::names {

inline constexpr std::string_view kHello = "hello";
inline constexpr std::string_view kTask = "task";
inline constexpr std::string_view kProgress = "progress";
inline constexpr std::string_view kResult = "result";
inline constexpr std::string_view kFailure = "failure";

constexpr std::string_view to_text(HardwareMode mode) {
  switch (mode) {
    case HardwareMode::required:
      return "required";
    case HardwareMode::if_possible:
      return "if_possible";
    case HardwareMode::never:
      break;
  }
  return "never";
}

constexpr std::optional<HardwareMode> hardware_from_text(std::string_view text) {
  for (const HardwareMode mode : {HardwareMode::required, HardwareMode::if_possible, HardwareMode::never}) {
    if (text == to_text(mode)) return mode;
  }
  return std::nullopt;
}

constexpr std::string_view to_text(CaptionMode mode) {
  switch (mode) {
    case CaptionMode::off:
      return "off";
    case CaptionMode::shown:
      return "shown";
    case CaptionMode::burnt_in:
      return "burnt_in";
    case CaptionMode::track:
      break;
  }
  return "track";
}

constexpr std::optional<CaptionMode> captions_from_text(std::string_view text) {
  for (const CaptionMode mode : {CaptionMode::off, CaptionMode::track, CaptionMode::shown, CaptionMode::burnt_in}) {
    if (text == to_text(mode)) return mode;
  }
  return std::nullopt;
}

}  // namespace vivid::render::names
