// The methods of the control socket.
//
// Threads: the loop's; reads of the queue run on the read pool.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "daemon/control/control_server.h"
#include "daemon/vividd/parts.h"
#include "daemon/vividd/submit.h"

namespace vivid::daemon {

// What only the daemon as a whole can do.
struct DaemonActions {
  std::function<void(bool stop)> drain;
  std::function<void()> resume;                 // undoes a drain without stop
  std::function<Result<std::string>()> reload;  // {"changed", "needs_restart"} as JSON
  // A job ended without a stage that ran.
  std::function<void(const queue::JobSummary& job)> job_cancelled;
};

class Methods : public ControlHandler {
 public:
  Methods(Parts& parts, DaemonActions actions) : parts_(parts), actions_(std::move(actions)), submit_(parts) {}

  void handle(Call call) override;
  // Whether a job of this id is on its way into the queue.
  bool is_on_its_way(const std::string& uid) const { return submit_.is_on_its_way(uid); }
  void answered(std::string_view method, std::string_view outcome, std::chrono::microseconds took) override;

 private:
  using Reply = std::shared_ptr<Responder>;
  using Found = std::variant<queue::JobView, TextAnswer>;

  bool handle_job(Call& call, const nlohmann::json& params);
  // Those of them that change jobs; false when it knows no such method.
  bool change_job(const std::string& method, const nlohmann::json& params, const Reply& reply);
  bool handle_daemon(Call& call, const nlohmann::json& params);
  // Messages that the central database refuses.
  bool handle_outbox(Call& call, const nlohmann::json& params);

  // What was encoded before.
  bool handle_cache(Call& call);

  // Finds the job that params.job names, by its id or the beginning of it; errors are answered here.
  void with_job(const nlohmann::json& params, Reply reply, std::function<void(Found)> then);
  // The same for jobs that are in the queue; a text answer is refused here.
  void with_queued_job(const nlohmann::json& params, Reply reply, std::function<void(const queue::JobSummary&)> then);
  // On the read pool; `texts` and `bucket` as they are on the loop.
  Result<Found> read_job(const std::string& name, std::vector<std::string> texts, const std::string& bucket) const;
  // Runs a queue command of the job's uid; its answer becomes the reply.
  template <typename T>
  queue::Completion<T> answer_with(Reply reply, std::function<std::string(const T&)> show);

  void list(const nlohmann::json& params, Reply reply, std::vector<queue::JobState> states);
  void wait(const nlohmann::json& params, Reply reply);
  // For whoever has just begun to wait for this job: it may have ended while its state was on its way.
  void tell_if_over(const std::string& uid);
  void watch(const nlohmann::json& params, Responder responder);
  void logs(const nlohmann::json& params, Reply reply);
  void pause(const nlohmann::json& params, Reply reply, bool paused);
  void status(Reply reply);
  std::string summary_of(const Found& found) const;

  Parts& parts_;
  DaemonActions actions_;
  Submit submit_;
};

}  // namespace vivid::daemon
