#include "daemon/vividctl/status_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "daemon/vividctl/format.h"
#include "daemon/vividctl/table.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

// The parts on one line with dots between them, or on several where the terminal ends.
std::string joined(const std::vector<Cell>& parts, const Terminal& terminal) {
  std::string text;
  std::size_t used = 0;
  for (const Cell& part : parts) {
    const std::size_t columns = columns_of(part.text);
    if (used > 0 && terminal.columns > 0 && used + 3 + columns > terminal.columns) {
      text += "\n";
      used = 0;
    } else if (used > 0) {
      text += terminal.paint(terminal.unicode ? " · " : " - ", Tone::quiet);
      used += 3;
    }
    text += terminal.paint(part.text, part.tone);
    used += columns;
  }
  return text + "\n";
}

std::string head(const Json& status, const Terminal& terminal) {
  const std::string state = text_at(status, "state");
  const Tone tone = state == "running" ? Tone::good : Tone::warning;
  const std::string environment = text_at(status, "environment");
  const std::string where =
      printable(text_at(status, "host")) + (environment.empty() ? std::string() : " (" + printable(environment) + ")");
  const std::vector<Cell> facts{{"vividd " + printable(text_at(status, "version")) + " on " + where, Tone::strong},
                                {printable(state), tone},
                                {"up " + seconds_text(number_at(status, "uptime_seconds").value_or(0.0))}};
  std::string text = joined(facts, terminal);
  const Json& admission = member(status, "admission");
  if (!flag_at(admission, "open", true)) {
    text += terminal.paint("no jobs are admitted: " + printable(text_at(admission, "reason")), Tone::bad) + "\n";
  }
  if (const std::string paused = pause_text(status); !paused.empty()) {
    text += terminal.paint(paused, Tone::warning) + "\n";
  }
  return text;
}

std::string jobs_line(const Json& status, const Terminal& terminal) {
  std::vector<Cell> parts;
  for (const char* state : {"queued", "running", "completed", "failed", "quarantined", "cancelled"}) {
    const std::int64_t count = integer_at(member(status, "jobs"), state);
    const std::string text = count_text(count) + " " + state;
    parts.push_back({text, count == 0 ? Tone::quiet : tone_of_state(state)});
  }
  std::string text = joined(parts, terminal);
  const double oldest = number_at(status, "oldest_ready_seconds").value_or(0.0);
  if (oldest >= 1.0) text += "the oldest waiting job has waited " + seconds_text(oldest) + "\n";
  return text;
}

// How it stands with the database that the fleet shares; nothing without one.
std::string central_line(const Json& status, const Terminal& terminal) {
  const Json& central = member(status, "central");
  if (!central.is_object()) return {};
  const bool connected = flag_at(central, "connected", false);
  std::vector<Cell> parts{
      {connected ? "database connected" : "database not connected", connected ? Tone::good : Tone::bad}};
  const std::int64_t held = integer_at(central, "leases_held");
  parts.push_back({count_text(held) + (held == 1 ? " lease held" : " leases held")});
  const std::int64_t undelivered = integer_at(central, "undelivered");
  std::string waiting = count_text(undelivered) + " undelivered";
  const double oldest = number_at(central, "oldest_undelivered_seconds").value_or(0.0);
  if (undelivered > 0 && oldest >= 1.0) waiting += " for " + coarse_seconds(oldest);
  parts.push_back({waiting});
  if (const std::int64_t refused = integer_at(central, "quarantined"); refused > 0) {
    parts.push_back({count_text(refused) + " refused: vividctl outbox list", Tone::bad});
  }
  if (const std::int64_t lost = integer_at(central, "leases_lost"); lost > 0) {
    parts.push_back({count_text(lost) + " leases lost", Tone::warning});
  }
  std::string text = joined(parts, terminal);
  if (const std::string error = text_at(central, "last_error"); !error.empty()) {
    text += terminal.paint(printable(error), Tone::warning) + "\n";
  }
  return text;
}

std::vector<std::string> paused_lanes(const Json& answer) {
  std::vector<std::string> paused;
  for_each(member(answer, "paused_lanes"), [&](const Json& lane) {
    if (lane.is_string()) paused.push_back(lane.get<std::string>());
  });
  return paused;
}

bool names_every_lane(const std::vector<std::string>& paused, const Json& lanes) {
  if (std::find(paused.begin(), paused.end(), "") != paused.end()) return true;
  bool every = lanes.is_array() && !lanes.empty();
  for_each(lanes, [&](const Json& lane) {
    every = every && std::find(paused.begin(), paused.end(), text_at(lane, "lane")) != paused.end();
  });
  return every;
}

std::string lanes_table(const Json& status, const Terminal& terminal) {
  const std::vector<std::string> paused = paused_lanes(status);
  const bool all_paused = names_every_lane(paused, member(status, "lanes"));
  Table table({{"LANE"}, {"RUNNING", true}, {"READY", true}, {"DELAYED", true}, {""}});
  for_each(member(status, "lanes"), [&](const Json& lane) {
    const std::string name = text_at(lane, "lane");
    const bool is_paused = all_paused || std::find(paused.begin(), paused.end(), name) != paused.end();
    const std::int64_t running = integer_at(lane, "running");
    table.add_row({{name},
                   {count_text(running) + " of " + count_text(integer_at(lane, "capacity")),
                    running > 0 ? Tone::running : Tone::plain},
                   {count_text(integer_at(lane, "ready"))},
                   {count_text(integer_at(lane, "delayed"))},
                   {is_paused ? "paused" : "", Tone::warning}});
  });
  return table.empty() ? "" : "\n" + table.render(terminal);
}

std::string workers_table(const Json& status, const Terminal& terminal) {
  Table table({{"WORKER", true},
               {"LANE"},
               {"STATE"},
               {"JOB"},
               {"STAGE", false, true},
               {"DONE", true},
               {"MEMORY", true},
               {"AGE", true}});
  for_each(member(status, "workers"), [&](const Json& worker) {
    const std::string state = text_at(worker, "state");
    table.add_row({{std::to_string(integer_at(worker, "pid"))},
                   {text_at(worker, "lane")},
                   {state, tone_of_state(state)},
                   {short_id(text_at(worker, "job"))},
                   {text_at(worker, "stage")},
                   {count_text(integer_at(worker, "stages_done"))},
                   {size_text(integer_at(worker, "resident_bytes", -1))},
                   {coarse_seconds(number_at(worker, "age_seconds").value_or(0.0))}});
  });
  return table.empty() ? "" : "\n" + table.render(terminal);
}

std::string percent_text(const Json& object, const char* key) {
  const auto ratio = number_at(object, key);
  return ratio ? std::to_string(static_cast<int>(*ratio * 100.0 + 0.5)) + " %" : "";
}

// How a GPU is doing, in a word or two.
Cell gpu_state(const Json& gpu) {
  const std::string problem = text_at(member(gpu, "now"), "problem");
  if (!problem.empty()) return {printable(problem), Tone::bad};
  const std::string breaker = text_at(gpu, "breaker");
  if (breaker == "open") {
    return {"put aside, tried in " + coarse_seconds(number_at(gpu, "rest_seconds").value_or(0.0)), Tone::bad};
  }
  if (breaker == "half_open") return {"on trial", Tone::warning};
  if (flag_at(member(gpu, "now"), "throttled")) return {"throttled", Tone::warning};
  return {"well"};
}

std::string gpus_table(const Json& status, const Terminal& terminal) {
  const Json& gpu = member(status, "gpu");
  Table table({{"GPU"}, {"NAME", false, true}, {"SESSIONS", true}, {"ENCODER", true}, {"HEAT", true}, {"STATE"}});
  for_each(member(gpu, "devices"), [&](const Json& device) {
    const Json& now = member(device, "now");
    const std::int64_t budget = integer_at(device, "sessions");
    const auto heat = number_at(now, "temperature_celsius");
    table.add_row(
        {{printable(text_at(device, "uuid")).substr(0, 12)},
         {printable(text_at(device, "name"))},
         {count_text(integer_at(device, "sessions_in_use")) + (budget > 0 ? " of " + count_text(budget) : "")},
         {percent_text(now, "encoder_utilization")},
         {heat ? std::to_string(static_cast<int>(*heat)) + " °C" : ""},
         gpu_state(device)});
  });
  if (!table.empty()) return "\n" + table.render(terminal);
  const std::string text = text_at(gpu, "text");
  return text.empty() ? "" : "\nno GPU: " + printable(text) + "\n";
}

std::string foot(const Json& status, const Terminal& terminal) {
  std::vector<Cell> parts;
  const auto disk = integer_at(status, "disk_free_bytes", -1);
  if (disk >= 0) parts.push_back({"disk " + size_text(disk) + " free"});
  std::string encoders;
  // Where no device ever opened the software encoder is what was to be expected.
  Tone fallback_tone = Tone::plain;
  for_each(member(status, "encoders"), [&](const Json& encoder) {
    if (!encoder.is_string()) return;
    if (!encoder.get<std::string>().starts_with("lib")) fallback_tone = Tone::warning;
    encoders += (encoders.empty() ? "" : ", ") + printable(encoder.get<std::string>());
  });
  if (!encoders.empty()) parts.push_back({"encoder " + encoders});
  const std::int64_t fallbacks = integer_at(status, "encoder_fallbacks");
  if (fallbacks > 0)
    parts.push_back(
        {count_text(fallbacks) + (fallbacks == 1 ? " encoder fallback" : " encoder fallbacks"), fallback_tone});
  const Json& text = member(status, "text");
  if (integer_at(text, "completed") > 0 || integer_at(text, "failed") > 0) {
    std::array<char, 64> saved{};
    std::snprintf(saved.data(), saved.size(), "$%.2f saved", number_at(text, "saved_usd").value_or(0.0));
    parts.push_back({"text only: " + count_text(integer_at(text, "completed")) + " answered, " + saved.data()});
  }
  const std::int64_t outbox = integer_at(status, "outbox_rows");
  if (outbox > 0) parts.push_back({"outbox " + count_text(outbox)});
  const std::string http = text_at(status, "http");
  if (!http.empty()) parts.push_back({"http://" + printable(http)});
  return parts.empty() ? "" : "\n" + joined(parts, terminal);
}

}  // namespace

std::string pause_text(const Json& answer) {
  const std::vector<std::string> paused = paused_lanes(answer);
  if (paused.empty()) return {};
  if (names_every_lane(paused, member(answer, "lanes"))) return "paused: every lane";
  std::string names;
  for (const std::string& lane : paused) names += (names.empty() ? "" : ", ") + printable(lane);
  return "paused: " + names;
}

std::string render_status(const Json& status, const Terminal& terminal) {
  return head(status, terminal) + jobs_line(status, terminal) + central_line(status, terminal) +
         lanes_table(status, terminal) + workers_table(status, terminal) + gpus_table(status, terminal) +
         foot(status, terminal);
}

}  // namespace vivid::ctl
