#include "render/compose/timeline.h"

#include <algorithm>
#include <optional>
#include <string>

namespace vivid::render {
namespace {

using std::chrono::microseconds;

constexpr microseconds kSceneBlend{500'000};
constexpr microseconds kPageBlend{300'000};
// What would appear this soon after its page is there from the start: two changes at once only confuse.
constexpr microseconds kSettle{600'000};

struct Cue {
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

std::vector<Cue> collect_cues(const std::vector<Page>& pages, const SceneCues& spoken) {
  std::vector<Cue> cues;
  double shown = 0.0;
  for (std::size_t p = 0; p < pages.size(); ++p) {
    for (std::size_t s = 0; s < pages[p].steps.size(); ++s) {
      const Step& step = pages[p].steps[s];
      cues.push_back({static_cast<int>(p), static_cast<int>(s), shown, spoken.time_of(step, s == 0)});
    }
    shown += pages[p].steps.front().weight;
  }
  for (Cue& cue : cues) cue.weight = shown > 0.0 ? cue.weight / shown : 0.0;
  return cues;
}

// Gives every cue a time: what nobody speaks of appears with its page; a page nobody speaks of comes when its share
// of the text has had its share of the time.
void settle_times(std::vector<Cue>& cues, const SceneSpan& span) {
  const auto length = static_cast<double>((span.end - span.start).count());
  microseconds last = span.start;
  for (Cue& cue : cues) {
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
  for (Cue& cue : cues) {
    if (cue.step == 0) page_start = *cue.time;
    if (*cue.time - page_start < kSettle) cue.time = page_start;
  }
}

Blend blend_of(Transition transition) {
  switch (transition) {
    case Transition::cut:
      return Blend::none;
    case Transition::slide:
      return Blend::slide;
    case Transition::crossfade:
      break;
  }
  return Blend::fade;
}

void set_blend(Span& span, Blend blend, microseconds length, int frames_per_second) {
  span.blend = blend;
  span.blend_frames = blend == Blend::none ? 0 : std::min(frame_at(length, frames_per_second), span.count);
  if (span.blend_frames == 0) span.blend = Blend::none;
}

}  // namespace

std::int64_t frame_at(microseconds time, int frames_per_second) {
  return (time.count() * frames_per_second + 500'000) / 1'000'000;
}

std::int64_t frames_covering(microseconds duration, int frames_per_second) {
  return (duration.count() * frames_per_second + 999'999) / 1'000'000;
}

std::vector<Span> make_timeline(const Storyboard& storyboard, const std::vector<std::vector<Page>>& pages,
                                const Narration& narration, int frames_per_second) {
  std::vector<Span> spans;
  const std::int64_t total = frames_covering(narration.duration(), frames_per_second);
  const std::size_t scenes = std::min(pages.size(), narration.scenes.size());
  for (std::size_t scene = 0; scene < scenes; ++scene) {
    const bool last_scene = scene + 1 == scenes;
    const SceneCues spoken(storyboard.scenes[scene], static_cast<int>(scene), narration);
    std::vector<Cue> cues = collect_cues(pages[scene], spoken);
    settle_times(cues, narration.scenes[scene]);
    const std::int64_t scene_end =
        last_scene ? total : std::min(total, frame_at(narration.scenes[scene + 1].start, frames_per_second));
    bool enters_scene = true;
    for (std::size_t i = 0; i < cues.size(); ++i) {
      const std::int64_t first = spans.empty() ? 0 : spans.back().end();
      const std::int64_t end =
          i + 1 == cues.size() ? scene_end : std::min(scene_end, frame_at(*cues[i + 1].time, frames_per_second));
      if (end <= first) continue;
      Span span{static_cast<int>(scene), cues[i].page, cues[i].step, first, end - first, Blend::none, 0};
      const Blend into = enters_scene ? blend_of(storyboard.scenes[scene].transition) : Blend::fade;
      if (!spans.empty()) set_blend(span, into, enters_scene ? kSceneBlend : kPageBlend, frames_per_second);
      enters_scene = false;
      spans.push_back(span);
    }
  }
  return spans;
}

}  // namespace vivid::render
