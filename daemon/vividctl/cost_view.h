// What `vividctl cost` and `vividctl usage` print for people, of the database's answers and of a forecast.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "daemon/vividctl/forecast.h"
#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"

namespace vivid::ctl {

// `by`: what the rows are for, as asked.
std::string render_cost_report(const Json& report, const std::vector<std::string>& by, const Terminal& terminal);
std::string render_usage(const Json& usage, const std::vector<std::string>& by, const Terminal& terminal);

std::string render_forecast(const Forecast& forecast, const std::vector<std::int64_t>& shares,
                            const Terminal& terminal);
Json forecast_json(const Forecast& forecast, const std::vector<std::int64_t>& shares);

}  // namespace vivid::ctl
