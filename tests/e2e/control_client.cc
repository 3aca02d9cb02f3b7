#include "tests/e2e/control_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <thread>

namespace vivid::e2e {

using nlohmann::json;

ControlClient::ControlClient(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof(address.sun_path) - 1);
  for (int tries = 0; tries < 1200; ++tries) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      fd_ = std::move(fd);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ADD_FAILURE() << "nobody listens on " << socket;
}

json ControlClient::call(const std::string& method, const json& params) {
  const int id = next_id_++;
  const std::string line = json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}.dump() + "\n";
  if (::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    ADD_FAILURE() << "send " << method;
    return nullptr;
  }
  for (;;) {
    for (std::size_t end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
      const json answer = json::parse(buffer_.substr(0, end), nullptr, false);
      buffer_.erase(0, end + 1);
      if (answer.is_object() && answer.value("id", json(nullptr)) == id) return answer;
    }
    std::array<char, 65536> chunk{};
    const ssize_t count = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
    if (count <= 0) {
      ADD_FAILURE() << "the daemon hung up during " << method;
      return nullptr;
    }
    buffer_.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

json ControlClient::result(const std::string& method, const json& params) {
  const json answer = call(method, params);
  if (!answer.is_object() || !answer.contains("result")) {
    ADD_FAILURE() << method << " " << params.dump() << ": " << answer.dump();
    return nullptr;
  }
  return answer["result"];
}

}  // namespace vivid::e2e
