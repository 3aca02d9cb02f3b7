// The voice: utterances become sound, and the times at which words are heard.
//
// Threads: an engine belongs to one thread (espeak-ng keeps global state: one engine a process).
// Ownership: narrate() writes narration.wav into the folder it is given, streaming: memory does not grow with length.
// Units: times from the start of the narration.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render {

struct SpokenWord {
  std::size_t text_offset = 0;  // bytes into the utterance's text
  std::size_t text_length = 0;
  std::chrono::microseconds start{0};
  std::chrono::microseconds end{0};
};

struct SpokenUtterance {
  int scene = 0;  // index into Storyboard::scenes
  int index = 0;  // index into Scene::narration
  std::string text;
  std::chrono::microseconds start{0};
  std::chrono::microseconds end{0};  // without the pause
  std::vector<SpokenWord> words;
};

struct SceneSpan {
  std::chrono::microseconds start{0};
  std::chrono::microseconds end{0};  // start of the next scene
};

struct Narration {
  int sample_rate_hz = 0;
  std::int64_t samples = 0;       // mono frames in narration.wav
  std::vector<SceneSpan> scenes;  // one a scene, without gaps, the first from 0
  std::vector<SpokenUtterance> utterances;
  // What is told of the pictures in narration-described.wav, while narration.wav is silent; their index is -1.
  std::vector<SpokenUtterance> descriptions;
  std::int64_t characters = 0;
  std::string voice;
  std::string language;  // as spoken: BCP 47
  std::vector<std::string> warnings;

  std::chrono::microseconds duration() const {
    return scenes.empty() ? std::chrono::microseconds(0) : scenes.back().end;
  }
};

class SpeechEngine {
 public:
  struct Speech {
    std::vector<std::int16_t> samples;  // mono
    std::vector<SpokenWord> words;      // times from the start of this utterance
  };
  virtual ~SpeechEngine() = default;
  virtual int sample_rate_hz() const = 0;
  virtual std::string voice() const = 0;
  // What it speaks, which may be another than was wanted: BCP 47.
  virtual std::string language() const = 0;
  // Why it is not the voice or the language that was wanted; empty: it is.
  virtual std::vector<std::string> warnings() const = 0;
  virtual Result<Speech> speak(std::string_view text) = 0;
};

struct SpeechOptions {
  std::string engine = "espeak";  // espeak, none
  std::string language = "en";
  int words_per_minute = 165;
  // The engine's name of a voice; empty: by language. One that the engine does not know, or that speaks another
  // language, is replaced by the best match, with a warning.
  std::string voice;
};

Result<std::unique_ptr<SpeechEngine>> make_speech_engine(const SpeechOptions& options);

// Called between utterances with how many of them are done; return false to stop (→ cancelled).
using NarrationProgress = std::function<bool(std::int64_t done, std::int64_t total)>;

// Audio descriptions: each scene begins with what is to be seen in it, for which the narration waits.
enum class Descriptions { none, spoken };

// Speaks every scene into directory/narration.wav (16-bit mono PCM) and writes directory/narration.json; with
// descriptions, directory/narration-described.wav has them too, and both are as long.
Result<Narration> narrate(const Storyboard& storyboard, SpeechEngine& engine, const std::filesystem::path& directory,
                          const NarrationProgress& progress, Descriptions descriptions = Descriptions::none);
// Reads narration.json back.
Result<Narration> load_narration(const std::filesystem::path& directory);

// Captions of the narration, timed by the words, within the limits of caption_limits.h.
struct Caption {
  std::chrono::microseconds start{0};
  std::chrono::microseconds end{0};
  std::vector<std::string> lines;
};
std::vector<Caption> make_captions(const Narration& narration);
// WebVTT, W3C Candidate Recommendation 4 April 2019.
std::string to_webvtt(const std::vector<Caption>& captions);
// For a track of kind "descriptions", which a screen reader speaks: a cue a description, whole.
std::vector<Caption> description_cues(const Narration& narration);

}  // namespace vivid::render
