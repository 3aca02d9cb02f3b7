#include "sync/central/reports/usage.h"

#include "sync/central/reports/document.h"
#include "sync/central/reports/sql.h"

namespace vivid::sync {

Result<std::string> read_usage(Session& session, const UsageQuestion& question) {
  const auto given = [](const std::string& text) { return text.empty() ? SqlText() : SqlText(text); };
  const SqlText month = question.month.empty() ? SqlText() : SqlText(question.month + "-01");
  return sure_document(session, sql::kUsage,
                       {month, given(question.student_id), given(question.organization_id),
                        std::to_string(question.limit), array_of(question.by)},
                       "cannot read the usage");
}

}  // namespace vivid::sync
