// Whatever a language model or a stranger sends: it is refused with a reason, or it becomes a storyboard that keeps the
// promises later stages rely on.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "render/storyboard/storyboard.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vivid::render;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto board = parse_storyboard(text);
  if (!board.has_value()) {
    VIVID_CHECK(!board.error().message.empty());
    return 0;
  }
  VIVID_CHECK(extract_json_object(text).has_value());
  VIVID_CHECK(!board->title.empty() && !board->scenes.empty() && board->scenes.size() <= kMaxScenes);
  for (std::size_t i = 0; i < board->scenes.size(); ++i) {
    const Scene& scene = board->scenes[i];
    VIVID_CHECK(scene.number == static_cast<int>(i) + 1);
    VIVID_CHECK(scene.planned_duration.count() >= 0);
    for (const Utterance& utterance : scene.narration) {
      VIVID_CHECK(!utterance.text.empty());
      VIVID_CHECK(utterance.bullet >= -1 && utterance.bullet < static_cast<int>(scene.bullets.size()));
    }
  }
  VIVID_CHECK(to_markdown(*board).ends_with('\n'));
  return 0;
}
