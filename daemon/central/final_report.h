// What the central database is told: the queue's messages in the form of sync/central/results/deliveries.h.
//
// Threads: pure functions over values.
// Errors: data_corrupt for what the queue never wrote.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/config.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

struct ReportContext {
  std::string node;  // for people
  std::string bucket;
  config::Prices prices;
  std::map<std::string, int> max_attempts;  // by stage
};

// A stage of the platform's pipeline that no request here comes to: recorded as skipped, so that it is seen whole.
inline constexpr std::string_view kStageRagRetrieval = "rag_retrieval";

// The name of the request's status while a stage runs.
std::string_view request_status_of(std::string_view stage);
// The platform's place of a stage in the order; stages that run side by side share one.
int stage_order_of(std::string_view stage);

// The body of an outbox row as a delivery has it. `job` as it is now.
Result<std::string> delivery_body(const queue::OutboxRow& row, const queue::JobView& job, const ReportContext& context);

}  // namespace vivid::daemon
