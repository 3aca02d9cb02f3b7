#include "render/vivid_render/preferred_language.h"

#include "render/package/language_code.h"
#include "render/storyboard/characters.h"
#include "render/storyboard/language.h"

namespace vivid::render {

PreferredLanguage preferred_language(std::string_view wanted) {
  if (wanted.empty()) return {};
  const auto tag = canonical_language(wanted);
  if (tag.has_value() && iso_639_2(*tag) != "und") return {*tag, {}};
  return {"en", "the preferred language '" + clipped(wanted, 40) + "' is not known; English is used"};
}

}  // namespace vivid::render
