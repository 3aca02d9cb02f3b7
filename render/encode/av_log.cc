#include "render/encode/av_log.h"

extern "C" {
#include <libavutil/log.h>
}

#include <algorithm>
#include <array>
#include <cstdarg>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/log.h"

namespace vivid::render {
namespace {

constexpr std::size_t kMaxLines = 20;
constexpr std::size_t kMaxLineBytes = 500;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

struct AvLogSink {
  std::mutex mutex;
  AvLogCapture* innermost = nullptr;

  static AvLogSink& instance() {
    static AvLogSink sink;
    return sink;
  }

  void take(int level, std::string_view line) {
    log::debug("ffmpeg", {{"text", line}});
    if (level > AV_LOG_WARNING) return;
    const std::lock_guard lock(mutex);
    if (innermost == nullptr) return;
    std::vector<std::string>& lines = innermost->lines_;
    if (lines.size() < kMaxLines && std::find(lines.begin(), lines.end(), line) == lines.end()) {
      lines.emplace_back(line);
    }
  }
};

namespace {

void on_av_log(void* object, int level, const char* format, va_list arguments) noexcept {
  if (level > AV_LOG_INFO) return;
  try {
    std::array<char, kMaxLineBytes> text{};
    int print_prefix = 0;
    av_log_format_line2(object, level, format, arguments, text.data(), static_cast<int>(text.size()), &print_prefix);
    const std::string_view line = trimmed(text.data());
    if (!line.empty()) AvLogSink::instance().take(level, line);
  } catch (...) {
    // A line that cannot be kept is not worth more than the work it comments.
  }
}

}  // namespace

void route_av_log() { av_log_set_callback(&on_av_log); }

AvLogCapture::AvLogCapture() {
  route_av_log();
  AvLogSink& sink = AvLogSink::instance();
  const std::lock_guard lock(sink.mutex);
  outer_ = std::exchange(sink.innermost, this);
}

AvLogCapture::~AvLogCapture() {
  AvLogSink& sink = AvLogSink::instance();
  const std::lock_guard lock(sink.mutex);
  sink.innermost = outer_;
}

std::vector<std::string> AvLogCapture::lines() const {
  const std::lock_guard lock(AvLogSink::instance().mutex);
  return lines_;
}

}  // namespace vivid::render
