#include "render/spans/span_budget.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace vivid::render {
namespace {

// More pictures than that are worth threads of their own.
constexpr std::int64_t kFewPictures = 32;
// How many pictures x264 looks ahead, by preset.
struct Lookahead {
  std::string_view preset;
  std::int64_t pictures;
};
constexpr std::array kLookaheads{Lookahead{"ultrafast", 0}, Lookahead{"superfast", 0}, Lookahead{"veryfast", 10},
                                 Lookahead{"faster", 20},   Lookahead{"fast", 30},     Lookahead{"medium", 40},
                                 Lookahead{"slow", 50},     Lookahead{"slower", 60},   Lookahead{"veryslow", 60},
                                 Lookahead{"placebo", 60}};
// References, pictures at work and tables, counted in pictures; and more of them for each thread after the first.
constexpr std::int64_t kPicturesBesides = 8;
constexpr std::int64_t kPicturesOfThread = 4;
constexpr std::int64_t kSpare = std::int64_t{64} << 20;
constexpr int kMostSpans = 64;

// With half-sized copies, motion vectors and costs.
std::int64_t picture_bytes(const RenderOptions& options) {
  return std::int64_t{options.width_px} * options.height_px * 33 / 10;
}

std::int64_t lookahead_of(const RenderOptions& options) {
  const auto known = std::find_if(kLookaheads.begin(), kLookaheads.end(),
                                  [&options](const Lookahead& row) { return row.preset == options.preset; });
  return known == kLookaheads.end() ? kLookaheads.back().pictures : known->pictures;
}

std::int64_t encoder_bytes(std::int64_t pictures_ahead, int threads, const RenderOptions& options) {
  return (pictures_ahead + kPicturesBesides + kPicturesOfThread * (threads - 1)) * picture_bytes(options);
}

}  // namespace

SpanBudget span_budget(const RenderOptions& options, int processors) {
  if (options.parallel_spans > 0) return {options.parallel_spans, 0};
  SpanBudget budget;
  budget.spans = std::clamp(processors, 1, kMostSpans);
  const std::int64_t whole = encoder_bytes(lookahead_of(options), options.encoder_threads, options);
  const std::int64_t times = std::max(1, processors / std::max(1, options.encoder_threads));
  budget.memory_bytes = (whole + kSpare) * times;
  return budget;
}

int span_threads(const Span& span, const RenderOptions& options) {
  return span.pictures <= kFewPictures ? 1 : options.encoder_threads;
}

std::int64_t span_memory_bytes(const Span& span, const RenderOptions& options) {
  return encoder_bytes(std::min(span.pictures, lookahead_of(options)), span_threads(span, options), options);
}

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof(set), &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

}  // namespace vivid::render
