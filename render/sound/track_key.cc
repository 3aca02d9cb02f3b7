#include "render/sound/track_key.h"

#include <ebur128.h>

#include <array>
#include <cstdio>

#include "base/digest.h"
#include "base/files.h"
#include "render/encode/av.h"

namespace vivid::render {
namespace {

// Raised by whoever changes what is heard or how it is coded: VIVID_VERSION alone does not tell builds between releases
// apart.
constexpr int kSoundRevision = 2;

class Facts {
 public:
  void add(std::string_view name, std::string_view value) {
    for (const std::string_view part : {name, std::string_view("="), value, std::string_view("\n")}) {
      digest_.update(std::as_bytes(std::span(part)));
    }
  }
  void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
  // Every bit counts.
  void add(std::string_view name, double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%a", value);
    add(name, std::string_view(text.data()));
  }
  std::string finish() { return digest_.finish_hex(); }

 private:
  Sha256 digest_;
};

void add_versions(Facts& facts) {
  facts.add("vivid-render", VIVID_VERSION);
  facts.add("revision", std::int64_t{kSoundRevision});
  facts.add("ffmpeg", av_version_info());
  facts.add("libavcodec", std::int64_t{avcodec_version()});
  facts.add("libavformat", std::int64_t{avformat_version()});
  facts.add("libswresample", std::int64_t{swresample_version()});
  int major = 0;
  int minor = 0;
  int patch = 0;
  ebur128_get_version(&major, &minor, &patch);
  facts.add("libebur128", std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch));
}

}  // namespace

Result<std::string> sound_track_key(const SoundRecipe& recipe) {
  Facts facts;
  add_versions(facts);
  facts.add("loudness", kTargetLufs);
  facts.add("true peak", kMostTruePeakDbtp);
  VIVID_ASSIGN(const FileFacts narration, describe_file(recipe.narration_wav));
  facts.add("narration", narration.sha256);
  if (recipe.music) {
    VIVID_ASSIGN(const FileFacts music, describe_file(recipe.music->path));
    facts.add("music", music.sha256);
    // The decoder is chosen by what is in the file, but its length and loudness are what the bed goes by.
    facts.add("music frames", recipe.music->frames);
    facts.add("music loudness", recipe.music->loudness_lufs);
    for (const SpokenUtterance& utterance : recipe.narration.utterances) {
      facts.add("from", std::int64_t{utterance.start.count()});
      facts.add("to", std::int64_t{utterance.end.count()});
    }
  }
  return facts.finish();
}

}  // namespace vivid::render
