#include "sync/central/results/progress.h"

#include <string>
#include <unordered_set>

#include "base/json_text.h"
#include "sync/central/results/sql.h"

namespace vivid::sync {
namespace {

void append_note(std::string& json, const ProgressNote& note) {
  json += json.empty() ? "[{\"id\":" : ",{\"id\":";
  append_json_string(json, note.request_id);
  json += ",\"fence\":" + std::to_string(note.fence) + ",\"stage\":";
  append_json_string(json, note.stage);
  json += ",\"status\":";
  append_json_string(json, note.status);
  json += ",\"attempt\":" + std::to_string(note.attempt);
  json += ",\"started_at_us\":" + std::to_string(note.stage_started.time_since_epoch().count());
  json += ",\"percent\":" + std::to_string(note.percent) + "}";
}

}  // namespace

Status publish_progress(Session& session, const std::vector<ProgressNote>& notes) {
  std::unordered_set<std::string_view> told;
  std::string json;
  for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
    if (told.insert(note->request_id).second) append_note(json, *note);
  }
  if (json.empty()) return {};
  const auto published = session.run(std::string(sql::kProgress), {json + "]"});
  if (!published) return tl::make_unexpected(to_error(published.error(), "cannot publish progress"));
  return {};
}

}  // namespace vivid::sync
