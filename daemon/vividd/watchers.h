// Clients that wait for jobs: streams of progress, and single answers when a job is over.
//
// Threads: the loop's. Bound: by the control server's connections and calls in flight.
#pragma once

#include <uv.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "daemon/control/control_server.h"
#include "daemon/loop/timer.h"
#include "daemon/pipeline/progress_board.h"

namespace vivid::daemon {

class Watchers {
 public:
  explicit Watchers(uv_loop_t* loop) : loop_(loop) {}

  // `job` empty: all jobs.
  // `told`: the subscriber knows already that the job is over.
  void watch(std::string job, Subscription subscription, bool told = false);
  // `answer(responder, timed_out)` once the job is over or the time is up.
  using Answer = std::function<void(Responder, bool timed_out)>;
  void wait(std::string job, std::chrono::milliseconds timeout, Responder responder, Answer answer);

  void progress(const JobProgress& progress);
  // Without a progress of its own: a job of the text path.
  void finished(const std::string& job);
  // A job that turned out to be over: whoever watches or waits for it, and does not know yet, is told.
  void over(const JobProgress& last);

 private:
  struct Watch {
    std::string job;
    Subscription subscription;
    bool told = false;  // that the job is over
  };
  struct Wait {
    Wait(uv_loop_t* loop, std::string of_job, Responder to, Answer how)
        : job(std::move(of_job)), responder(std::move(to)), answer(std::move(how)), timer(loop) {}
    std::string job;
    Responder responder;
    Answer answer;
    Timer timer;
  };

  uv_loop_t* loop_;
  std::list<Watch> watches_;
  std::list<std::unique_ptr<Wait>> waits_;
};

}  // namespace vivid::daemon
