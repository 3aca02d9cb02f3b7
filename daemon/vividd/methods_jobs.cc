// Methods about single jobs and lists of them.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "daemon/vividd/job_json.h"
#include "daemon/vividd/methods.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr int kDefaultLimit = 100;
constexpr int kMaxLimit = 10'000;
constexpr double kLongestWaitSeconds = 365.0 * 24 * 3600;
constexpr std::size_t kShortestPrefix = 4;
constexpr int kNamedCandidates = 5;

int limit_of(const json& params) {
  const auto found = params.find("limit");
  if (found == params.end() || !found->is_number_integer()) return kDefaultLimit;
  return static_cast<int>(std::clamp<std::int64_t>(found->get<std::int64_t>(), 1, kMaxLimit));
}

Result<std::vector<queue::JobState>> states_of(const json& params) {
  constexpr std::array kAll{queue::JobState::queued, queue::JobState::running,     queue::JobState::completed,
                            queue::JobState::failed, queue::JobState::quarantined, queue::JobState::cancelled};
  std::vector<queue::JobState> states;
  const auto found = params.find("states");
  if (found == params.end() || found->is_null()) return states;
  for (const json& name : *found) {
    const auto state = std::find_if(kAll.begin(), kAll.end(), [&](auto each) { return name == queue::to_text(each); });
    if (state == kAll.end()) {
      return fail(ErrorCode::invalid_input, "states names " + name.dump() +
                                                ", allowed are queued, running, completed, failed, quarantined and "
                                                "cancelled");
    }
    states.push_back(*state);
  }
  return states;
}

std::string several_begin_with(const std::string& name, const std::vector<std::string>& uids) {
  std::string message = "\"" + name + "\" is the beginning of several jobs' ids:";
  for (const std::string& uid : uids) message += "\n" + uid;
  return uids.size() < kNamedCandidates ? message : message + "\nand maybe more";
}

// Nothing when the job may be run again; the queue looks once more when it does so.
Status may_run_again(const queue::JobSummary& job) {
  if (job.fence > 0 && queue::is_final(job.state)) {
    return fail(ErrorCode::unsupported, "job " + job.uid +
                                            " is a request of the central database: vividctl request retry " + job.uid +
                                            " lets a host claim it again");
  }
  if (queue::is_final(job.state) && job.state != queue::JobState::completed) return {};
  return fail(ErrorCode::unsupported, "job " + job.uid + " is " + std::string(queue::to_text(job.state)) +
                                          "; only a failed, quarantined or cancelled one can be run again");
}

const char* outcome_text(queue::CancelResult result) {
  if (result == queue::CancelResult::cancelled) return "cancelled";
  return result == queue::CancelResult::cancel_requested ? "cancel_requested" : "already_final";
}

}  // namespace

template <typename T>
queue::Completion<T> Methods::answer_with(Reply reply, std::function<std::string(const T&)> show) {
  return [this, reply, show, post = parts_.mailbox->poster()](Result<T> done) {
    post([this, reply, show, done = std::move(done)] {
      if (!done) return reply->fail(done.error());
      parts_.dispatcher->wake();
      reply->result(show(*done));
    });
  };
}

Result<Methods::Found> Methods::read_job(const std::string& name, std::vector<std::string> texts,
                                         const std::string& bucket) const {
  std::vector<std::string> uids;
  if (const auto whole = Uuid::parse(name)) {
    uids = {whole->to_text()};
  } else {
    VIVID_ASSIGN(uids, parts_.queue->uids_beginning_with(name, kNamedCandidates));
    uids.insert(uids.end(), texts.begin(), texts.end());
  }
  if (uids.size() > 1) return fail(ErrorCode::invalid_input, several_begin_with(name, uids));
  if (uids.empty()) return fail(ErrorCode::not_found, "there is no job " + name);
  VIVID_ASSIGN(auto job, parts_.queue->find(uids.front()));
  if (job) return Found(std::move(*job));
  VIVID_ASSIGN(auto text, load_text_answer(*parts_.store, bucket, uids.front()));
  if (text) return Found(std::move(*text));
  return fail(ErrorCode::not_found, "there is no job " + name);
}

void Methods::with_job(const json& params, Reply reply, std::function<void(Found)> then) {
  const auto named = params.find("job");
  if (named == params.end() || !named->is_string()) {
    return reply->fail({ErrorCode::invalid_input, "job is missing, allowed is a job's id or the beginning of one"});
  }
  const std::string name = named->get<std::string>();
  if (name.size() < kShortestPrefix) {
    return reply->fail(
        {ErrorCode::invalid_input, "job is \"" + name + "\", allowed are at least 4 characters of an id"});
  }
  const Status asked =
      parts_.read_pool->submit([this, name, texts = parts_.text_path->find_prefix(name),
                                bucket = parts_.config.storage.bucket] { return read_job(name, texts, bucket); },
                               [reply, then = std::move(then)](Result<Found> found) {
                                 if (!found) return reply->fail(found.error());
                                 then(std::move(*found));
                               });
  if (!asked) reply->fail(asked.error());
}

std::string Methods::summary_of(const Found& found) const {
  if (const auto* text = std::get_if<TextAnswer>(&found)) return to_text(summary_json(*text));
  const queue::JobSummary& summary = std::get<queue::JobView>(found).summary;
  return to_text(summary_json(summary, parts_.board->find(summary.uid)));
}

bool Methods::handle_job(Call& call, const json& params) {
  const std::string& method = call.method;
  if (!method.starts_with("job.") && !method.starts_with("dead.")) return false;
  auto reply = std::make_shared<Responder>(std::move(call.responder));
  if (method == "job.list") {
    const auto states = states_of(params);
    if (!states) return reply->fail(states.error()), true;
    list(params, reply, *states);
  } else if (method == "dead.list") {
    list(params, reply, {queue::JobState::failed, queue::JobState::quarantined});
  } else if (method == "job.show") {
    with_job(params, reply, [this, reply](const Found& found) {
      if (const auto* text = std::get_if<TextAnswer>(&found)) return reply->result(to_text(job_json(*text)));
      const auto& view = std::get<queue::JobView>(found);
      reply->result(to_text(job_json(view, parts_.board->find(view.summary.uid))));
    });
  } else if (method == "job.profile") {
    with_job(params, reply, [reply](const Found& found) {
      reply->result(to_text(std::visit([](const auto& job) { return profile_json(job); }, found)));
    });
  } else if (method == "job.wait") {
    wait(params, reply);
  } else if (method == "job.logs") {
    logs(params, reply);
  } else if (!change_job(method, params, reply)) {
    reply->method_not_found(method);
  }
  return true;
}

void Methods::with_queued_job(const json& params, Reply reply, std::function<void(const queue::JobSummary&)> then) {
  with_job(params, reply, [reply, then = std::move(then)](const Found& found) {
    const auto* view = std::get_if<queue::JobView>(&found);
    if (view == nullptr)
      return reply->fail({ErrorCode::unsupported, "a text request is over as soon as it is answered"});
    then(view->summary);
  });
}

bool Methods::change_job(const std::string& method, const json& params, const Reply& reply) {
  const auto summary = [this](const queue::JobSummary& job) {
    return to_text(summary_json(job, parts_.board->find(job.uid)));
  };
  if (method == "job.cancel") {
    with_queued_job(params, reply, [this, reply](const queue::JobSummary& job) {
      parts_.queue->cancel(job.uid,
                           answer_with<queue::CancelResult>(reply, [this, job](const queue::CancelResult& result) {
                             if (result == queue::CancelResult::cancelled) actions_.job_cancelled(job);
                             return to_text(json{{"job", job.uid}, {"outcome", outcome_text(result)}});
                           }));
    });
  } else if (method == "job.retry" || (method == "dead.requeue" && params.contains("job"))) {
    const bool counted = method == "dead.requeue";
    with_queued_job(params, reply, [this, reply, summary, counted](const queue::JobSummary& found) {
      if (const Status may = may_run_again(found); !may) return reply->fail(may.error());
      parts_.queue->requeue(found.uid, answer_with<queue::JobSummary>(reply, [=](const queue::JobSummary& job) {
                              return counted ? to_text(json{{"requeued", 1}}) : summary(job);
                            }));
    });
  } else if (method == "dead.requeue") {
    if (params.value("all", json(false)) != json(true)) {
      return reply->fail({ErrorCode::invalid_input, "dead.requeue needs job, or all: true"}), true;
    }
    parts_.queue->requeue_dead(answer_with<std::int64_t>(reply, [](const std::int64_t& count) {
      return to_text(json{{"requeued", count}});
    }));
  } else if (method == "job.priority") {
    const auto priority = params.find("priority");
    if (priority == params.end() || !priority->is_number_integer() || *priority < 0 || *priority > 9) {
      return reply->fail({ErrorCode::invalid_input, "priority is missing or not from 0 to 9"}), true;
    }
    with_queued_job(params, reply,
                    [this, reply, summary, value = priority->get<int>()](const queue::JobSummary& found) {
                      if (queue::is_final(found.state)) {
                        return reply->fail({ErrorCode::unsupported, "job " + found.uid + " was final already (" +
                                                                        std::string(queue::to_text(found.state)) +
                                                                        "): its priority moves nothing"});
                      }
                      parts_.queue->set_priority(found.uid, value, answer_with<queue::JobSummary>(reply, summary));
                    });
  } else {
    return false;
  }
  return true;
}

void Methods::list(const json& params, Reply reply, std::vector<queue::JobState> states) {
  queue::ListFilter filter;
  filter.states = std::move(states);
  filter.limit = limit_of(params);
  const auto before = params.find("before");
  if (before != params.end() && before->is_number_integer()) filter.before_job_id = before->get<std::int64_t>();
  const bool with_texts = filter.before_job_id == 0 &&
                          (filter.states.empty() || std::find(filter.states.begin(), filter.states.end(),
                                                              queue::JobState::completed) != filter.states.end());
  const Status asked = parts_.read_pool->submit(
      [&queue = *parts_.queue, filter] { return queue.list(filter); },
      [this, reply, with_texts, limit = filter.limit](const Result<std::vector<queue::JobSummary>>& jobs) {
        if (!jobs) return reply->fail(jobs.error());
        std::vector<json> rows;
        for (const auto& job : *jobs) rows.push_back(summary_json(job, parts_.board->find(job.uid)));
        if (with_texts) {
          for (const TextAnswer* text : parts_.text_path->recent(static_cast<std::size_t>(limit))) {
            rows.push_back(summary_json(*text));
          }
          std::stable_sort(rows.begin(), rows.end(), [](const json& a, const json& b) {
            return a["created_at"].get_ref<const std::string&>() > b["created_at"].get_ref<const std::string&>();
          });
          if (rows.size() > static_cast<std::size_t>(limit)) rows.resize(static_cast<std::size_t>(limit));
        }
        reply->result(to_text(json{{"jobs", rows}}));
      });
  if (!asked) reply->fail(asked.error());
}

void Methods::wait(const json& params, Reply reply) {
  reply->answer_out_of_order();
  std::chrono::milliseconds timeout{0};
  if (const auto found = params.find("timeout_seconds"); found != params.end() && found->is_number()) {
    const double seconds = std::clamp(found->get<double>(), 0.0, kLongestWaitSeconds);
    timeout = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000.0) + 1);
  }
  with_job(params, reply, [this, reply, timeout](const Found& found) {
    const auto* view = std::get_if<queue::JobView>(&found);
    if (view == nullptr || queue::is_final(view->summary.state)) return reply->result(summary_of(found));
    const std::string uid = view->summary.uid;
    parts_.watchers->wait(uid, timeout, std::move(*reply), [this, uid](Responder responder, bool timed_out) {
      if (timed_out) return responder.result(R"({"timed_out":true})");
      auto late = std::make_shared<Responder>(std::move(responder));
      with_job(json{{"job", uid}}, late, [this, late](const Found& over) { late->result(summary_of(over)); });
    });
    tell_if_over(uid);
  });
}

void Methods::tell_if_over(const std::string& uid) {
  const Status asked = parts_.read_pool->submit([&queue = *parts_.queue, uid] { return queue.state_of(uid); },
                                                [this, uid](const Result<std::optional<queue::JobState>>& state) {
                                                  if (!state || !*state || !queue::is_final(**state)) return;
                                                  JobProgress last;
                                                  if (const JobProgress* known = parts_.board->find(uid)) last = *known;
                                                  last.uid = uid;
                                                  last.state = queue::to_text(**state);
                                                  parts_.watchers->over(last);
                                                });
  if (!asked) log::warning("a job's state is not read again", {{"job", uid}, {"reason", asked.error().message}});
}

void Methods::logs(const json& params, Reply reply) {
  with_job(params, reply, [this, reply, limit = limit_of(params)](const Found& found) {
    const auto* view = std::get_if<queue::JobView>(&found);
    const std::string uid = view != nullptr ? view->summary.uid : std::get<TextAnswer>(found).uid;
    const Status asked = parts_.read_pool->submit(
        [&job_log = *parts_.job_log, uid, limit] { return job_log.read_last(uid, static_cast<std::size_t>(limit)); },
        [reply](const Result<std::vector<std::string>>& lines) {
          if (!lines) return reply->fail(lines.error());
          json rows = json::array();
          for (const std::string& line : *lines) {
            json row = json::parse(line, nullptr, false);
            if (!row.is_discarded()) rows.push_back(std::move(row));
          }
          reply->result(to_text(json{{"lines", rows}}));
        });
    if (!asked) reply->fail(asked.error());
  });
}

}  // namespace vivid::daemon
