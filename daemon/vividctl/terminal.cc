#include "daemon/vividctl/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vivid::ctl {
namespace {

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::strong:
      return "\x1b[1m";
    case Tone::quiet:
      return "\x1b[2m";
    case Tone::good:
      return "\x1b[32m";
    case Tone::running:
      return "\x1b[36m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[31m";
    case Tone::plain:
      break;
  }
  return "";
}

bool is_set(const Environment& environment, const std::string& name) {
  const std::optional<std::string> value = environment(name);
  return value && !value->empty();
}

bool speaks_unicode(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::optional<std::string> value = environment(name);
    if (!value || value->empty()) continue;
    std::transform(value->begin(), value->end(), value->begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return value->find("utf-8") != std::string::npos || value->find("utf8") != std::string::npos;
  }
  return true;
}

}  // namespace

std::string Terminal::paint(std::string_view text, Tone tone) const {
  const std::string_view escape = escape_of(tone);
  if (!color || escape.empty() || text.empty()) return std::string(text);
  return std::string(escape) + std::string(text) + "\x1b[0m";
}

Terminal inspect_terminal(ColorChoice choice, const Environment& environment) {
  Terminal terminal;
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool dumb = environment("TERM").value_or("dumb") == "dumb";
  terminal.interactive = is_terminal && !dumb;
  terminal.color = choice == ColorChoice::always ||
                   (choice == ColorChoice::automatic && terminal.interactive && !is_set(environment, "NO_COLOR"));
  terminal.unicode = speaks_unicode(environment);
  if (is_terminal) {
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    terminal.columns = known ? std::max<std::size_t>(size.ws_col, 20) : 80;
    terminal.rows = known && size.ws_row > 0 ? size.ws_row : 24;
  }
  return terminal;
}

void Output::line(std::string_view text) {
  buffer_ += text;
  buffer_ += '\n';
}

bool Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && !broken_) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      broken_ = true;
      if (errno != EPIPE) error_number_ = errno;
    }
  }
  buffer_.clear();
  return !broken_;
}

}  // namespace vivid::ctl
