#include "daemon/vividd/methods.h"

#include <nlohmann/json.hpp>

#include "daemon/pipeline/job_plan.h"
#include "daemon/vividd/job_json.h"
#include "daemon/vividd/status_json.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;

std::string text_of(const json& params, const char* name) {
  const auto found = params.find(name);
  return found != params.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void Methods::handle(Call call) {
  // The largest by far, and parsed elsewhere.
  if (call.method == "job.submit") return submit_.handle(std::move(call));
  if (call.params.size() > kMaxLoopJsonBytes) {
    return call.responder.fail({ErrorCode::too_large, "params of " + call.method + " have " +
                                                          std::to_string(call.params.size()) + " bytes, allowed are " +
                                                          std::to_string(kMaxLoopJsonBytes)});
  }
  const json params = json::parse(call.params, nullptr, false);
  if (!params.is_object()) return call.responder.fail({ErrorCode::invalid_input, "params is not an object"});
  if (call.method == "watch") return watch(params, std::move(call.responder));
  if (handle_job(call, params) || handle_outbox(call, params) || handle_cache(call) || handle_daemon(call, params))
    return;
  call.responder.method_not_found(call.method);
}

void Methods::answered(std::string_view method, std::string_view outcome, std::chrono::microseconds took) {
  parts_.metrics->control_request(method, outcome, took);
}

bool Methods::handle_daemon(Call& call, const json& params) {
  const std::string& method = call.method;
  if (method != "ping" && method != "status" && method != "pause" && method != "resume" && method != "drain" &&
      method != "reload") {
    return false;
  }
  auto reply = std::make_shared<Responder>(std::move(call.responder));
  if (method == "ping") {
    reply->result(ping_json(parts_));
  } else if (method == "status") {
    status(reply);
  } else if (method == "drain") {
    // Answered first: with nothing left to wait for, the end comes at once.
    reply->result(to_text(json{{"running", parts_.dispatcher->running()}}));
    actions_.drain(params.value("stop", json(false)) == json(true));
  } else if (method == "reload") {
    const auto changed = actions_.reload();
    if (changed) {
      reply->result(*changed);
    } else {
      reply->fail(changed.error());
    }
  } else {
    pause(params, reply, method == "pause");
  }
  return true;
}

void Methods::status(Reply reply) {
  struct Seen {
    Result<queue::Counts> counts;
    Result<std::vector<std::string>> paused;
  };
  const Status asked = parts_.read_pool->submit(
      [&queue = *parts_.queue] {
        return Seen{queue.counts(), queue.paused_lanes()};
      },
      [this, reply](Seen seen) {
        if (!seen.counts) return reply->fail(seen.counts.error());
        parts_.counts = std::move(*seen.counts);
        if (seen.paused) parts_.paused_lanes = std::move(*seen.paused);
        reply->result(status_json(parts_));
      });
  if (!asked) reply->fail(asked.error());
}

void Methods::pause(const json& params, Reply reply, bool paused) {
  const std::string lane = text_of(params, "lane");
  const auto& lanes = all_lanes();
  if (!lane.empty() && std::find(lanes.begin(), lanes.end(), lane) == lanes.end()) {
    return reply->fail({ErrorCode::invalid_input, "lane is \"" + lane + "\", allowed are intake, cpu, render and net"});
  }
  auto answer = [this, reply, undo_drain = !paused && lane.empty()](const Status& done) {
    if (!done) return reply->fail(done.error());
    if (undo_drain) actions_.resume();
    const Status asked = parts_.read_pool->submit([&queue = *parts_.queue] { return queue.paused_lanes(); },
                                                  [this, reply](Result<std::vector<std::string>> lanes_now) {
                                                    if (!lanes_now) return reply->fail(lanes_now.error());
                                                    parts_.paused_lanes = *lanes_now;
                                                    parts_.dispatcher->wake();
                                                    reply->result(to_text(json{{"paused_lanes", *lanes_now}}));
                                                  });
    if (!asked) reply->fail(asked.error());
  };
  auto done = [post = parts_.mailbox->poster(), answer](Status status) { post([answer, status] { answer(status); }); };
  if (!paused) return parts_.queue->resume(lane, done);
  if (!lane.empty()) return parts_.queue->pause(lane, done);
  // Each by its name, so that each can be resumed alone. Commands are done in order: the last answers for all.
  auto failed = std::make_shared<Status>();
  for (const auto& name : lanes) {
    const bool last = &name == &lanes.back();
    parts_.queue->pause(std::string(name), [failed, done, last](Status status) {
      if (!status && *failed) *failed = status;
      if (last) done(*failed);
    });
  }
}

void Methods::watch(const json& params, Responder responder) {
  const std::string name = text_of(params, "job");
  if (name.empty()) {
    return parts_.watchers->watch({}, responder.subscribe(R"({"watching":true})"));
  }
  auto reply = std::make_shared<Responder>(std::move(responder));
  with_job(params, reply, [this, reply](const Found& found) {
    const auto* view = std::get_if<queue::JobView>(&found);
    const std::string uid = view != nullptr ? view->summary.uid : std::get<TextAnswer>(found).uid;
    Subscription subscription = reply->subscribe(R"({"watching":true})");
    JobProgress now;
    if (const JobProgress* live = parts_.board->find(uid)) now = *live;
    now.uid = uid;
    now.state = view != nullptr ? std::string(queue::to_text(view->summary.state)) : "completed";
    subscription.notify(uid, "progress", to_text(progress_json(now)));
    const bool is_over = view == nullptr || queue::is_final(view->summary.state);
    parts_.watchers->watch(uid, std::move(subscription), is_over);
    if (!is_over) tell_if_over(uid);
  });
}

}  // namespace vivid::daemon
