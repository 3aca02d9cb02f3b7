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
  std::function<Result<std::string>()> reload;  // {"changed", "needs_restart"} as JSON
};

class Methods : public ControlHandler {
 public:
  Methods(Parts& parts, DaemonActions actions) : parts_(parts), actions_(std::move(actions)), submit_(parts) {}

  void handle(Call call) override;
  void answered(std::string_view method, std::string_view outcome, std::chrono::microseconds took) override;

 private:
  using Reply = std::shared_ptr<Responder>;
  using Found = std::variant<queue::JobView, TextAnswer>;

  bool handle_job(Call& call, const nlohmann::json& params);
  bool handle_daemon(Call& call, const nlohmann::json& params);

  // Finds the job that params.job names, by its id or the beginning of it; errors are answered here.
  void with_job(const nlohmann::json& params, Reply reply, std::function<void(Found)> then);
  Result<Found> read_job(const std::string& name, const std::vector<std::string>& texts) const;
  // Runs a queue command of the job's uid; its answer becomes the reply.
  template <typename T>
  queue::Completion<T> answer_with(Reply reply, std::function<std::string(const T&)> show);

  void list(const nlohmann::json& params, Reply reply, std::vector<queue::JobState> states);
  void wait(const nlohmann::json& params, Reply reply);
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
