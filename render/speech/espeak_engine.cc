#include <espeak-ng/speak_lib.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <optional>

#include "render/speech/engines.h"
#include "render/speech/espeak_voices.h"
#include "render/speech/spoken_text.h"
#include "render/storyboard/characters.h"
#include "render/storyboard/language.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;

// One utterance is a sentence; a voice that goes on for longer than this is lost.
constexpr std::size_t kMaxUtteranceSeconds = 600;

struct WordEvent {
  std::size_t character = 0;  // code point of the spoken text
  std::size_t length = 0;     // code points; 0: the end of something
  std::int64_t sample = 0;
};

struct Take {
  std::vector<std::int16_t> samples;
  std::vector<WordEvent> events;
  std::size_t limit_samples = 0;
  bool overflowed = false;
};

std::atomic<bool> engine_lives{false};
// The callback has no pointer of its own before the first event; there is one engine, and it speaks one take at a time.
Take* current_take = nullptr;

extern "C" int on_speech(short* samples, int count, espeak_EVENT* events) noexcept {
  Take* take = current_take;
  if (take == nullptr) return 1;
  try {
    for (; events->type != espeakEVENT_LIST_TERMINATED; ++events) {
      if (events->type != espeakEVENT_WORD || events->text_position < 1) continue;
      take->events.push_back({static_cast<std::size_t>(events->text_position - 1),
                              static_cast<std::size_t>(std::max(events->length, 0)), events->sample});
    }
    if (samples != nullptr && count > 0) take->samples.insert(take->samples.end(), samples, samples + count);
  } catch (...) {
    take->overflowed = true;
    return 1;
  }
  take->overflowed = take->samples.size() > take->limit_samples;
  return take->overflowed ? 1 : 0;
}

// The byte of the written text that each event means; none: it means no word. espeak-ng tells of a run of ideographs as
// many times as it has of them, each time from its beginning.
std::vector<std::optional<std::size_t>> places_of(std::string_view written, const SpokenText& spoken,
                                                  const std::vector<WordEvent>& events) {
  std::vector<std::optional<std::size_t>> places;
  std::size_t repeats = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const WordEvent& event = events[i];
    const bool again = i > 0 && events[i - 1].character == event.character;
    repeats = again ? repeats + 1 : 0;
    std::optional<std::size_t>& place = places.emplace_back();
    if (event.length == 0 || event.character >= spoken.origins.size()) continue;
    place = spoken.origins[event.character];
    if (repeats == 0 || repeats >= event.length || event.character + repeats >= spoken.origins.size()) continue;
    const std::size_t later = spoken.origins[event.character + repeats];
    if (is_unspaced(code_point_at(written, later).value)) place = later;
  }
  return places;
}

// Each word begins with the first event that falls on it, or on the space before it, as after an abbreviation. Events
// that point back are further words of a number; a word without an event gets its share of the time around it.
std::vector<SpokenWord> time_words(std::string_view written, const SpokenText& spoken, const Take& take, int rate_hz) {
  const auto spans = split_words(written);
  std::vector<std::int64_t> starts(spans.size(), -1);
  std::size_t word = 0;
  std::int64_t latest = 0;
  const auto places = places_of(written, spoken, take.events);
  for (std::size_t i = 0; i < places.size() && !spans.empty(); ++i) {
    if (!places[i]) continue;
    const std::size_t byte = *places[i];
    const std::int64_t sample = take.events[i].sample;
    std::size_t hit = word;
    while (hit + 1 < spans.size() && spans[hit + 1].offset <= byte) ++hit;
    if (byte >= spans[hit].offset + spans[hit].length && hit + 1 < spans.size()) ++hit;
    if (byte < spans[word].offset || starts[hit] >= 0 || sample < latest) continue;
    word = hit;
    latest = std::min<std::int64_t>(sample, static_cast<std::int64_t>(take.samples.size()));
    starts[hit] = latest;
  }
  if (!starts.empty() && starts[0] < 0) starts[0] = 0;
  const auto total = static_cast<std::int64_t>(take.samples.size());
  for (std::size_t i = 1; i < starts.size(); ++i) {
    if (starts[i] >= 0) continue;
    std::size_t known = i;
    double ahead = spoken_weight(written.substr(spans[i - 1].offset, spans[i - 1].length));
    const double own = ahead;
    while (known < starts.size() && starts[known] < 0) {
      ahead += spoken_weight(written.substr(spans[known].offset, spans[known].length));
      ++known;
    }
    const std::int64_t until = known < starts.size() ? starts[known] : total;
    starts[i] = starts[i - 1] + static_cast<std::int64_t>(static_cast<double>(until - starts[i - 1]) * own / ahead);
  }
  std::vector<SpokenWord> words;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const std::int64_t end = i + 1 < starts.size() ? starts[i + 1] : total;
    words.push_back({spans[i].offset, spans[i].length, microseconds(starts[i] * 1'000'000 / rate_hz),
                     microseconds(end * 1'000'000 / rate_hz)});
  }
  return words;
}

class EspeakEngine final : public SpeechEngine {
 public:
  // `rate_hz` of an espeak-ng that is initialised.
  explicit EspeakEngine(int rate_hz) : rate_hz_(rate_hz) {}
  ~EspeakEngine() override { engine_lives = false; }

  Status choose_voice(const SpeechOptions& options) {
    VIVID_ASSIGN(voice_, choose_espeak_voice(canonical_language(options.language).value_or("en"), options.voice));
    return {};
  }

  int sample_rate_hz() const override { return rate_hz_; }
  std::string voice() const override { return "espeak-ng " + voice_.name; }
  std::string language() const override { return voice_.language; }
  std::vector<std::string> warnings() const override { return voice_.warnings; }

  Result<Speech> speak(std::string_view text) override {
    const SpokenText spoken = to_spoken(text, voice_.language);
    Take take;
    take.limit_samples = kMaxUtteranceSeconds * static_cast<std::size_t>(rate_hz_);
    current_take = &take;
    const auto status = espeak_Synth(spoken.text.c_str(), spoken.text.size() + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8,
                                     nullptr, nullptr);
    current_take = nullptr;
    if (take.overflowed) {
      return fail(ErrorCode::too_large, "one utterance lasts longer than " + std::to_string(kMaxUtteranceSeconds) +
                                            " s; shorter sentences are needed");
    }
    if (status != EE_OK) return fail(ErrorCode::internal, "espeak-ng error " + std::to_string(status));
    Speech speech;
    speech.words = time_words(text, spoken, take, rate_hz_);
    speech.samples = std::move(take.samples);
    return speech;
  }

 private:
  int rate_hz_;
  EspeakVoice voice_;
};

}  // namespace

Result<std::unique_ptr<SpeechEngine>> make_espeak_engine(const SpeechOptions& options) {
  if (engine_lives.exchange(true)) {
    return fail(ErrorCode::resource_exhausted, "espeak-ng speaks for somebody else; one engine a process is allowed");
  }
  // Once a process, and never espeak_Terminate: that one waits for ever for a thread that has not begun yet.
  static const int rate_hz = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, nullptr, espeakINITIALIZE_DONT_EXIT);
  if (rate_hz <= 0) {
    engine_lives = false;
    return fail(ErrorCode::unsupported, "espeak-ng finds no voices; the package espeak-ng-data is needed");
  }
  auto engine = std::make_unique<EspeakEngine>(rate_hz);
  espeak_SetSynthCallback(on_speech);
  VIVID_TRY(engine->choose_voice(options));
  espeak_SetParameter(espeakRATE, options.words_per_minute, 0);
  return std::unique_ptr<SpeechEngine>(std::move(engine));
}

}  // namespace vivid::render
