// The daemon: puts the parts together, starts them in order, reacts to signals, and takes everything down again.
//
//   start ─▶ open queue, log, store ─▶ end survivors ─▶ recover ─▶ claim, listen, READY
//   SIGTERM ─▶ no new work ─▶ stages end, or are given back at shutdown.drain_limit ─▶ workers end ─▶ exit
//   what hangs ─▶ exit all the same, workers.grace and a few seconds after shutdown.drain_limit
//
// Threads: everything runs on the thread that calls run().
#pragma once

#include <functional>
#include <memory>

#include "base/error.h"
#include "config/config.h"
#include "daemon/loop/signals.h"
#include "daemon/loop/timer.h"
#include "daemon/vividd/housekeeping.h"
#include "daemon/vividd/last_resort.h"
#include "daemon/vividd/methods.h"
#include "daemon/vividd/observer.h"
#include "daemon/vividd/parts.h"
#include "daemon/vividd/survivors.h"

namespace vivid::daemon {

class Vividd {
 public:
  // `load_config` reads the configuration again, for a reload.
  Vividd(config::Config config, std::function<Result<config::Config>()> load_config);
  ~Vividd();
  Vividd(const Vividd&) = delete;
  Vividd& operator=(const Vividd&) = delete;

  // Until it has been told to stop. An error: it could not start.
  Status run();
  // It ended at its last limit, with stages or workers that did not end.
  bool left_work() const { return left_work_; }

 private:
  Status open_stores();
  void make_threads();
  void make_gpus();
  void make_pipeline();
  Status open_doors();
  void watch_time();

  void recover_survivors();
  void on_recovered();
  void tell_readiness();

  void on_signal(int number);
  Result<std::string> reload();
  void drain(bool stop);
  // Undoes a drain that does not end the daemon.
  void resume();
  void stop();
  void hurry();
  // The orderly end comes at this limit, whatever is left.
  void limit_the_end(std::chrono::milliseconds limit);
  void give_up();
  void end_workers();
  void finish();
  void refresh();

  // Outlives the rest, so that it also watches the destructor.
  LastResort last_resort_;
  uv_loop_t loop_{};
  Parts parts_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<Observer> observer_;
  std::unique_ptr<Methods> methods_;
  std::unique_ptr<Survivors> survivors_;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Timer> second_timer_;
  std::unique_ptr<Timer> drain_timer_;
  std::unique_ptr<Timer> last_timer_;
  SteadyTime stop_limit_{};  // of waiting for stages and deliveries
  bool refreshing_ = false;
  bool finishing_ = false;
  bool closing_ = false;
  bool left_work_ = false;

  // Read by the HTTP threads.
  std::mutex readiness_mutex_;
  Readiness readiness_;
};

}  // namespace vivid::daemon
