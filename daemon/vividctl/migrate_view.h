// What `vividctl migrate` prints, for people and as JSON.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "daemon/vividctl/json.h"
#include "daemon/vividctl/terminal.h"
#include "sync/central/migrate/migrator.h"

namespace vivid::ctl {

std::string render_schema_status(const sync::SchemaStatus& status, const Terminal& terminal);
Json schema_status_json(const sync::SchemaStatus& status);

std::string render_plan(const sync::Plan& plan, const Terminal& terminal);
Json plan_json(const sync::Plan& plan);
// The SQL that would run, as a script to read.
std::string plan_sql(const sync::Plan& plan);

std::string render_findings(const std::vector<sync::Finding>& findings, const Terminal& terminal);
Json findings_json(const std::vector<sync::Finding>& findings);

}  // namespace vivid::ctl
