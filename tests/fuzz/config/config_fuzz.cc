// Any bytes as a configuration: either one error of kind invalid_input, or a configuration that prints and loads back
// unchanged.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto empty = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  const auto config = vivid::config::load_text(text, "/etc/vividd/fuzz.yaml", empty);
  if (!config) {
    VIVID_CHECK(config.error().code == vivid::ErrorCode::invalid_input);
    VIVID_CHECK(!config.error().message.empty());
    return 0;
  }
  const auto again = vivid::config::load_text(vivid::config::to_yaml(*config), "/etc/vividd/again.yaml", empty);
  VIVID_CHECK(again.has_value());
  VIVID_CHECK(vivid::config::changed_keys(*config, *again).empty());
  return 0;
}
