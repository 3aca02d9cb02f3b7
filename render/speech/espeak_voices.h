// Which of espeak-ng's voices speaks a lesson.
//
// The lesson's language comes first: a voice of another language would read it as nobody could understand. Among the
// voices of that language the one that was named is taken, else the best match.
//
// Threads: that of the engine; espeak-ng is initialised. The voice is espeak-ng's from then on.
// Errors: unsupported when there is neither a voice for the language nor an English one.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::render {

struct EspeakVoice {
  std::string name;                   // espeak-ng's: "en-us"
  std::string language;               // as spoken: BCP 47
  std::vector<std::string> warnings;  // why it is not what was wanted
};

// `language` is a BCP 47 tag in canonical form; `voice` a name, possibly of another engine ("en-US-Neural2-J"), or
// empty.
Result<EspeakVoice> choose_espeak_voice(const std::string& language, const std::string& voice);

}  // namespace vivid::render
