// Finds out what GPUs there are, and watches them, through processes that may hang or die with a driver: vividd itself
// touches none.
//
// Threads: the loop's. Ownership: destroying it kills its processes. Bounds: two processes, an answer each a few kB.
#pragma once

#include <uv.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "daemon/loop/child_process.h"
#include "daemon/loop/timer.h"
#include "render/protocol/gpu_report.h"

namespace vivid::daemon {

struct GpuWatchOptions {
  std::filesystem::path program;  // vivid-render
  std::vector<std::string> environment;
  std::filesystem::path cache;              // where the probe remembers
  std::chrono::seconds interval{10};        // between gauges; 0: they are not read
  std::chrono::milliseconds limit{60'000};  // for the probe
  std::chrono::milliseconds retry{60'000};  // until a GPU that was busy or broken is probed again
};

class GpuWatch {
 public:
  struct Events {
    std::function<void(render::GpuReport)> on_report;
    std::function<void(std::vector<render::GpuGauges>)> on_gauges;
  };
  GpuWatch(uv_loop_t* loop, const Clock& clock, GpuWatchOptions options, Events events);

  void start();
  // Probes now, and again as often as it has to.
  void probe();

 private:
  void on_probe_line(std::string_view line);
  void on_probed(const ChildExit& exit);
  void answer(render::GpuReport report);
  void watch();
  void on_gauge_line(std::string_view line);
  void check_gauges();

  uv_loop_t* loop_;
  const Clock& clock_;
  GpuWatchOptions options_;
  Events events_;
  std::string answer_;
  bool overran_ = false;
  SteadyTime last_gauges_{};
  std::unique_ptr<ChildProcess> probe_;
  std::unique_ptr<ChildProcess> watcher_;
  Timer limit_timer_;
  Timer retry_timer_;
  Timer gauge_timer_;
};

}  // namespace vivid::daemon
