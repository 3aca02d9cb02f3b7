// What a request has cost: measured use times configured prices, item by item, in exact decimals.
//
// The reference lesson comes to $0.20 by the default prices, its text alone to $0.017; docs/configuration.md.
//
// Threads: pure functions over values. Units: quantities and prices are decimal text, as the database keeps them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/config.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

struct CostItem {
  std::string entry;  // cost, saving
  std::string kind;   // script, speech_characters, gpu_seconds, cpu_seconds, bytes_stored, media_not_made
  std::string stage;
  std::string modality;
  std::string quantity;
  std::string unit;
  std::string unit_price_usd;
};

// Of what a job's stages have used so far; those of which nothing was used are left out. `modality`: whom it is for.
std::vector<CostItem> costs_of_job(const queue::JobView& job, const std::string& modality,
                                   const config::Prices& prices);
// A script that was written or given.
CostItem script_cost(const config::Prices& prices, std::string_view modality);
// A text-only answer, and what a video in its place would have cost more.
std::vector<CostItem> costs_of_text(const config::Prices& prices, const config::Cost& whole);
// The latter, as decimal text: "0.183".
std::string saved_by_text(const config::Cost& whole);

// Of all that was spent, exactly: "0.2".
std::string total_usd(const std::vector<CostItem>& items);
nlohmann::json to_json(const std::vector<CostItem>& items);

}  // namespace vivid::daemon
