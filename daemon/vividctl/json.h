// JSON as it comes from the daemon: parsed within bounds, and read leniently, since an answer of another version may
// lack a field or give it another type. Key order is kept, so that --json prints what the daemon said.
//
// Threads: pure functions. Errors: parse_json gives nothing for text that is not JSON, or nested too deep; the readers
// give their fallback for a field that is absent or of another type.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace vivid::ctl {

using Json = nlohmann::ordered_json;

// Nothing deeper than 128 levels: writing and walking a value recurse.
std::optional<Json> parse_json(std::string_view text);
// One line; bytes that are not UTF-8 become U+FFFD.
std::string to_line(const Json& value);

std::string text_at(const Json& object, const char* key);
std::optional<double> number_at(const Json& object, const char* key);
std::int64_t integer_at(const Json& object, const char* key, std::int64_t fallback = 0);
bool flag_at(const Json& object, const char* key, bool fallback = false);
// The member, or a shared null.
const Json& member(const Json& object, const char* key);
// Each element if it is an array, else none.
void for_each(const Json& array, const std::function<void(const Json&)>& visit);

}  // namespace vivid::ctl
