#include "render/compose/cues.h"

#include <algorithm>
#include <optional>
#include <string>

namespace vivid::render {
namespace {

using std::chrono::microseconds;

// What would appear this soon after its page is there from the start: two changes at once only confuse.
constexpr microseconds kSettle{600'000};

struct OpenCue {
  int page = 0;
  int step = 0;
  double weight = 0.0;  // of the text shown up to here, from the start of the scene
  std::optional<microseconds> time;
};

// When the voice reaches byte `offset` of an utterance.
microseconds time_of_offset(const SpokenUtterance& utterance, std::size_t offset) {
  if (offset == 0) return utterance.start;
  for (const SpokenWord& word : utterance.words) {
    if (word.text_offset + word.text_length > offset) return word.start;
  }
  const double share =
      utterance.text.empty() ? 0.0 : static_cast<double>(offset) / static_cast<double>(utterance.text.size());
  const auto length = static_cast<double>((utterance.end - utterance.start).count());
  return utterance.start + microseconds(static_cast<std::int64_t>(length * std::min(share, 1.0)));
}

class SceneCues {
 public:
  SceneCues(const Scene& scene, int index, const Narration& narration) : scene_(scene) {
    for (const SpokenUtterance& utterance : narration.utterances) {
      if (utterance.scene == index) spoken_.push_back(&utterance);
    }
  }

  std::optional<microseconds> time_of(const Step& step, bool enters_page) const {
    if (step.bullet >= 0) return time_of_bullet(step);
    if (!enters_page || step.offset == 0) return std::nullopt;
    for (const SpokenUtterance* utterance : spoken_) {
      const std::size_t at = utterance->text.find(scene_.body);
      if (at != std::string::npos) return time_of_offset(*utterance, at + step.offset);
    }
    return std::nullopt;
  }

 private:
  std::optional<microseconds> time_of_bullet(const Step& step) const {
    for (const SpokenUtterance* utterance : spoken_) {
      const auto said = static_cast<std::size_t>(utterance->index);
      if (said < scene_.narration.size() && scene_.narration[said].bullet == step.bullet) {
        return time_of_offset(*utterance, step.offset);
      }
    }
    return std::nullopt;
  }

  const Scene& scene_;
  std::vector<const SpokenUtterance*> spoken_;
};

std::vector<OpenCue> collect_cues(const std::vector<std::vector<Step>>& pages, const SceneCues& spoken) {
  std::vector<OpenCue> cues;
  double shown = 0.0;
  for (std::size_t p = 0; p < pages.size(); ++p) {
    for (std::size_t s = 0; s < pages[p].size(); ++s) {
      const Step& step = pages[p][s];
      cues.push_back({static_cast<int>(p), static_cast<int>(s), shown, spoken.time_of(step, s == 0)});
    }
    shown += pages[p].front().weight;
  }
  for (OpenCue& cue : cues) cue.weight = shown > 0.0 ? cue.weight / shown : 0.0;
  return cues;
}

// Gives every cue a time: what nobody speaks of appears with its page; a page nobody speaks of comes when its share
// of the text has had its share of the time.
void settle_times(std::vector<OpenCue>& cues, const SceneSpan& span) {
  const auto length = static_cast<double>((span.end - span.start).count());
  microseconds last = span.start;
  for (OpenCue& cue : cues) {
    const bool first = &cue == &cues.front();
    microseconds time = last;
    if (first) {
      time = span.start;
    } else if (cue.time) {
      time = *cue.time;
    } else if (cue.step == 0) {
      time = span.start + microseconds(static_cast<std::int64_t>(length * cue.weight));
    }
    cue.time = std::clamp(time, last, std::max(last, span.end));
    last = *cue.time;
  }
  microseconds page_start = span.start;
  for (OpenCue& cue : cues) {
    if (cue.step == 0) page_start = *cue.time;
    if (*cue.time - page_start < kSettle) cue.time = page_start;
  }
}

}  // namespace

std::vector<Cue> find_cues(const Scene& scene, int index, const std::vector<std::vector<Step>>& pages,
                           const Narration& narration) {
  std::vector<OpenCue> open = collect_cues(pages, SceneCues(scene, index, narration));
  settle_times(open, narration.scenes[static_cast<std::size_t>(index)]);
  std::vector<Cue> cues;
  for (const OpenCue& cue : open) cues.push_back({cue.page, cue.step, *cue.time});
  return cues;
}

std::optional<microseconds> find_bullets_end(const Scene& scene, int index, const Narration& narration) {
  std::optional<microseconds> end;
  for (const SpokenUtterance& utterance : narration.utterances) {
    const auto said = static_cast<std::size_t>(utterance.index);
    if (utterance.scene != index || said >= scene.narration.size() || scene.narration[said].bullet < 0) continue;
    end = std::max(end.value_or(utterance.end), utterance.end);
  }
  return end;
}

}  // namespace vivid::render
