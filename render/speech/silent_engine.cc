#include <cmath>

#include "render/speech/engines.h"
#include "render/storyboard/characters.h"
#include "render/storyboard/language.h"

namespace vivid::render {
namespace {

constexpr int kSampleRateHz = 22'050;  // espeak-ng's, so that both engines give alike files
// An average word of English, with the space after it.
constexpr double kLettersPerWord = 6.0;

class SilentEngine final : public SpeechEngine {
 public:
  explicit SilentEngine(const SpeechOptions& options)
      : seconds_per_letter_(60.0 / (options.words_per_minute * kLettersPerWord)),
        language_(canonical_language(options.language).value_or("en")) {}

  int sample_rate_hz() const override { return kSampleRateHz; }
  std::string voice() const override { return "none"; }
  std::string language() const override { return language_; }
  std::vector<std::string> warnings() const override { return {}; }

  Result<Speech> speak(std::string_view text) override {
    Speech speech;
    double seconds = 0.0;
    for (const WordSpan& span : split_words(text)) {
      SpokenWord word{span.offset, span.length, at(seconds), {}};
      seconds += spoken_weight(text.substr(span.offset, span.length)) * seconds_per_letter_;
      word.end = at(seconds);
      speech.words.push_back(word);
    }
    speech.samples.resize(static_cast<std::size_t>(std::llround(seconds * kSampleRateHz)));
    return speech;
  }

 private:
  static std::chrono::microseconds at(double seconds) { return std::chrono::microseconds(std::llround(seconds * 1e6)); }

  double seconds_per_letter_;
  std::string language_;
};

}  // namespace

double spoken_weight(std::string_view word) {
  double weight = 1.0;  // the space after it
  for (std::size_t at = 0; at < word.size();) {
    const CodePoint c = code_point_at(word, at);
    // An ideograph is a syllable; a mark is a rest.
    weight += is_word_character(c.value) ? (is_wide(c.value) ? 3.0 : 1.0) : 1.5;
    at += c.length;
  }
  return weight;
}

std::unique_ptr<SpeechEngine> make_silent_engine(const SpeechOptions& options) {
  return std::make_unique<SilentEngine>(options);
}

}  // namespace vivid::render
