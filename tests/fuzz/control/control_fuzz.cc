// Bytes of a client, in pieces whose sizes the first byte sets: every line is a request or gets an answer that is JSON,
// and the pieces do not matter.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "daemon/control/json_rpc.h"
#include "daemon/control/line_framer.h"

namespace {

using nlohmann::json;

void check_line(std::string_view line) {
  const auto request = vivid::daemon::rpc::parse_request(line);
  if (request) {
    VIVID_CHECK(json::parse(request->params).is_object());
    VIVID_CHECK(!json::parse(request->id).is_structured());
    const std::string answer = vivid::daemon::rpc::result_line(request->id, request->params);
    VIVID_CHECK(answer.find('\n') == answer.size() - 1);
    VIVID_CHECK(json::parse(answer)["result"] == json::parse(request->params));
  } else {
    VIVID_CHECK(request.error().line.find('\n') == request.error().line.size() - 1);
    VIVID_CHECK(json::parse(request.error().line).contains("error"));
  }
}

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece) {
  vivid::daemon::LineFramer framer(4096);
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    framer.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (framer.has_line()) lines.emplace_back(framer.take());
    if (framer.too_long()) return lines;
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<std::string> lines = lines_of(bytes, data[0] + std::size_t{1});
  VIVID_CHECK(lines == lines_of(bytes, bytes.size() + 1));
  for (const std::string& line : lines) check_line(line);
  return 0;
}
