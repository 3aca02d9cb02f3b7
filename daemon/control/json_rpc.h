// The text of JSON-RPC 2.0 messages: requests are read and checked, answers and notifications written.
//
// Threads: pure functions. Errors: a Refusal holds the answer that the client gets.
// Bounds: nesting, length of method and id; the length of the whole line is the framer's affair.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/error.h"

namespace vivid::daemon::rpc {

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternal = -32603;
inline constexpr int kOurs = -32000;

inline constexpr int kMaxDepth = 100;
inline constexpr std::size_t kMaxMethodBytes = 64;
inline constexpr std::size_t kMaxIdBytes = 256;

struct Request {
  bool notification = false;  // has no id: nobody waits for an answer
  std::string id;             // JSON: a string, a number or null
  std::string method;
  std::string params;  // a JSON object
};

struct Refusal {
  std::string method;        // as far as it is known
  std::string_view outcome;  // parse_error, invalid_request, invalid_input
  std::string line;          // the answer
};

tl::expected<Request, Refusal> parse_request(std::string_view line);

// Lines end in a newline. `id` and `json` are JSON.
std::string result_line(std::string_view id, std::string_view json);
std::string error_line(std::string_view id, const Error& error);
std::string method_not_found_line(std::string_view id, std::string_view method);
std::string notification_line(std::string_view method, std::string_view params_json);

}  // namespace vivid::daemon::rpc
