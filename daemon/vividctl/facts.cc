#include "daemon/vividctl/facts.h"

#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr std::size_t kLabelColumns = 13;

}  // namespace

void Facts::add(const std::string& label, const std::string& value, Tone tone) {
  if (value.empty() || value == "-") return;
  const std::size_t room = terminal_.columns > kLabelColumns + 22 ? terminal_.columns - kLabelColumns - 2 : 0;
  const std::string clean = printable(value);
  const std::string body = room == 0 ? clean : wrapped(clean, room, std::string(kLabelColumns + 2, ' '));
  text_ += "  " + terminal_.paint(padded(label, kLabelColumns), Tone::quiet) + terminal_.paint(body, tone) + "\n";
}

}  // namespace vivid::ctl
