// The JSON object inside what came in: found in fences and prose, read strictly.
//
// Threads: pure functions. Errors: invalid_input with line and column of what is not JSON; too_large.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/error.h"
#include "render/storyboard/report.h"

namespace vivid::render {

struct Document {
  std::shared_ptr<const nlohmann::json> value;  // an object
  std::string_view text;                        // where it stands in the input
};

// The first object that has `sections` or `scenes`, else the first object. Names that occur twice in one object and
// nesting beyond the limit are problems in `report`.
Result<Document> find_document(std::string_view text, Report& report);

}  // namespace vivid::render
