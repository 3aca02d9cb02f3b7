#include "daemon/gpu/gpu_watch.h"

#include <utility>

#include "base/log.h"
#include "base/units.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kNoGrace{0};
constexpr int kMissedGauges = 3;
constexpr std::chrono::seconds kGaugeMargin{5};

bool is_object(std::string_view line) { return !line.empty() && line.front() == '{'; }

render::GpuReport broken(std::string words) {
  render::GpuReport report;
  report.state = render::GpuState::broken;
  report.words = std::move(words);
  return report;
}

}  // namespace

GpuWatch::GpuWatch(uv_loop_t* loop, const Clock& clock, GpuWatchOptions options, Events events)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      events_(std::move(events)),
      limit_timer_(loop),
      retry_timer_(loop),
      gauge_timer_(loop) {}

void GpuWatch::start() { probe(); }

void GpuWatch::probe() {
  if (probe_) return;
  ChildOptions child;
  child.arguments = {options_.program.string(), "--probe", "--json", "--probe-cache", options_.cache.string()};
  child.extra_environment = options_.environment;
  ChildEvents events;
  events.on_output = [this](std::string_view line) { on_probe_line(line); };
  events.on_exit = [this](const ChildExit& exit) { on_probed(exit); };
  answer_.clear();
  overran_ = false;
  auto started = ChildProcess::spawn(loop_, child, std::move(events));
  if (!started) return answer(broken("the probe does not start: " + started.error().message));
  probe_ = std::move(*started);
  limit_timer_.once(options_.limit, [this] {
    overran_ = true;
    probe_->end(kNoGrace);
  });
}

// Its log comes over the same pipes; the answer alone is a report.
void GpuWatch::on_probe_line(std::string_view line) {
  if (is_object(line) && render::gpu_report_from_json(line)) {
    answer_ = line;
  } else if (!line.empty()) {
    log::info("probe", {{"text", line}});
  }
}

void GpuWatch::on_probed(const ChildExit& exit) {
  limit_timer_.stop();
  // It is on the stack.
  limit_timer_.once(std::chrono::milliseconds(0), [this, exit] {
    probe_.reset();
    if (overran_) return answer(broken("the driver did not answer the probe for " + format_duration(options_.limit)));
    auto report = render::gpu_report_from_json(answer_);
    answer(report ? std::move(*report) : broken("the probe " + exit.describe() + " without an answer"));
  });
}

void GpuWatch::answer(render::GpuReport report) {
  using render::GpuState;
  const bool ready = report.state == GpuState::ready;
  const bool passing = report.state == GpuState::busy || report.state == GpuState::broken;
  const bool has_driver = report.state != GpuState::no_driver;
  log::write(passing ? log::Level::warning : log::Level::info, ready ? "GPUs found" : "no GPU encodes",
             {{"state", render::to_text(report.state)}, {"text", report.words}, {"driver", report.driver}});
  events_.on_report(std::move(report));
  if (passing) retry_timer_.once(options_.retry, [this] { probe(); });
  if (has_driver && !watcher_ && options_.interval.count() > 0) watch();
}

void GpuWatch::watch() {
  ChildOptions child;
  child.arguments = {options_.program.string(), "--watch-gpus", std::to_string(options_.interval.count())};
  child.extra_environment = options_.environment;
  ChildEvents events;
  events.on_output = [this](std::string_view line) { on_gauge_line(line); };
  // Whoever hangs or dies is started again, but not at once.
  events.on_exit = [this](const ChildExit&) {
    gauge_timer_.once(options_.retry, [this] {
      watcher_.reset();
      watch();
    });
    events_.on_gauges({});
  };
  auto started = ChildProcess::spawn(loop_, child, std::move(events));
  if (!started) return;
  watcher_ = std::move(*started);
  last_gauges_ = clock_.steady_now();
  gauge_timer_.every(options_.interval, [this] { check_gauges(); });
}

void GpuWatch::on_gauge_line(std::string_view line) {
  auto gauges = is_object(line) ? render::gpu_gauges_from_json(line) : fail(ErrorCode::invalid_input, "");
  if (!gauges) return;
  last_gauges_ = clock_.steady_now();
  events_.on_gauges(std::move(*gauges));
}

void GpuWatch::check_gauges() {
  if (clock_.steady_now() - last_gauges_ < kMissedGauges * options_.interval + kGaugeMargin) return;
  log::warning("the driver does not say what its GPUs do", {});
  last_gauges_ = clock_.steady_now();
  watcher_->end(kNoGrace);
}

}  // namespace vivid::daemon
