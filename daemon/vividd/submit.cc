#include "daemon/vividd/submit.h"

#include <nlohmann/json.hpp>

#include "daemon/pipeline/job_plan.h"
#include "daemon/vividd/job_json.h"
#include "daemon/vividd/settings.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;

// In the log, of what comes before a job's first stage.
constexpr const char* kSubmission = "submission";

// Failed jobs beyond which a refused message is only logged and counted: a flood of them must not fill the disk.
constexpr std::int64_t kMaxFailedJobs = 10'000;

std::int64_t jobs_in(queue::JobState wanted, const std::optional<queue::Counts>& counts) {
  if (!counts) return 0;
  for (const auto& [state, count] : counts->jobs) {
    if (state == wanted) return count;
  }
  return 0;
}

}  // namespace

void Submit::handle(Call call) {
  auto responder = std::make_shared<Responder>(std::move(call.responder));
  if (parts_.state != RunState::running) {
    parts_.metrics->submission("media", "unavailable");
    return responder->fail({ErrorCode::unavailable, "vividd takes no more work: it is being stopped"});
  }
  // What is too long to look at here is parsed with all others; its text, if that is all, still goes the light way.
  const bool text_only = call.params.size() <= kMaxLoopJsonBytes && looks_text_only(call.params);
  TaskPool& pool = text_only ? *parts_.text_pool : *parts_.intake_pool;
  const Status asked =
      pool.submit([params = std::move(call.params),
                   environment = parts_.config.host.environment] { return parse_submission(params, environment); },
                  [this, responder](const Submission& submission) { take(responder, submission); });
  if (!asked) responder->fail(asked.error());
}

void Submit::take(const std::shared_ptr<Responder>& responder, const Submission& submission) {
  if (!submission.request) return reject(responder, submission);
  const Request& request = *submission.request;
  if (is_text_only(request.modalities)) return take_text(responder, request);
  look_for_text(responder, request);
}

void Submit::look_for_text(const std::shared_ptr<Responder>& responder, const Request& request) {
  const std::string uid = request.id.to_text();
  const auto refuse = [this, responder](const Error& error) {
    parts_.metrics->submission("media", to_text(error.code));
    responder->fail(error);
  };
  const Error is_text{ErrorCode::already_exists,
                      "request " + uid + " has been answered with text already; other modalities need another id"};
  if (parts_.text_path->knows(uid)) return refuse(is_text);
  // From now on a text request of this id is refused, so that the two never meet.
  const auto place = on_their_way_.insert(uid);
  const Status asked = parts_.intake_pool->submit(
      [&queue = *parts_.queue, &store = *parts_.store, uid,
       bucket = parts_.config.storage.bucket]() -> Result<std::optional<std::string>> {
        VIVID_ASSIGN(const auto state, queue.state_of(uid));
        // The same request again: its job answers.
        if (state) return std::optional<std::string>();
        auto stored = stored_class(store, bucket, uid);
        // A store that is away, or may only be written to, holds no job up: what it has of this id is found when the
        // results go there.
        if (!stored && stored.error().code != ErrorCode::data_corrupt) return std::optional<std::string>();
        return stored;
      },
      [this, responder, request, refuse, is_text, place](const Result<std::optional<std::string>>& stored) {
        on_their_way_.erase(place);
        if (!stored) return refuse(stored.error());
        if (*stored == "text") return refuse(is_text);
        take_media(responder, request);
      });
  if (asked) return;
  on_their_way_.erase(place);
  refuse(asked.error());
}

void Submit::reject(const std::shared_ptr<Responder>& responder, const Submission& submission) {
  const Error error = submission.request.error();
  parts_.metrics->submission("media", to_text(error.code));
  const MessageIdentity& identity = submission.identity;
  if (identity.request_id.empty()) {
    log::warning("submission refused", {{"reason", error.describe()}});
    return responder->fail(error);
  }
  const RejectedMessage rejected{submission.message, error.message};
  queue::NewJob record = plan_rejected(rejected, identity, plan_options(parts_.config));
  log::warning("request refused", {{"correlation_id", record.correlation_id},
                                   {"job", record.uid},
                                   {"stage", kSubmission},
                                   {"attempt", 0},
                                   {"request_id", identity.request_id},
                                   {"reason", error.describe()}});
  if (const Status admitted = admit_rejected(); !admitted) {
    log::warning("refused request not kept", {{"job", record.uid}, {"reason", admitted.error().describe()}});
    return responder->fail(error);
  }
  parts_.queue->submit(std::move(record),
                       [post = parts_.mailbox->poster(), responder, error,
                        uid = rejected_job_id(identity.request_id).to_text()](const Result<queue::SubmitResult>& kept) {
                         Error answer = error;
                         if (kept) answer.message += " (kept as job " + uid + ")";
                         post([responder, answer] { responder->fail(answer); });
                       });
}

void Submit::take_text(const std::shared_ptr<Responder>& responder, const Request& request) {
  const SteadyTime start = parts_.clock.steady_now();
  // An answer that was given is given again even when nothing new is taken in.
  const auto& closed = parts_.admission->closed_reason();
  if (closed && parts_.text_path->find(request.id.to_text()) == nullptr) {
    return answer_text(request, tl::make_unexpected(*closed), Seconds(0), *responder);
  }
  parts_.text_path->answer(request, [this, responder, start, request](const Result<TextAnswer>& answer) {
    answer_text(request, answer, parts_.clock.steady_now() - start, *responder);
  });
}

void Submit::answer_text(const Request& request, const Result<TextAnswer>& answer, Seconds took, Responder& responder) {
  log::Fields fields{{"correlation_id", request.correlation_id},
                     {"job", request.id.to_text()},
                     {"stage", "text"},
                     {"attempt", 1},
                     {"seconds", took.count()}};
  if (!answer) {
    ++parts_.texts_failed;
    parts_.metrics->submission("text", to_text(answer.error().code));
    parts_.metrics->text_request("failed", took, 0.0);
    fields.emplace_back("reason", answer.error().describe());
    log::warning("text request failed", fields);
    return responder.fail(answer.error());
  }
  parts_.metrics->submission("text", answer->created ? "created" : "duplicate");
  if (answer->created) {
    const double saved = parts_.config.cost.video_request_usd - parts_.config.cost.text_request_usd;
    ++parts_.texts_completed;
    parts_.texts_saved_usd += saved;
    parts_.metrics->text_request("completed", took, saved);
    fields.emplace_back("saved_usd", saved);
    log::info("text request completed", fields);
    parts_.watchers->finished(answer->uid);
  }
  responder.result(to_text(json{{"job", answer->uid},
                                {"created", answer->created},
                                {"state", "completed"},
                                {"modalities", {"text"}},
                                {"path", "text"},
                                {"result", json::parse(answer->manifest, nullptr, false)}}));
}

Status Submit::admit() const {
  if (const auto& closed = parts_.admission->closed_reason()) return tl::make_unexpected(*closed);
  const std::int64_t limit = parts_.config.queue.max_waiting_jobs;
  if (jobs_in(queue::JobState::queued, parts_.counts) >= limit) {
    return fail(ErrorCode::resource_exhausted,
                "queue.max_waiting_jobs (" + std::to_string(limit) + ") are waiting; try again later");
  }
  return {};
}

Status Submit::admit_rejected() {
  VIVID_TRY(admit());
  if (const auto failed = jobs_in(queue::JobState::failed, parts_.counts); failed != failed_seen_) {
    failed_seen_ = failed;
    rejected_since_ = 0;
  }
  if (failed_seen_ + rejected_since_ >= kMaxFailedJobs) {
    return fail(ErrorCode::resource_exhausted, std::to_string(kMaxFailedJobs) + " failed jobs are kept already");
  }
  ++rejected_since_;
  return {};
}

void Submit::take_media(const std::shared_ptr<Responder>& responder, const Request& request) {
  if (const Status admitted = admit(); !admitted) {
    parts_.metrics->submission("media", to_text(admitted.error().code));
    return responder->fail(admitted.error());
  }
  const std::string uid = request.id.to_text();
  log::Fields fields{{"correlation_id", request.correlation_id}, {"job", uid}, {"stage", kSubmission}, {"attempt", 0}};
  const auto place = on_their_way_.insert(uid);
  auto done = [this, responder, uid, fields = std::move(fields), place,
               names = names_of(request.modalities)](const Result<queue::SubmitResult>& kept) {
    on_their_way_.erase(place);
    if (!kept) {
      log::Fields why = fields;
      why.emplace_back("reason", kept.error().describe());
      log::warning("job not accepted", why);
      parts_.metrics->submission("media", to_text(kept.error().code));
      return responder->fail(kept.error());
    }
    parts_.metrics->submission("media", kept->created ? "created" : "duplicate");
    if (kept->created) {
      log::info("job accepted", fields);
      parts_.board->changed(uid, kept->state);
    }
    responder->result(to_text(json{{"job", uid},
                                   {"created", kept->created},
                                   {"state", queue::to_text(kept->state)},
                                   {"modalities", names},
                                   {"path", "media"}}));
  };
  parts_.queue->submit(plan_job(request, plan_options(parts_.config)),
                       [post = parts_.mailbox->poster(), done](Result<queue::SubmitResult> kept) {
                         post([done, kept = std::move(kept)] { done(kept); });
                       });
}

}  // namespace vivid::daemon
