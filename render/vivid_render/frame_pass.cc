#include "render/vivid_render/frame_pass.h"

#include <algorithm>
#include <optional>

namespace vivid::render {
namespace {

std::optional<std::int64_t> next_wanted(const std::vector<Viewing>& viewings, std::int64_t index) {
  std::optional<std::int64_t> next;
  for (const Viewing& viewing : viewings) {
    if (!viewing.outcome.has_value()) continue;
    const auto wanted = viewing.viewer->next(index);
    if (wanted && (!next || *wanted < *next)) next = wanted;
  }
  return next;
}

void show(StageCall& call, std::vector<Viewing>& viewings, std::int64_t index, const ComposedFrame& frame) {
  for (Viewing& viewing : viewings) {
    if (!viewing.outcome.has_value() || viewing.viewer->next(index) != index) continue;
    viewing.outcome = call.timer.measure(viewing.name, [&] { return viewing.viewer->show(index, frame); });
  }
}

void report(const StageCall& call, std::int64_t done, std::int64_t total, double from, double to) {
  Progress progress;
  progress.step = "formats";
  progress.fraction = from + (to - from) * static_cast<double>(done) / static_cast<double>(total);
  progress.frames_done = done;
  progress.frames_total = total;
  call.environment.report(progress);
}

}  // namespace

Status run_frame_pass(StageCall& call, Composer& composer, std::vector<Viewing>& viewings, double from, double to) {
  const std::int64_t total = composer.frame_count();
  for (std::int64_t index = 0;; ++index) {
    const auto wanted = next_wanted(viewings, index);
    if (!wanted || *wanted >= total) break;
    index = *wanted;
    if (call.environment.cancelled()) {
      return fail(ErrorCode::cancelled, "stopped at frame " + std::to_string(index) + " of " + std::to_string(total));
    }
    VIVID_ASSIGN(const ComposedFrame frame, call.timer.measure("compose", [&] { return composer.frame(index); }));
    show(call, viewings, index, frame);
    report(call, index + 1, total, from, to);
  }
  for (Viewing& viewing : viewings) {
    if (call.environment.cancelled()) return fail(ErrorCode::cancelled, "stopped before " + viewing.name + " was done");
    if (!viewing.outcome.has_value()) continue;
    viewing.outcome = call.timer.measure(viewing.name, [&] { return viewing.viewer->finish(); });
  }
  return {};
}

}  // namespace vivid::render
