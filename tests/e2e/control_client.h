// Speaks the control protocol to a daemon under test, one request after another.
//
// Threads: one client, one thread. Errors: a failed call fails the test and answers null.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/files.h"

namespace vivid::e2e {

class ControlClient {
 public:
  // Connects, for up to a minute.
  explicit ControlClient(const std::filesystem::path& socket);

  // The whole answer: result or error.
  nlohmann::json call(const std::string& method, const nlohmann::json& params);
  // The result; an error fails the test.
  nlohmann::json result(const std::string& method, const nlohmann::json& params);
  bool connected() const { return static_cast<bool>(fd_); }

 private:
  UniqueFd fd_;
  std::string buffer_;
  int next_id_ = 1;
};

}  // namespace vivid::e2e
