#include "daemon/vividctl/migrate_view.h"

#include <nlohmann/json.hpp>

#include "daemon/vividctl/format.h"
#include "daemon/vividctl/table.h"

namespace vivid::ctl {
namespace {

std::string_view kind_text(sync::StepKind kind) {
  switch (kind) {
    case sync::StepKind::batch:
      return "batches";
    case sync::StepKind::no_transaction:
      return "concurrently";
    default:
      return "transaction";
  }
}

const std::vector<sync::Step>& steps_of(const sync::PlannedRevision& planned) {
  return planned.up ? planned.revision->up : planned.revision->down;
}

Tone tone_of(const std::string& state) {
  if (state == "applied") return Tone::good;
  if (state == "pending") return Tone::plain;
  return state == "unknown" ? Tone::bad : Tone::running;
}

std::string state_text(const sync::RevisionStatus& revision) {
  std::string text = revision.state;
  if (revision.state == "applying" || revision.state == "reverting") {
    text += " (" + std::to_string(revision.steps_done) + " of " + std::to_string(revision.steps) + ")";
  }
  if (revision.adopted) text += ", adopted";
  if (revision.checksum_differs) text += ", text differs";
  return text;
}

Json nothing_if_empty(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace

std::string render_schema_status(const sync::SchemaStatus& status, const Terminal& terminal) {
  std::string text = status.database + "\n";
  Table table({{"REVISION", true}, {"NAME"}, {"STATE"}, {"APPLIED"}, {"TOOK", true}, {"BY"}});
  for (const sync::RevisionStatus& revision : status.revisions) {
    const bool applied = !revision.applied_at.empty();
    table.add_row({{std::to_string(revision.number)},
                   {revision.name},
                   {state_text(revision), tone_of(revision.state)},
                   {applied ? revision.applied_at : "-", Tone::quiet},
                   {applied ? seconds_text(static_cast<double>(revision.duration_ms) / 1000.0) : "-"},
                   {applied ? revision.applied_by : "-", Tone::quiet}});
  }
  text += table.render(terminal);
  if (status.has_ledger) return text;
  const std::string recognised = std::to_string(status.recognition.revision);
  if (!status.recognition.findings.empty()) {
    text += "no ledger, and the objects are those of no revision; beyond revision " + recognised + ":\n";
    text += render_findings(status.recognition.findings, terminal);
  } else if (status.recognition.revision > 0) {
    text +=
        "no ledger; the objects are those of revision " + recognised + ": 'migrate up' and 'migrate adopt' accept it\n";
  } else {
    text += "no ledger and no objects: 'migrate up' makes them\n";
  }
  return text;
}

Json schema_status_json(const sync::SchemaStatus& status) {
  Json revisions = Json::array();
  for (const sync::RevisionStatus& revision : status.revisions) {
    revisions.push_back({{"revision", revision.number},
                         {"name", revision.name},
                         {"state", revision.state},
                         {"adopted", revision.adopted},
                         {"checksum_differs", revision.checksum_differs},
                         {"steps_done", revision.steps_done},
                         {"steps", revision.steps},
                         {"applied_at", nothing_if_empty(revision.applied_at)},
                         {"applied_by", nothing_if_empty(revision.applied_by)},
                         {"duration_ms", revision.duration_ms}});
  }
  Json json{{"database", status.database}, {"ledger", status.has_ledger}, {"current", status.current}};
  json["revisions"] = std::move(revisions);
  if (!status.has_ledger) {
    json["recognised"] = {{"revision", status.recognition.revision},
                          {"findings", findings_json(status.recognition.findings)}};
  }
  return json;
}

std::string render_plan(const sync::Plan& plan, const Terminal& terminal) {
  std::string text;
  if (plan.adopts > 0) text += "adopts the database as it is, at revision " + std::to_string(plan.adopts) + "\n";
  if (plan.revisions.empty()) return text + "no revision is to run\n";
  Table table({{"REVISION"}, {"WAY"}, {"STEP", true}, {"NAME"}, {"HOW"}});
  for (const sync::PlannedRevision& planned : plan.revisions) {
    const std::vector<sync::Step>& steps = steps_of(planned);
    const bool whole = sync::is_one_transaction(steps);
    for (std::size_t i = static_cast<std::size_t>(planned.steps_done); i < steps.size(); ++i) {
      table.add_row({{planned.revision->id()},
                     {planned.up ? "up" : "down"},
                     {std::to_string(i + 1)},
                     {steps[i].name},
                     {whole ? "one transaction" : std::string(kind_text(steps[i].kind)), Tone::quiet}});
    }
  }
  return text + table.render(terminal);
}

Json plan_json(const sync::Plan& plan) {
  Json revisions = Json::array();
  for (const sync::PlannedRevision& planned : plan.revisions) {
    Json steps = Json::array();
    for (const sync::Step& step : steps_of(planned))
      steps.push_back({{"name", step.name}, {"how", kind_text(step.kind)}});
    revisions.push_back({{"revision", planned.revision->number},
                         {"name", planned.revision->name},
                         {"way", planned.up ? "up" : "down"},
                         {"steps_done", planned.steps_done},
                         {"steps", std::move(steps)}});
  }
  return {{"adopts", plan.adopts}, {"revisions", std::move(revisions)}};
}

std::string plan_sql(const sync::Plan& plan) {
  std::string text;
  if (plan.adopts > 0) text += "-- adopts the database as it is, at revision " + std::to_string(plan.adopts) + "\n";
  for (const sync::PlannedRevision& planned : plan.revisions) {
    const std::vector<sync::Step>& steps = steps_of(planned);
    for (std::size_t i = static_cast<std::size_t>(planned.steps_done); i < steps.size(); ++i) {
      text += "-- " + planned.revision->id() + (planned.up ? " up" : " down") + ", step " + std::to_string(i + 1) +
              " of " + std::to_string(steps.size()) + ": " + steps[i].name + " (" +
              std::string(kind_text(steps[i].kind)) + ")\n";
      text += steps[i].sql.substr(0, steps[i].sql.find_last_not_of(" \n") + 1) + "\n\n";
    }
  }
  return text;
}

std::string render_findings(const std::vector<sync::Finding>& findings, const Terminal& terminal) {
  Table table({{"REVISION", true}, {"OBJECT"}, {"PROBLEM"}});
  for (const sync::Finding& finding : findings) {
    table.add_row({{std::to_string(finding.revision)}, {finding.object}, {finding.problem, Tone::bad}});
  }
  return table.render(terminal);
}

Json findings_json(const std::vector<sync::Finding>& findings) {
  Json json = Json::array();
  for (const sync::Finding& finding : findings) {
    json.push_back({{"revision", finding.revision}, {"object", finding.object}, {"problem", finding.problem}});
  }
  return json;
}

}  // namespace vivid::ctl
