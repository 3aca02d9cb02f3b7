#include <optional>
#include <string>

#include "queue/commands.h"
#include "queue/outbox.h"
#include "queue/schema.h"
#include "queue/stage_flow.h"
#include "queue/states.h"

namespace vivid::queue {
namespace {

struct Earlier {
  std::int64_t stage_id = 0;
  std::string lane;
};

Result<std::optional<Earlier>> find_completed(Store& store, const ActiveStage& before, std::string_view name) {
  static constexpr const char* kSelect =
      "SELECT id, lane FROM stage WHERE id >= ? AND id < ? AND name = ? AND state = 'completed'";
  Cursor row = store.database.use(kSelect);
  row.bind(stage_id_of(before.job_id, 0), before.stage_id, name);
  VIVID_ASSIGN(const bool found, row.step());
  if (!found) return std::optional<Earlier>();
  return std::optional(Earlier{row.integer(0), row.string(1)});
}

}  // namespace

Result<StageOutcome> rewind_stage(Store& store, const LeaseKey& key, const std::string& to, const Error& error) {
  // Completed stages in between run again too: what they made came from what is broken.
  static constexpr const char* kEarlier =
      "UPDATE stage SET state = 'pending', result = NULL, finished_at = NULL WHERE id >= ? AND id < ?"
      " AND state = 'completed'";
  static constexpr const char* kThis =
      "UPDATE stage SET state = 'pending', boot_id = NULL, ready_since = NULL, error_code = ?, error_message = ?"
      " WHERE id = ?";
  VIVID_ASSIGN(const ActiveStage stage, find_leased(store, key));
  // Also how a file that breaks again and again ends.
  if (stage.cancel_requested || stage.used - stage.crashes >= stage.max_attempts) {
    return fail_stage(store, key, error, "");
  }
  VIVID_ASSIGN(const auto target, find_completed(store, stage, to));
  if (!target) {
    return fail(ErrorCode::invalid_input,
                "stage '" + to + "' is not a completed one before '" + stage.name + "' of job " + stage.uid);
  }
  VIVID_TRY(record_attempt(store, stage, to_text(error.code), error.message, ""));
  VIVID_TRY(store.database.use(kThis).bind(to_text(error.code), error.message, stage.stage_id).run());
  store.tally.add(Tally::Kind::in_progress, stage.lane, -1);
  VIVID_TRY(store.database.use(kEarlier).bind(target->stage_id, stage.stage_id).run());
  VIVID_TRY(make_ready(store, target->stage_id, target->lane, store.now));
  VIVID_TRY(put_attempt(store, stage, error, store.now));
  return StageOutcome{.stage_state = StageState::pending, .job_state = stage.job_state, .retry_at = std::nullopt};
}

}  // namespace vivid::queue
