#include "sync/central/session/conninfo.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "base/secrets.h"

namespace vivid::sync {
namespace {

// A dead peer is noticed within half a minute, even while nothing is being asked.
const std::map<std::string, std::string>& defaults() {
  static const std::map<std::string, std::string> kDefaults{{"keepalives", "1"},
                                                            {"keepalives_idle", "10"},
                                                            {"keepalives_interval", "5"},
                                                            {"keepalives_count", "3"},
                                                            {"tcp_user_timeout", "20000"}};
  return kDefaults;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

using Given = std::map<std::string, std::string>;

Result<Given> parse(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(PQconninfoParse(url.c_str(), &message),
                                                                            &PQconninfoFree);
  if (!parsed) {
    std::string text = message == nullptr ? "out of memory" : message;
    PQfreemem(message);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return fail(ErrorCode::invalid_input, "the database URL cannot be read: " + without_secrets(text, url));
  }
  Given given;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) given[option->keyword] = option->val;
  }
  return given;
}

// libpq pairs the lists by place; a single port is everybody's.
std::vector<Given> by_host(const Given& given) {
  // This one wants to have seen all hosts before it takes any.
  const auto wish = given.find("target_session_attrs");
  if (wish != given.end() && wish->second == "prefer-standby") return {given};
  std::map<std::string, std::vector<std::string>> lists;
  std::size_t count = 1;
  for (const char* key : {"host", "hostaddr", "port"}) {
    const auto found = given.find(key);
    if (found == given.end()) continue;
    lists[key] = split(found->second);
    count = std::max(count, lists[key].size());
  }
  for (const auto& [key, values] : lists) {
    // Lists that do not go together: libpq says so.
    if (values.size() != count && values.size() != 1) return {given};
    if (values.size() != count && key != "port") return {given};
  }
  std::vector<Given> hosts;
  for (std::size_t i = 0; i < count; ++i) {
    Given host = given;
    for (const auto& [key, values] : lists) host[key] = values[values.size() == 1 ? 0 : i];
    hosts.push_back(std::move(host));
  }
  return hosts;
}

}  // namespace

Result<Conninfo> conninfo_of(const std::string& url, const std::string& application_name,
                             std::chrono::seconds connect_timeout) {
  VIVID_ASSIGN(Given given, parse(url));
  for (const auto& [key, value] : defaults()) given.emplace(key, value);
  given["fallback_application_name"] = application_name;
  given["client_encoding"] = "UTF8";
  Conninfo conninfo;
  const auto own = given.find("connect_timeout");
  // As libpq has it: 0 or less is for ever, one second is too short to be meant.
  const long seconds = own == given.end() ? connect_timeout.count() : std::strtol(own->second.c_str(), nullptr, 10);
  conninfo.connect_timeout = std::chrono::seconds(seconds == 1 ? 2 : std::clamp(seconds, 0L, 86'400L));
  for (const Given& host : by_host(given)) conninfo.hosts.emplace_back(host.begin(), host.end());
  return conninfo;
}

Status check_database_url(const std::string& url) {
  if (const auto given = parse(url); !given) return tl::make_unexpected(given.error());
  return {};
}

}  // namespace vivid::sync
