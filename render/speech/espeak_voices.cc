#include "render/speech/espeak_voices.h"

#include <espeak-ng/speak_lib.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "render/storyboard/characters.h"
#include "render/storyboard/language.h"

namespace vivid::render {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// Names under which espeak-ng may know a language, best first.
std::vector<std::string> names_of_language(const std::string& tag) {
  const std::string primary(primary_language(tag));
  if (primary == "zh") return {tag.starts_with("zh-HK") ? "yue" : "cmn"};
  if (primary == "no") return {"nb"};
  if (tag == "en") return {"en-us", "en"};
  if (tag == primary) return {primary};
  return {lower(tag), primary};
}

bool same_language(const std::string& one, const std::string& other) {
  if (primary_language(one) == primary_language(other)) return true;
  return names_of_language(one).back() == names_of_language(other).back();
}

// "en-US" of "en-US-Neural2-J", "es-419" of "es-419-Standard-A", "de" of "de_thorsten".
std::optional<std::string> language_in_name(std::string_view voice) {
  const std::size_t first = voice.find_first_of("-_");
  if (first == std::string_view::npos) return canonical_language(voice);
  const std::string_view region = voice.substr(first + 1, voice.find_first_of("-_", first + 1) - first - 1);
  const bool is_region = region.size() == 2 || region.size() == 3;
  return canonical_language(voice.substr(0, is_region ? first + 1 + region.size() : first));
}

struct KnownVoice {
  std::string identifier;              // "gmw/en-US"
  std::vector<std::string> languages;  // espeak-ng's tags, which are small
};

// Looked up in espeak-ng's own list, by name ("German"), identifier ("gmw/de") or its last part ("de"): espeak-ng would
// also take a path, or a variant without a language.
std::optional<KnownVoice> find_voice(std::string_view wanted) {
  const std::string name = lower(wanted);
  for (const espeak_VOICE** entry = espeak_ListVoices(nullptr); *entry != nullptr; ++entry) {
    const espeak_VOICE& voice = **entry;
    if (voice.identifier == nullptr || voice.languages == nullptr) continue;
    const std::string identifier = lower(voice.identifier);
    const bool found = identifier == name || identifier.substr(identifier.find_last_of('/') + 1) == name ||
                       (voice.name != nullptr && lower(voice.name) == name);
    if (!found) continue;
    KnownVoice known{voice.identifier, {}};
    // Each is a byte of priority and a text; a zero byte ends them.
    for (const char* at = voice.languages; *at != '\0'; at += known.languages.back().size() + 2) {
      known.languages.emplace_back(at + 1);
    }
    return known;
  }
  return std::nullopt;
}

bool speaks(const KnownVoice& voice, const std::string& language) {
  return std::any_of(voice.languages.begin(), voice.languages.end(),
                     [&](const std::string& spoken) { return same_language(spoken, language); });
}

bool set_voice(const std::string& name) { return espeak_SetVoiceByName(name.c_str()) == EE_OK; }

std::optional<std::string> set_voice_of(const std::string& language) {
  for (std::string& name : names_of_language(language)) {
    if (set_voice(name)) return std::move(name);
  }
  return std::nullopt;
}

// The voice for the language alone.
Result<EspeakVoice> choose_by_language(const std::string& language) {
  EspeakVoice chosen{{}, language, {}};
  if (const auto name = set_voice_of(language)) {
    chosen.name = *name;
    if (primary_language(language) == "ja") {
      chosen.warnings.emplace_back("the voice for ja reads kana only; kanji are not understood");
    }
    return chosen;
  }
  chosen.warnings.push_back("no voice speaks '" + language + "'; English is spoken");
  chosen.language = "en";
  chosen.name = "en";
  if (set_voice(chosen.name)) return chosen;
  return fail(ErrorCode::unsupported, "espeak-ng has neither a voice for the language nor an English one");
}

}  // namespace

Result<EspeakVoice> choose_espeak_voice(const std::string& language, const std::string& voice) {
  if (voice.empty()) return choose_by_language(language);
  const auto known = find_voice(voice);
  if (known && speaks(*known, language) && set_voice(known->identifier)) {
    return EspeakVoice{known->identifier, language, {}};
  }
  VIVID_ASSIGN(EspeakVoice chosen, choose_by_language(language));
  const std::string quoted = "voice '" + clipped(voice, 40) + "'";
  if (known) {
    chosen.warnings.push_back(quoted + " does not speak '" + language + "'; espeak-ng " + chosen.name + " speaks");
    return chosen;
  }
  const auto wanted = language_in_name(voice);
  if (wanted && same_language(*wanted, chosen.language)) {
    if (const auto name = set_voice_of(*wanted)) chosen.name = *name;
  }
  chosen.warnings.push_back(quoted + " is not known to espeak-ng; its " + chosen.name + " speaks");
  return chosen;
}

}  // namespace vivid::render
