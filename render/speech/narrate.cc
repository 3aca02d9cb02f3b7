#include <algorithm>
#include <optional>
#include <utility>

#include "render/speech/narration.h"
#include "render/speech/narration_file.h"
#include "render/speech/wav_writer.h"
#include "render/storyboard/characters.h"
#include "render/storyboard/math_spans.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// The picture arrives before the voice.
constexpr milliseconds kLeadIn{300};
constexpr milliseconds kAfterDescription{600};

class Recorder {
 public:
  // `described`, which may be null, gets the descriptions as well.
  Recorder(const Storyboard& storyboard, SpeechEngine& engine, WavWriter& wav, WavWriter* described,
           const NarrationProgress& progress)
      : storyboard_(storyboard), engine_(engine), wav_(wav), described_(described), progress_(progress) {
    for (const Scene& scene : storyboard.scenes) {
      total_ += static_cast<std::int64_t>(scene.narration.size()) + (describes(scene) ? 1 : 0);
    }
  }

  Result<Narration> run() {
    narration_.sample_rate_hz = engine_.sample_rate_hz();
    narration_.voice = engine_.voice();
    narration_.language = engine_.language();
    narration_.warnings = engine_.warnings();
    for (std::size_t i = 0; i < storyboard_.scenes.size(); ++i) VIVID_TRY(record_scene(static_cast<int>(i)));
    narration_.samples = wav_.samples();
    return std::move(narration_);
  }

 private:
  Status record_scene(int index) {
    const Scene& scene = storyboard_.scenes[static_cast<std::size_t>(index)];
    const std::int64_t first = wav_.samples();
    narration_.scenes.push_back({now(), {}});
    std::int64_t spoken = 0;
    if (!scene.narration.empty() || describes(scene)) VIVID_TRY(write_silence(samples_in(kLeadIn)));
    if (describes(scene)) VIVID_TRY(describe(index, scene));
    for (std::size_t i = 0; i < scene.narration.size(); ++i) {
      VIVID_ASSIGN(const std::int64_t samples, record(index, static_cast<int>(i), scene.narration[i]));
      spoken += samples;
    }
    // A scene in which nothing is heard (no words, or only such as the voice cannot say) lasts as planned.
    if (spoken == 0) {
      VIVID_TRY(write_silence(std::max<std::int64_t>(first + samples_in(scene.planned_duration) - wav_.samples(), 0)));
    }
    narration_.scenes.back().end = now();
    return {};
  }

  bool describes(const Scene& scene) const {
    return described_ != nullptr && !trimmed(scene.visual_description).empty();
  }

  Status describe(int index, const Scene& scene) {
    const std::string text = without_tex(trimmed(scene.visual_description));
    VIVID_ASSIGN(const SpeechEngine::Speech speech, speak(text));
    const SpokenUtterance spoken = spoken_now(index, -1, text, speech);
    VIVID_TRY(described_->write(speech.samples));
    VIVID_TRY(wav_.write_silence(static_cast<std::int64_t>(speech.samples.size())));
    finish(spoken, narration_.descriptions);
    return write_silence(samples_in(kAfterDescription));
  }

  // Returns how many samples were spoken.
  Result<std::int64_t> record(int scene, int index, const Utterance& utterance) {
    VIVID_ASSIGN(const SpeechEngine::Speech speech, speak(utterance.text));
    const SpokenUtterance spoken = spoken_now(scene, index, utterance.text, speech);
    VIVID_TRY(wav_.write(speech.samples));
    if (described_ != nullptr) VIVID_TRY(described_->write(speech.samples));
    finish(spoken, narration_.utterances);
    VIVID_TRY(write_silence(samples_in(utterance.pause_after)));
    return static_cast<std::int64_t>(speech.samples.size());
  }

  Result<SpeechEngine::Speech> speak(const std::string& text) {
    if (progress_ && !progress_(done_, total_)) return fail(ErrorCode::cancelled, "the narration was stopped");
    return engine_.speak(text);
  }

  SpokenUtterance spoken_now(int scene, int index, const std::string& text, const SpeechEngine::Speech& speech) const {
    SpokenUtterance spoken{scene, index, text, now(), {}, speech.words};
    for (SpokenWord& word : spoken.words) {
      word.start += spoken.start;
      word.end += spoken.start;
    }
    return spoken;
  }

  // Once its samples are written.
  void finish(SpokenUtterance spoken, std::vector<SpokenUtterance>& to) {
    spoken.end = now();
    narration_.characters += static_cast<std::int64_t>(count_code_points(spoken.text));
    to.push_back(std::move(spoken));
    if (++done_ == total_ && progress_) progress_(done_, total_);
  }

  Status write_silence(std::int64_t samples) {
    VIVID_TRY(wav_.write_silence(samples));
    return described_ == nullptr ? Status() : described_->write_silence(samples);
  }

  microseconds now() const { return microseconds(wav_.samples() * 1'000'000 / engine_.sample_rate_hz()); }
  std::int64_t samples_in(milliseconds duration) const { return duration.count() * engine_.sample_rate_hz() / 1'000; }

  const Storyboard& storyboard_;
  SpeechEngine& engine_;
  WavWriter& wav_;
  WavWriter* described_;
  const NarrationProgress& progress_;
  Narration narration_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace

Result<Narration> narrate(const Storyboard& storyboard, SpeechEngine& engine, const std::filesystem::path& directory,
                          const NarrationProgress& progress, Descriptions descriptions) {
  VIVID_ASSIGN(WavWriter wav, WavWriter::create(directory / kNarrationWav, engine.sample_rate_hz()));
  std::optional<WavWriter> described;
  if (descriptions == Descriptions::spoken) {
    VIVID_ASSIGN(WavWriter second, WavWriter::create(directory / kDescribedWav, engine.sample_rate_hz()));
    described.emplace(std::move(second));
  }
  VIVID_ASSIGN(Narration narration,
               Recorder(storyboard, engine, wav, described ? &*described : nullptr, progress).run());
  VIVID_TRY(wav.finish());
  if (described) VIVID_TRY(described->finish());
  VIVID_TRY(save_narration(narration, directory));
  return narration;
}

}  // namespace vivid::render
