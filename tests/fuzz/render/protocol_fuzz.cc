// A line from a broken peer is refused; one that is understood means the same when it is said again.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "render/protocol/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vivid::render;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto message = decode_worker_message(line); message.has_value()) {
    const std::string said = encode(*message);
    const auto again = decode_worker_message(said);
    VIVID_CHECK(again.has_value() && encode(*again) == said);
  }
  if (const auto task = decode_task(line); task.has_value()) {
    const std::string said = encode(*task);
    const auto again = decode_task(said);
    VIVID_CHECK(again.has_value() && encode(*again) == said);
  }
  return 0;
}
