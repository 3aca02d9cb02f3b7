#include "daemon/vividctl/request_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/vividctl/facts.h"
#include "daemon/vividctl/format.h"
#include "daemon/vividctl/money.h"
#include "daemon/vividctl/table.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

constexpr int kCostPlaces = 6;

// The server's clock is the one that its times are of.
WallTime now_of(const Json& document) { return parse_iso8601(text_at(document, "now")).value_or(WallTime()); }

std::string ended_at(const Json& request) {
  const std::string completed = text_at(request, "completed_at");
  return completed.empty() ? text_at(request, "failed_at") : completed;
}

std::string percent_text(const Json& request) {
  return std::to_string(std::clamp<std::int64_t>(integer_at(request, "progress_percentage"), 0, 100)) + "%";
}

std::string error_of(const Json& request) {
  const std::string stage = text_at(request, "error_stage");
  return (stage.empty() ? "" : stage + ": ") + text_at(request, "error_message");
}

std::string priority_of(const Json& metadata) {
  const Json& priority = member(metadata, "priority");
  if (priority.is_null()) return "5, as none is named";
  return priority.is_string() ? priority.get<std::string>() : to_line(priority);
}

std::string asked_for(const Json& request) {
  const std::string preferred = text_at(request, "preferred_modality");
  return modalities_text(member(request, "requested_modalities")) + (preferred.empty() ? "" : "; prefers " + preferred);
}

std::string lease_text(const Json& lease, WallTime now) {
  if (!lease.is_object()) return "none: no host has claimed it";
  const std::string state = text_at(lease, "state");
  const std::string holder = text_at(lease, "node_id") + ", fence " + std::to_string(integer_at(lease, "fence"));
  std::string text = state + ", " + holder;
  if (state == "leased") {
    const std::string until = relative_time(text_at(lease, "leased_until"), now);
    text = (flag_at(lease, "lapsed") ? "lapsed " + until + ", of " : "ends " + until + " unless renewed, held by ") +
           holder;
  }
  const std::int64_t crashes = integer_at(lease, "crashes");
  if (crashes > 0) text += ", lapsed " + count_text(crashes) + (crashes == 1 ? " time" : " times");
  const std::string reason = text_at(lease, "reason");
  return text + (reason.empty() ? "" : ": " + reason);
}

std::string render_summary(const Json& shown, const Terminal& terminal) {
  const Json& request = member(shown, "request");
  const Json& metadata = member(request, "request_metadata");
  const WallTime now = now_of(shown);
  const std::string status = text_at(request, "status");
  const std::string_view state = state_of_request(status);
  const std::string stage = text_at(request, "current_stage");
  Facts facts(terminal);
  std::string progress = marked_status(status, terminal);
  if (state == "running") progress += (stage.empty() ? "" : ", " + stage) + ", " + percent_text(request);
  facts.add("status", progress, tone_of_state(state));
  facts.add("error", error_of(request), Tone::bad);
  const std::string organization = text_at(request, "organization_id");
  facts.add("student", text_at(request, "student_id") + (organization.empty() ? "" : ", " + organization));
  facts.add("question", text_at(request, "topic"));
  facts.add("asked for", asked_for(request));
  facts.add("made", modalities_text(member(request, "output_formats")));
  facts.add("priority", priority_of(metadata));
  facts.add("environment", text_at(metadata, "environment"));
  facts.add("correlation", text_at(request, "correlation_id"));
  facts.add("created", absolute_time(text_at(request, "created_at"), now));
  facts.add("started", absolute_time(text_at(request, "started_at"), now));
  const std::string ended = ended_at(request);
  facts.add("ended", absolute_time(ended, now));
  if (!ended.empty()) facts.add("took", elapsed(text_at(request, "created_at"), ended, now));
  const std::int64_t retries = integer_at(request, "retry_count");
  if (retries > 0) facts.add("retries", count_text(retries));
  facts.add("lease", lease_text(member(shown, "lease"), now),
            flag_at(member(shown, "lease"), "lapsed") ? Tone::warning : Tone::plain);
  facts.add("video", text_at(request, "video_url"));
  if (!member(shown, "costs").empty()) facts.add("cost", usd_text(text_at(shown, "usd"), kCostPlaces));
  return terminal.paint("Request " + printable(text_at(request, "id")), Tone::strong) + "\n" + facts.text();
}

std::string render_stages(const Json& stages, WallTime now, const Terminal& terminal) {
  Table table({{"STAGE"}, {"STATUS"}, {"TOOK", true}, {"RETRIES", true}, {"NOTE", false, true}});
  for_each(stages, [&](const Json& stage) {
    const std::string status = text_at(stage, "status");
    const Tone tone = tone_of_state(status);
    const std::string took = elapsed(text_at(stage, "started_at"), text_at(stage, "completed_at"), now);
    const std::int64_t retries = integer_at(stage, "retry_count");
    table.add_row({{std::string(mark_of_state(status, terminal.unicode)) + " " + text_at(stage, "name"), tone},
                   {status, tone},
                   {took == "-" ? "" : took},
                   {retries > 0 ? count_text(retries) : ""},
                   {text_at(stage, "error_message"), Tone::quiet}});
  });
  return table.empty() ? "" : "\n" + table.render(terminal);
}

Tone tone_of_severity(const std::string& severity) {
  if (severity == "warning") return Tone::warning;
  return severity == "error" || severity == "critical" ? Tone::bad : Tone::plain;
}

std::string render_events(const Json& events, WallTime now, const Terminal& terminal) {
  Table table({{"WHEN", true}, {"EVENT"}, {"STAGE"}, {"FROM"}, {"MESSAGE", false, true}});
  for_each(events, [&](const Json& event) {
    const std::string host = text_at(event, "host");
    table.add_row({{relative_time(text_at(event, "at"), now), Tone::quiet},
                   {text_at(event, "type"), tone_of_severity(text_at(event, "severity"))},
                   {text_at(event, "stage")},
                   {host.empty() ? text_at(event, "service") : host},
                   {text_at(event, "message"), Tone::quiet}});
  });
  return table.empty() ? "" : "\n" + table.render(terminal);
}

std::string where_of(const Json& content) {
  for (const char* key : {"video_url", "audio_url"}) {
    if (const std::string url = text_at(content, key); !url.empty()) return url;
  }
  const Json& images = member(content, "image_urls");
  if (images.is_array() && !images.empty() && images.front().is_string()) return images.front().get<std::string>();
  const std::int64_t characters = integer_at(content, "text_characters");
  return characters > 0 ? count_text(characters) + " characters of text" : "";
}

std::string render_content(const Json& contents, const Terminal& terminal) {
  Table table({{"CONTENT"}, {"STATUS"}, {"FORMATS"}, {"TOPIC"}, {"TITLE", false, true}, {"WHERE", false, true}});
  for_each(contents, [&](const Json& content) {
    table.add_row({{text_at(content, "modality_type")},
                   {text_at(content, "status")},
                   {modalities_text(member(content, "supported_formats"))},
                   {text_at(content, "topic_id")},
                   {text_at(content, "title")},
                   {where_of(content), Tone::quiet}});
  });
  return table.empty() ? "" : "\n" + table.render(terminal);
}

std::string render_costs(const Json& costs, const Terminal& terminal) {
  Table table({{"COST OF"}, {"STAGE"}, {"QUANTITY", true}, {"UNIT"}, {"USD", true}});
  for_each(costs, [&](const Json& cost) {
    const bool saving = text_at(cost, "entry") == "saving";
    table.add_row({{(saving ? "saved: " : "") + text_at(cost, "kind"), saving ? Tone::good : Tone::plain},
                   {text_at(cost, "stage")},
                   {text_at(cost, "quantity")},
                   {text_at(cost, "unit")},
                   {usd_text(text_at(cost, "usd"), kCostPlaces)}});
  });
  return table.empty() ? "" : "\n" + table.render(terminal);
}

}  // namespace

std::string_view state_of_request(std::string_view status) {
  if (status == "pending") return "queued";
  return is_final_state(status) ? status : "running";
}

std::string marked_status(std::string_view status, const Terminal& terminal) {
  return std::string(mark_of_state(state_of_request(status), terminal.unicode)) + " " + printable(status);
}

std::string modalities_text(const Json& modalities) {
  // What a row has in place of a list is shown as it stands: it may be what is wrong with the request.
  if (!modalities.is_array() && !modalities.is_null()) return printable(to_line(modalities));
  std::string text;
  for_each(modalities, [&](const Json& modality) {
    if (modality.is_string()) text += (text.empty() ? "" : ", ") + modality.get<std::string>();
  });
  return text;
}

std::string render_request(const Json& shown, const Terminal& terminal) {
  const WallTime now = now_of(shown);
  return render_summary(shown, terminal) + render_stages(member(shown, "stages"), now, terminal) +
         render_content(member(shown, "content"), terminal) + render_costs(member(shown, "costs"), terminal) +
         render_events(member(shown, "events"), now, terminal);
}

std::string render_requests(const Json& list, const Terminal& terminal) {
  const WallTime now = now_of(list);
  Table table({{"REQUEST"},
               {"STATUS"},
               {"ASKED FOR"},
               {"DONE", true},
               {"CREATED", true},
               {"TOOK", true},
               {"STUDENT"},
               {"QUESTION OR ERROR", false, true}});
  std::vector<std::string> ids;
  for_each(member(list, "requests"), [&](const Json& request) { ids.push_back(text_at(request, "id")); });
  const std::size_t id_length = distinct_length(std::move(ids));
  for_each(member(list, "requests"), [&](const Json& request) {
    const std::string status = text_at(request, "status");
    const std::string_view state = state_of_request(status);
    const std::string error = error_of(request);
    const std::string ended = ended_at(request);
    table.add_row({{short_id(text_at(request, "id"), id_length)},
                   {marked_status(status, terminal), tone_of_state(state)},
                   {modalities_text(member(request, "requested_modalities"))},
                   {state == "running" ? percent_text(request) : ""},
                   {relative_time(text_at(request, "created_at"), now)},
                   {ended.empty() ? "" : elapsed(text_at(request, "created_at"), ended, now)},
                   {text_at(request, "student_id")},
                   {error.empty() ? text_at(request, "topic") : error, Tone::quiet}});
  });
  return table.empty() ? "" : table.render(terminal);
}

}  // namespace vivid::ctl
