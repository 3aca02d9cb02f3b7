#include "daemon/vividctl/fleet_view.h"

#include <nlohmann/json.hpp>

#include "daemon/vividctl/format.h"
#include "daemon/vividctl/table.h"
#include "daemon/vividctl/text.h"

namespace vivid::ctl {
namespace {

Tone tone_of_node(const std::string& state) {
  if (state == "alive") return Tone::good;
  return state == "draining" ? Tone::warning : Tone::bad;
}

// "render 1/2 cpu 0/8": what is in use of what there is, the scarcest lane first.
std::string lanes_text(const Json& node) {
  const Json& capacity = member(node, "capacity");
  std::string render;
  std::string others;
  if (!capacity.is_object()) return {};
  for (const auto& [lane, slots] : capacity.items()) {
    if (!slots.is_number_integer()) continue;
    std::string& text = lane == "render" ? render : others;
    text += " " + lane + " " + count_text(integer_at(member(node, "load"), lane.c_str())) + "/" +
            count_text(slots.get<std::int64_t>());
  }
  const std::string text = render + others;
  return text.empty() ? text : text.substr(1);
}

std::string leases_text(const Json& leases) {
  const std::int64_t media = integer_at(leases, "media");
  const std::int64_t text = integer_at(leases, "text");
  const std::int64_t lapsed = integer_at(leases, "lapsed");
  std::string said = count_text(media + text);
  if (text > 0) said += " (" + count_text(text) + " text)";
  if (lapsed > 0) said += ", " + count_text(lapsed) + " lapsed";
  return said;
}

std::string nodes_table(const Json& fleet, WallTime now, const Terminal& terminal) {
  Table table({{"NODE"},
               {"STATE"},
               {"VERSION"},
               {"IN USE", false, true},
               {"LEASES"},
               {"QUEUED", true},
               {"OUTBOX", true},
               {"DISK", true},
               {"SEEN", true}});
  for_each(member(fleet, "nodes"), [&](const Json& node) {
    const std::string state = text_at(node, "state");
    const bool gone = state == "gone";
    const Json& load = member(node, "load");
    const std::string name = text_at(node, "node_id");
    const std::string host = text_at(node, "host");
    const auto lapsed = integer_at(member(node, "leases"), "lapsed");
    const auto reported = [&](const char* key) {
      return gone || !number_at(load, key) ? std::string("-") : count_text(integer_at(load, key));
    };
    table.add_row({{host.empty() || host == name ? name : name + " (" + host + ")"},
                   {flag_at(node, "doubled") ? state + ", twice" : state,
                    flag_at(node, "doubled") ? Tone::bad : tone_of_node(state)},
                   {text_at(node, "version")},
                   {gone ? "-" : lanes_text(node)},
                   {leases_text(member(node, "leases")), lapsed > 0 ? Tone::warning : Tone::plain},
                   {reported("jobs_waiting")},
                   {reported("outbox_rows")},
                   {gone ? "-" : size_text(integer_at(load, "disk_free_bytes", -1))},
                   {relative_time(text_at(node, "last_seen"), now), gone ? Tone::bad : Tone::quiet}});
  });
  return table.empty() ? "no host has ever said hello\n" : table.render(terminal);
}

std::string waiting_text(const Json& waiting, const char* what, const char* oldest, WallTime now) {
  const std::int64_t count = integer_at(waiting, what);
  if (count == 0) return std::string("no ") + what;
  return count_text(count) + " " + what + " (the oldest: " + relative_time(text_at(waiting, oldest), now) + ")";
}

std::string gate_text(const Json& gate, WallTime now) {
  if (!gate.is_object()) return "not known: vividd.renewal_gate is empty";
  if (flag_at(gate, "open")) return "open: lapsed leases are taken over";
  if (flag_at(gate, "silent")) {
    return "closed: no host has renewed a lease since " + absolute_time(text_at(gate, "last_renewal_at"), now);
  }
  return "closed, opens " + relative_time(text_at(gate, "opens_at"), now) +
         ": renewals must have been taken for a whole lease first";
}

}  // namespace

std::string render_fleet(const Json& fleet, const Terminal& terminal) {
  const WallTime now = parse_iso8601(text_at(fleet, "now")).value_or(WallTime());
  const Json& leases = member(fleet, "leases");
  const Json& waiting = member(fleet, "waiting");
  const Json& gate = member(fleet, "gate");
  const std::int64_t lapsed = integer_at(leases, "lapsed");
  std::string text = nodes_table(fleet, now, terminal) + "\n";
  const auto fact = [&](const char* label, const std::string& value, Tone tone) {
    text += terminal.paint(padded(label, 10), Tone::quiet) + terminal.paint(value, tone) + "\n";
  };
  fact("waiting",
       waiting_text(waiting, "media", "media_oldest", now) + "; " + waiting_text(waiting, "text", "text_oldest", now),
       Tone::plain);
  fact("leases",
       count_text(integer_at(leases, "live")) + " held" +
           (lapsed > 0 ? ", " + count_text(lapsed) + " lapsed, the first " +
                             relative_time(text_at(leases, "lapsed_since"), now)
                       : std::string(", none lapsed")),
       lapsed > 0 ? Tone::warning : Tone::plain);
  fact("reclaim", gate_text(gate, now), flag_at(gate, "open") ? Tone::plain : Tone::warning);
  return text;
}

}  // namespace vivid::ctl
