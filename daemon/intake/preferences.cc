#include "daemon/intake/preferences.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/intake/request_fields.h"
#include "render/protocol/options.h"
#include "render/storyboard/language.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr std::size_t kMaxTextBytes = 200;

constexpr std::array<std::pair<const char*, int>, 3> kResolutions{{{"720p", 720}, {"1080p", 1080}, {"2160p", 2160}}};
constexpr std::array<std::pair<const char*, double>, 4> kFontSizes{
    {{"small", 0.85}, {"medium", 1.0}, {"large", 1.25}, {"extra_large", 1.5}}};

// Reads members of one object, and warns of those that it cannot read.
class Wishes {
 public:
  Wishes(const json& holder, std::string name, std::vector<std::string>& warnings)
      : name_(std::move(name)), warnings_(warnings) {
    if (holder.is_null()) return;
    if (holder.is_object()) {
      object_ = &holder;
    } else {
      ignore("", holder, "an object");
    }
  }

  // Null: it is not there.
  const json* find(const char* member) const {
    if (object_ == nullptr) return nullptr;
    const auto found = object_->find(member);
    return found == object_->end() || found->is_null() ? nullptr : &*found;
  }
  Wishes inside(const char* member) const {
    static const json kNothing;
    const json* value = find(member);
    return {value == nullptr ? kNothing : *value, name_ + "." + member, warnings_};
  }
  bool flag(const char* member) const {
    const json* value = find(member);
    if (value == nullptr || value->is_boolean()) return value != nullptr && value->get<bool>();
    ignore(member, *value, "true or false");
    return false;
  }
  void ignore(const char* member, const json& value, const char* allowed) const {
    const std::string where = *member == '\0' ? name_ : name_ + "." + member;
    warnings_.push_back(where + " is " + shown(value) + " and was left out; allowed is " + allowed);
  }

 private:
  std::string name_;
  std::vector<std::string>& warnings_;
  const json* object_ = nullptr;
};

bool is_short_text(const json& value) {
  return value.is_string() && value.get_ref<const std::string&>().size() <= kMaxTextBytes;
}

int read_height(const Wishes& video) {
  const json* value = video.find("resolution");
  if (value == nullptr) return 0;
  for (const auto& [name, height] : kResolutions) {
    if (*value == name) return height;
  }
  video.ignore("resolution", *value, "720p, 1080p or 2160p");
  return 0;
}

// true: the host's own.
std::optional<std::string> read_watermark(const Wishes& video) {
  const json* value = video.find("watermark");
  if (value == nullptr || *value == true) return std::nullopt;
  if (*value == false) return std::string();
  if (is_short_text(*value)) return value->get<std::string>();
  video.ignore("watermark", *value, "true, false or a text of at most 200 bytes");
  return std::nullopt;
}

int read_duration(const Wishes& video) {
  const json* value = video.find("duration");
  if (value == nullptr) return 0;
  if (value->is_number() && *value >= 1 && *value <= kMaxWantedSeconds) {
    return static_cast<int>(std::lround(value->get<double>()));
  }
  video.ignore("duration", *value, "a number of seconds from 1 to 3600");
  return 0;
}

// What is made in every case may be named too.
bool is_always_made(const json& name) { return name == "mp4" || name == "m4a" || name == "vtt"; }

std::string allowed_formats() {
  std::string allowed = "mp4, m4a, vtt";
  for (const render::FormatName& known : render::kFormatNames) allowed += ", " + std::string(known.name);
  return allowed;
}

render::Formats read_formats(const Wishes& video) {
  static const std::string kAllowed = "a list of " + allowed_formats();
  render::Formats formats;
  const json* list = video.find("formats");
  if (list == nullptr) return formats;
  if (!list->is_array()) {
    video.ignore("formats", *list, kAllowed.c_str());
    return formats;
  }
  for (const json& name : *list) {
    const auto format = name.is_string() ? render::format_from_text(name.get_ref<const std::string&>()) : std::nullopt;
    if (format) {
      formats.add(*format);
    } else if (!is_always_made(name)) {
      video.ignore("formats", name, kAllowed.c_str());
    }
  }
  return formats;
}

std::string read_voice(const Wishes& audio) {
  const json* value = audio.find("voice");
  if (value == nullptr) return {};
  if (is_short_text(*value)) return value->get<std::string>();
  audio.ignore("voice", *value, "the name of a voice");
  return {};
}

// Percent, as a number or as text with or without its sign.
std::optional<double> read_percent(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  std::string_view text = value.get_ref<const std::string&>();
  if (text.ends_with('%')) text.remove_suffix(1);
  double percent = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return percent;
}

double read_font_scale(const Wishes& accessibility) {
  const json* value = accessibility.find("font_size");
  if (value == nullptr) return 1.0;
  for (const auto& [name, scale] : kFontSizes) {
    if (*value == name) return scale;
  }
  const double scale = read_percent(*value).value_or(0.0) / 100.0;
  if (scale >= render::kMinFontScale && scale <= render::kMaxFontScale) return scale;
  accessibility.ignore("font_size", *value, "small, medium, large, extra_large or a percentage from 75 to 200");
  return 1.0;
}

void read_captions(const Wishes& accessibility, Preferences& preferences) {
  const json* value = accessibility.find("captions");
  if (value == nullptr || *value == false) return;
  if (*value == true) {
    preferences.captions = true;
  } else if (*value == "burnt_in") {
    preferences.burnt_in_captions = true;
  } else {
    accessibility.ignore("captions", *value, "true, false or burnt_in");
  }
}

std::string read_language(const Wishes& message) {
  const json* value = message.find("language_preference");
  if (value == nullptr || *value == "") return {};
  if (value->is_string()) {
    if (auto language = render::canonical_language(value->get_ref<const std::string&>())) return *language;
  }
  message.ignore("language_preference", *value, "a BCP 47 tag");
  return {};
}

}  // namespace

Preferences read_preferences(const json& message, std::vector<std::string>& warnings) {
  static const json kNothing;
  const auto part = [&](const char* name) {
    const auto found = message.find(name);
    return Wishes(found == message.end() ? kNothing : *found, name, warnings);
  };
  const Wishes modalities = part("modality_preferences");
  const Wishes video = modalities.inside("video");
  const Wishes accessibility = part("accessibility_settings");
  Preferences preferences;
  preferences.height_px = read_height(video);
  preferences.watermark = read_watermark(video);
  preferences.duration_seconds = read_duration(video);
  preferences.formats = read_formats(video);
  preferences.voice = read_voice(modalities.inside("audio"));
  read_captions(accessibility, preferences);
  preferences.audio_descriptions = accessibility.flag("audio_descriptions");
  preferences.high_contrast = accessibility.flag("high_contrast");
  preferences.font_scale = read_font_scale(accessibility);
  preferences.language = read_language(Wishes(message, "the message", warnings));
  return preferences;
}

json to_json(const Preferences& preferences) {
  json kept = {{"height_px", preferences.height_px},
               {"duration_seconds", preferences.duration_seconds},
               {"voice", preferences.voice},
               {"captions", preferences.captions},
               {"burnt_in_captions", preferences.burnt_in_captions},
               {"audio_descriptions", preferences.audio_descriptions},
               {"high_contrast", preferences.high_contrast},
               {"font_scale", preferences.font_scale},
               {"language", preferences.language},
               {"formats", preferences.formats.names()}};
  if (preferences.watermark) kept["watermark"] = *preferences.watermark;
  return kept;
}

Preferences preferences_from(const json& kept) {
  Preferences preferences;
  preferences.height_px = kept.value("height_px", 0);
  if (kept.contains("watermark")) preferences.watermark = kept.at("watermark").get<std::string>();
  preferences.duration_seconds = kept.value("duration_seconds", 0);
  preferences.voice = kept.value("voice", std::string());
  preferences.captions = kept.value("captions", false);
  preferences.burnt_in_captions = kept.value("burnt_in_captions", false);
  preferences.audio_descriptions = kept.value("audio_descriptions", false);
  preferences.high_contrast = kept.value("high_contrast", false);
  preferences.font_scale = kept.value("font_scale", 1.0);
  preferences.language = kept.value("language", std::string());
  for (const std::string& name : kept.value("formats", std::vector<std::string>())) {
    if (const auto format = render::format_from_text(name)) preferences.formats.add(*format);
  }
  return preferences;
}

}  // namespace vivid::daemon
