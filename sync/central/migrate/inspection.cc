#include "sync/central/migrate/inspection.h"

namespace vivid::sync {
namespace {

constexpr const char* kMissing = "is missing";

void add(Inspection& inspection, int revision, const std::string& object, const std::string& problem) {
  ++inspection.objects;
  if (problem.empty()) return;
  if (problem == kMissing) ++inspection.missing;
  inspection.findings.push_back({revision, object, problem});
}

}  // namespace

SqlResult<Inspection> inspect(Session& session, const Revision& revision) {
  Inspection inspection;
  for (const Step& step : revision.verify) {
    if (!step.needs.empty()) {
      VIVID_ASSIGN(const auto there, session.run("SELECT 1 WHERE to_regclass($1) IS NOT NULL", SqlRow{step.needs}));
      if (there.empty()) {
        add(inspection, revision.number, step.name + " of " + step.needs, kMissing);
        continue;
      }
    }
    VIVID_ASSIGN(const auto rows, session.run(step.sql));
    for (const SqlRow& row : rows) add(inspection, revision.number, row[0].value_or("?"), row[1].value_or(""));
  }
  return inspection;
}

SqlResult<Recognition> recognise(Session& session, const std::vector<Revision>& revisions) {
  Recognition recognition;
  bool ended = false;  // a revision that is not there ends the row of those that are
  for (const Revision& revision : revisions) {
    VIVID_ASSIGN(Inspection inspection, inspect(session, revision));
    if (inspection.clean() && !ended) {
      recognition.revision = revision.number;
    } else if (inspection.absent()) {
      ended = true;
    } else {
      recognition.findings = std::move(inspection.findings);
      if (recognition.findings.empty()) {
        recognition.findings.push_back({revision.number, revision.id(), "is there, but not the revision before it"});
      }
      return recognition;
    }
  }
  return recognition;
}

}  // namespace vivid::sync
