#include "render/speech/narration.h"
#include "render/speech/narration_file.h"
#include "render/speech/wav_writer.h"
#include "render/storyboard/characters.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// The picture arrives before the voice.
constexpr milliseconds kLeadIn{300};

class Recorder {
 public:
  Recorder(const Storyboard& storyboard, SpeechEngine& engine, WavWriter& wav, const NarrationProgress& progress)
      : storyboard_(storyboard), engine_(engine), wav_(wav), progress_(progress) {
    for (const Scene& scene : storyboard.scenes) total_ += static_cast<std::int64_t>(scene.narration.size());
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
    if (!scene.narration.empty()) VIVID_TRY(wav_.write_silence(samples_in(kLeadIn)));
    for (std::size_t i = 0; i < scene.narration.size(); ++i) {
      VIVID_ASSIGN(const std::int64_t samples, record(index, static_cast<int>(i), scene.narration[i]));
      spoken += samples;
    }
    // A scene in which nothing is heard (no words, or only such as the voice cannot say) lasts as planned.
    if (spoken == 0) {
      VIVID_TRY(wav_.write_silence(first + samples_in(scene.planned_duration) - wav_.samples()));
    }
    narration_.scenes.back().end = now();
    return {};
  }

  // Returns how many samples were spoken.
  Result<std::int64_t> record(int scene, int index, const Utterance& utterance) {
    if (progress_ && !progress_(done_, total_)) return fail(ErrorCode::cancelled, "the narration was stopped");
    VIVID_ASSIGN(const SpeechEngine::Speech speech, engine_.speak(utterance.text));
    SpokenUtterance spoken{scene, index, utterance.text, now(), {}, speech.words};
    for (SpokenWord& word : spoken.words) {
      word.start += spoken.start;
      word.end += spoken.start;
    }
    VIVID_TRY(wav_.write(speech.samples));
    spoken.end = now();
    narration_.utterances.push_back(std::move(spoken));
    VIVID_TRY(wav_.write_silence(samples_in(utterance.pause_after)));
    narration_.characters += static_cast<std::int64_t>(count_code_points(utterance.text));
    if (++done_ == total_ && progress_) progress_(done_, total_);
    return static_cast<std::int64_t>(speech.samples.size());
  }

  microseconds now() const { return microseconds(wav_.samples() * 1'000'000 / engine_.sample_rate_hz()); }
  std::int64_t samples_in(milliseconds duration) const { return duration.count() * engine_.sample_rate_hz() / 1'000; }

  const Storyboard& storyboard_;
  SpeechEngine& engine_;
  WavWriter& wav_;
  const NarrationProgress& progress_;
  Narration narration_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace

Result<Narration> narrate(const Storyboard& storyboard, SpeechEngine& engine, const std::filesystem::path& directory,
                          const NarrationProgress& progress) {
  VIVID_ASSIGN(WavWriter wav, WavWriter::create(directory / kNarrationWav, engine.sample_rate_hz()));
  VIVID_ASSIGN(Narration narration, Recorder(storyboard, engine, wav, progress).run());
  VIVID_TRY(wav.finish());
  VIVID_TRY(save_narration(narration, directory));
  return narration;
}

}  // namespace vivid::render
