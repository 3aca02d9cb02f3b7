#include "tests/support/gcs/http_stand_in.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

namespace vivid::test {
namespace {

constexpr std::size_t kReadBytes = 512 * 1024;
constexpr std::size_t kMostHeadBytes = 64 * 1024;
constexpr int kPollMs = 20;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// More bytes into the buffer; false: the client is gone.
bool receive(int fd, std::string& buffer, std::size_t most) {
  const std::size_t before = buffer.size();
  buffer.resize(before + most);
  const ssize_t got = ::recv(fd, buffer.data() + before, most, 0);
  buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return got > 0;
}

std::optional<StandInRequest> parse_head(const std::string& head) {
  StandInRequest request;
  const std::size_t line_end = head.find("\r\n");
  const std::string line = head.substr(0, line_end);
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) return std::nullopt;
  request.method = line.substr(0, first);
  const std::string target = line.substr(first + 1, second - first - 1);
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    request.query[percent_decoded(pair.substr(0, equals))] =
        equals < pair.size() ? percent_decoded(pair.substr(equals + 1)) : "";
    query.erase(0, std::min(end + 1, query.size()));
  }
  for (std::size_t at = line_end + 2; at < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string header = head.substr(at, end - at);
    if (const std::size_t colon = header.find(':'); colon != std::string::npos) {
      const std::size_t value = header.find_first_not_of(' ', colon + 1);
      request.headers[lower(header.substr(0, colon))] = value == std::string::npos ? "" : header.substr(value);
    }
    at = end + 2;
  }
  request.content_length = std::strtoull(request.header("content-length").c_str(), nullptr, 10);
  return request;
}

}  // namespace

std::string percent_decoded(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

// --- One exchange ----------------------------------------------------------------------------------------------------

bool StandInExchange::read_body(const Sink& sink) {
  while (read_bytes_ < request.content_length) {
    if (buffer_.empty() && !receive(fd_, buffer_, kReadBytes)) {
      open_ = false;
      return false;
    }
    const auto take =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), request.content_length - read_bytes_));
    const bool more = sink({buffer_.data(), take});
    read_bytes_ += take;
    buffer_.erase(0, take);
    if (!more) return false;
  }
  return true;
}

std::string StandInExchange::body() {
  std::string text;
  read_body([&text](std::span<const char> bytes) {
    text.append(bytes.data(), bytes.size());
    return true;
  });
  return text;
}

std::string StandInExchange::head(int status, std::size_t length, const Headers& headers) const {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Answer\r\nContent-Length: " + std::to_string(length) +
                     "\r\nContent-Type: application/json; charset=UTF-8\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  // Who did not read the body cannot find the next request behind it.
  if (!body_read()) text += "Connection: close\r\n";
  return text + "\r\n";
}

void StandInExchange::respond(int status, const std::string& content, const Headers& headers) {
  if (!body_read()) open_ = false;
  if (!send(head(status, content.size(), headers) + content)) open_ = false;
}

void StandInExchange::respond_cut(int status, const std::string& content, const Headers& headers) {
  send(head(status, content.size() + 100, headers) + content);
  open_ = false;
}

void StandInExchange::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  open_ = false;
}

void StandInExchange::stall() {
  while (!stopping_) {
    pollfd gone{fd_, POLLRDHUP, 0};
    if (::poll(&gone, 1, kPollMs) > 0) break;
  }
  open_ = false;
}

bool StandInExchange::send(const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

// --- The server ------------------------------------------------------------------------------------------------------

HttpStandIn::HttpStandIn(Handler handler, int port) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpStandIn::~HttpStandIn() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void HttpStandIn::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (stopping_ || fd < 0) {
      if (fd >= 0) ::close(fd);
      return;
    }
    const std::lock_guard lock(mutex_);
    open_.insert(fd);
    most_connections_ = std::max(most_connections_.load(), static_cast<int>(open_.size()));
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void HttpStandIn::serve(int fd) {
  std::string buffer;
  for (bool go_on = true; go_on && !stopping_;) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (buffer.size() > kMostHeadBytes || !receive(fd, buffer, 16 * 1024)) break;
    }
    if (end == std::string::npos) break;
    const auto request = parse_head(buffer.substr(0, end + 2));
    buffer.erase(0, end + 4);
    if (!request) break;
    StandInExchange exchange(fd, buffer, *request, stopping_);
    handler_(exchange);
    go_on = exchange.open() && exchange.body_read();
  }
  {
    const std::lock_guard lock(mutex_);
    open_.erase(fd);
  }
  ::close(fd);
}

}  // namespace vivid::test
