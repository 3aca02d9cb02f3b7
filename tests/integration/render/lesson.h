// A lesson of a few seconds.
#pragma once

namespace vivid::render::testing_support {

inline constexpr const char* kLesson = R"({
  "title": "Fuerzas", "language": "es", "hook": "Hola.",
  "sections": [{"title": "Una", "content": "La fuerza cambia el movimiento.", "duration_seconds": 3}]
})";

// As short, in no language that it names.
inline constexpr const char* kLessonWithoutLanguage = R"({
  "title": "Fuerzas", "hook": "Hola.",
  "sections": [{"title": "Una", "content": "La fuerza cambia el movimiento.", "duration_seconds": 3}],
  "key_takeaways": ["Fuerza"]
})";

// Longer, so that there is something to interrupt.
inline constexpr const char* kLongLesson = R"({
  "title": "Forces", "hook": "Why does a ball bounce back up when nobody touches it?",
  "sections": [
    {"title": "Pairs", "content": "Whenever one object pushes on another, the second pushes back just as hard.", "duration_seconds": 20},
    {"title": "Jumps", "content": "To jump, you push down on the court with your legs, and the court pushes you up.", "duration_seconds": 30}
  ]
})";

}  // namespace vivid::render::testing_support
