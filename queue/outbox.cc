#include "queue/outbox.h"

#include <string>

#include "base/json_text.h"

namespace vivid::queue {
namespace {

Status insert_row(Store& store, std::int64_t job_id, std::string_view kind, std::string_view stage, int attempt,
                  const std::string& body) {
  static constexpr const char* kInsert =
      "INSERT OR REPLACE INTO outbox (seq, job_id, kind, stage, attempt, created_at, body) VALUES (?, ?, ?, ?, ?, ?, "
      "?)";
  store.work_changed = true;
  return store.database.use(kInsert).bind(store.next_outbox_seq++, job_id, kind, stage, attempt, store.now, body).run();
}

void append_error(std::string& body, const Error& error) {
  body += R"(,"error_code":")";
  body += to_text(error.code);
  body += R"(","error_message":)";
  append_json_string(body, error.message);
}

std::int64_t microseconds(WallTime time) { return time.time_since_epoch().count(); }

}  // namespace

bool is_told(const Error& error) { return disposition_of(error.code) != Disposition::stale; }

Status put_accepted(Store& store, std::int64_t job_id, const NewJob& job) {
  std::string body = R"({"class":)";
  append_json_string(body, job.job_class);
  body += R"(,"priority":)" + std::to_string(job.priority);
  body += R"(,"created_at_us":)" + std::to_string(microseconds(store.now));
  std::string skipped;
  body += R"(,"stages":[)";
  bool first = true;
  for (const StageSpec& stage : job.stages) {
    std::string& list = stage.skipped ? skipped : body;
    if (stage.skipped ? !skipped.empty() : !first) list += ',';
    if (!stage.skipped) first = false;
    append_json_string(list, stage.name);
  }
  body += R"(],"skipped":[)" + skipped + "]}";
  return insert_row(store, job_id, "accepted", "", 0, body);
}

Status put_stage(Store& store, const ActiveStage& stage, StageState state, std::string_view result,
                 const Error* error) {
  std::string body;
  body.reserve(160 + result.size());
  body += R"({"state":")";
  body += to_text(state);
  body += R"(","attempt":)" + std::to_string(stage.attempt);
  if (stage.started_at) body += R"(,"started_at_us":)" + std::to_string(microseconds(*stage.started_at));
  body += R"(,"finished_at_us":)" + std::to_string(microseconds(store.now));
  if (error != nullptr) {
    append_error(body, *error);
  } else {
    body += R"(,"result":)";
    body += result.empty() ? std::string_view("null") : result;
  }
  body += '}';
  return insert_row(store, stage.job_id, "stage", stage.name, stage.attempt, body);
}

Status put_attempt(Store& store, const ActiveStage& stage, const Error& error, WallTime retry_at) {
  if (stage.fence == 0) return {};
  std::string body = R"({"attempt":)" + std::to_string(stage.attempt);
  if (stage.started_at) body += R"(,"started_at_us":)" + std::to_string(microseconds(*stage.started_at));
  body += R"(,"finished_at_us":)" + std::to_string(microseconds(store.now));
  body += R"(,"retry_at_us":)" + std::to_string(microseconds(retry_at));
  append_error(body, error);
  body += '}';
  return insert_row(store, stage.job_id, "attempt", stage.name, stage.attempt, body);
}

Status put_final(Store& store, std::int64_t job_id, JobState state, const Error* error, std::string_view error_stage) {
  std::string body = R"({"state":")";
  body += to_text(state);
  body += R"(","finished_at_us":)" + std::to_string(microseconds(store.now));
  if (error != nullptr) {
    append_error(body, *error);
    body += R"(,"error_stage":)";
    append_json_string(body, error_stage);
  }
  body += '}';
  return insert_row(store, job_id, "final", "", 0, body);
}

}  // namespace vivid::queue
