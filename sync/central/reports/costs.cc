#include "sync/central/reports/costs.h"

#include "sync/central/reports/document.h"
#include "sync/central/reports/sql.h"

namespace vivid::sync {

Result<std::string> cost_report(Session& session, const CostQuestion& question) {
  return sure_document(session, sql::kCostReport, {question.from, question.to, array_of(question.by)},
                       "cannot read the costs");
}

Result<std::string> cost_history(Session& session, int days) {
  return sure_document(session, sql::kCostHistory, {std::to_string(days) + " days"}, "cannot read the costs");
}

}  // namespace vivid::sync
