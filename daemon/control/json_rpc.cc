#include "daemon/control/json_rpc.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vivid::daemon::rpc {
namespace {

using Json = nlohmann::json;

// Printing recurses, so the depth is known to be small before anything is built.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// One line whatever the handler wrote: a newline in JSON text is only ever white space.
std::string finish_line(std::string line) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  return line;
}

std::string error_text(std::string_view id, int code, std::string_view message, ErrorCode why) {
  const Json error = {{"code", code},
                      {"message", message},
                      {"data", {{"code", to_text(why)}, {"retryable", disposition_of(why) == Disposition::retry}}}};
  return finish_line(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"error":)" + dump(error) + "}");
}

tl::unexpected<Refusal> refuse(std::string_view id, std::string method, int code, std::string_view message) {
  std::string_view outcome = "invalid_request";
  if (code == kParseError) outcome = "parse_error";
  if (code == kInvalidParams) outcome = "invalid_input";
  return tl::make_unexpected(
      Refusal{std::move(method), outcome, error_text(id, code, message, ErrorCode::invalid_input)});
}

// The id as the answer repeats it, or empty if it is none.
std::string id_text(const Json& id) {
  if (!id.is_string() && !id.is_number() && !id.is_null()) return {};
  std::string text = dump(id);
  return text.size() <= kMaxIdBytes ? text : std::string();
}

tl::expected<Request, Refusal> check_request(const Json& message) {
  if (message.is_array()) return refuse("null", "", kInvalidRequest, "batches are not taken: send one object a line");
  if (!message.is_object()) return refuse("null", "", kInvalidRequest, "a request is a JSON object");

  Request request;
  request.notification = !message.contains("id");
  request.id = request.notification ? "null" : id_text(message["id"]);
  if (request.id.empty()) {
    return refuse("null", "", kInvalidRequest,
                  "id must be a string, a number or null, of at most " + std::to_string(kMaxIdBytes) + " bytes");
  }
  const auto version = message.find("jsonrpc");
  if (version == message.end() || *version != "2.0") {
    return refuse(request.id, "", kInvalidRequest, R"(jsonrpc must be "2.0")");
  }
  const auto method = message.find("method");
  if (method == message.end() || !method->is_string() || method->get_ref<const std::string&>().empty() ||
      method->get_ref<const std::string&>().size() > kMaxMethodBytes) {
    return refuse(request.id, "", kInvalidRequest,
                  "method must be a string of 1 to " + std::to_string(kMaxMethodBytes) + " bytes");
  }
  request.method = method->get<std::string>();
  const auto params = message.find("params");
  if (params == message.end()) {
    request.params = "{}";
  } else if (params->is_object()) {
    request.params = dump(*params);
  } else {
    return refuse(request.id, request.method, kInvalidParams, "params must be a JSON object: parameters go by name");
  }
  return request;
}

}  // namespace

tl::expected<Request, Refusal> parse_request(std::string_view line) {
  if (too_deep(line)) {
    return refuse("null", "", kInvalidRequest,
                  "nested more deeply than the allowed " + std::to_string(kMaxDepth) + " levels");
  }
  try {
    return check_request(Json::parse(line));
  } catch (const Json::exception& problem) {
    // "[json.exception.parse_error.101] parse error at …": the bracket says nothing to a person.
    std::string_view what = problem.what();
    if (const std::size_t bracket = what.find("] "); bracket != std::string_view::npos) what.remove_prefix(bracket + 2);
    constexpr std::size_t kMaxQuoted = 300;  // the library quotes the offending token, however long
    return refuse("null", "", kParseError, "not JSON: " + std::string(what.substr(0, kMaxQuoted)));
  }
}

std::string result_line(std::string_view id, std::string_view json) {
  return finish_line(R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":)" + std::string(json) + "}");
}

std::string error_line(std::string_view id, const Error& error) {
  int code = kOurs;
  if (error.code == ErrorCode::invalid_input) code = kInvalidParams;
  if (error.code == ErrorCode::internal) code = kInternal;
  return error_text(id, code, error.message, error.code);
}

std::string method_not_found_line(std::string_view id, std::string_view method) {
  return error_text(id, kMethodNotFound, "there is no method " + std::string(method), ErrorCode::unsupported);
}

std::string notification_line(std::string_view method, std::string_view params_json) {
  return finish_line(R"({"jsonrpc":"2.0","method":)" + dump(Json(method)) + R"(,"params":)" + std::string(params_json) +
                     "}");
}

}  // namespace vivid::daemon::rpc
