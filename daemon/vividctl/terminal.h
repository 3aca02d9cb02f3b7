// Where a command writes: what the terminal can do, colours by meaning, and standard output as a buffer that notices a
// reader who went away.
//
// Threads: one thread. Errors: Output::flush; a closed pipe is no error, the command just has nobody to talk to.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace vivid::ctl {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

enum class Tone { plain, strong, quiet, good, running, warning, bad };
enum class ColorChoice { automatic, always, never };

struct Terminal {
  bool interactive = false;  // standard output is a terminal that moves its cursor
  bool color = false;
  bool unicode = true;
  std::size_t columns = 0;  // 0: no limit (a pipe or a file)
  std::size_t rows = 24;

  // The text in the colour of its meaning; unchanged without colours.
  std::string paint(std::string_view text, Tone tone) const;
};

// What standard output is now. Colours only on a terminal, unless NO_COLOR is set or TERM is dumb; `choice` decides
// otherwise. Without a UTF-8 locale, and only if a locale was chosen, bars and marks are drawn in ASCII.
Terminal inspect_terminal(ColorChoice choice, const Environment& environment);

class Output {
 public:
  void write(std::string_view text) { buffer_ += text; }
  void line(std::string_view text);
  // False once the reader is gone or the disk is full: there is no point in going on.
  bool flush();
  // What went wrong, other than a reader who had enough; 0 when nothing did.
  int error_number() const { return error_number_; }

 private:
  std::string buffer_;
  bool broken_ = false;
  int error_number_ = 0;
};

}  // namespace vivid::ctl
