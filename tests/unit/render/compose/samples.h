// Storyboards and narrations for tests: one scene of every kind, several scripts, speech without an engine.
#pragma once

#include <string>
#include <vector>

#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::render::testing {

// 60 ms a byte, words with their times, pauses as asked; scenes without narration last as planned.
inline Narration narration_of(const Storyboard& storyboard) {
  Narration narration;
  narration.sample_rate_hz = 22'050;
  std::chrono::microseconds now{0};
  for (std::size_t s = 0; s < storyboard.scenes.size(); ++s) {
    const Scene& scene = storyboard.scenes[s];
    const auto start = now;
    for (std::size_t u = 0; u < scene.narration.size(); ++u) {
      SpokenUtterance spoken;
      spoken.scene = static_cast<int>(s);
      spoken.index = static_cast<int>(u);
      spoken.text = scene.narration[u].text;
      spoken.start = now;
      std::size_t begin = 0;
      while (begin < spoken.text.size()) {
        const std::size_t end = std::min(spoken.text.find(' ', begin), spoken.text.size());
        SpokenWord word{begin, end - begin, now + std::chrono::milliseconds(60 * begin),
                        now + std::chrono::milliseconds(60 * end)};
        spoken.words.push_back(word);
        begin = end + 1;
      }
      now += std::chrono::milliseconds(60 * spoken.text.size());
      spoken.end = now;
      now += scene.narration[u].pause_after;
      narration.utterances.push_back(spoken);
    }
    if (scene.narration.empty()) now += scene.planned_duration;
    narration.scenes.push_back({start, now});
  }
  return narration;
}

inline Scene scene_of(SceneKind kind, std::string title, std::string body = {}, std::vector<std::string> bullets = {}) {
  Scene scene;
  scene.kind = kind;
  scene.title = std::move(title);
  scene.body = std::move(body);
  scene.bullets = std::move(bullets);
  return scene;
}

// Every bullet gets an utterance of its own.
inline void speak_bullets(Scene& scene) {
  scene.narration.push_back({scene.title, std::chrono::milliseconds(500), -1});
  for (std::size_t i = 0; i < scene.bullets.size(); ++i) {
    scene.narration.push_back({scene.bullets[i], std::chrono::milliseconds(500), static_cast<int>(i)});
  }
}

inline Storyboard storyboard_of(std::vector<Scene> scenes, Subject subject = Subject::physics,
                                std::string language = "en") {
  Storyboard storyboard;
  storyboard.title = "A lesson";
  storyboard.subject = subject;
  storyboard.language = std::move(language);
  storyboard.scenes = std::move(scenes);
  for (std::size_t i = 0; i < storyboard.scenes.size(); ++i) storyboard.scenes[i].number = static_cast<int>(i) + 1;
  return storyboard;
}

inline Annotation arrow(std::string label, std::string color, Point from, Point to) {
  return {AnnotationKind::arrow, std::move(label), std::move(color), from, to};
}

}  // namespace vivid::render::testing
