#include "render/speech/engines.h"
#include "render/storyboard/language.h"

namespace vivid::render {

Result<std::unique_ptr<SpeechEngine>> make_speech_engine(const SpeechOptions& options) {
  if (options.words_per_minute < 80 || options.words_per_minute > 450) {
    return fail(ErrorCode::invalid_input,
                "words_per_minute is " + std::to_string(options.words_per_minute) + "; 80 to 450 are allowed");
  }
  if (!canonical_language(options.language).has_value()) {
    return fail(ErrorCode::invalid_input,
                "language is '" + options.language.substr(0, 40) + "'; a BCP 47 tag such as en or pt-BR is allowed");
  }
  if (options.engine == "none") return make_silent_engine(options);
  if (options.engine == "espeak") return make_espeak_engine(options);
  return fail(ErrorCode::invalid_input,
              "speech engine is '" + options.engine.substr(0, 40) + "'; espeak and none are allowed");
}

}  // namespace vivid::render
