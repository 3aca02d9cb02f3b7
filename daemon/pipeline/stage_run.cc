#include "daemon/pipeline/stage_run.h"

#include <nlohmann/json.hpp>

namespace vivid::daemon {
namespace {

double seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::string attempt_detail(const StageReport& report) {
  using nlohmann::json;
  json steps = json::array();
  for (const render::Step& step : report.steps) {
    steps.push_back({{"name", step.name}, {"start_seconds", seconds(step.start)}, {"seconds", seconds(step.duration)}});
  }
  json detail = {{"steps", steps}};
  if (!report.gpu.empty()) detail["gpu"] = report.gpu;
  if (const auto& last = report.last_progress) {
    detail["last_progress"] = {{"step", last->step},
                               {"fraction", last->fraction},
                               {"frames_done", last->frames_done},
                               {"frames_total", last->frames_total}};
  }
  return detail.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace vivid::daemon
