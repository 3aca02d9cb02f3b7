#include "daemon/http/http_server.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <map>
#include <utility>

#include "base/files.h"
#include "base/json_text.h"
#include "base/log.h"

namespace vivid::daemon {
namespace {

constexpr int kMaxHeaderBytes = 8 * 1024;

std::string_view status_text(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

HttpReply error_reply(int status, std::string_view message) {
  return {status, "application/json", "{\"error\":" + json_text(message) + "}\n"};
}

void send(mg_connection* connection, const HttpReply& reply, bool with_body) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " " + std::string(status_text(reply.status)) + "\r\n";
  head += "Content-Type: " + reply.content_type + "\r\n";
  head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n";
  if (reply.status == 405) head += "Allow: GET, HEAD\r\n";
  head += "\r\n";
  if (with_body) head += reply.body;
  mg_write(connection, head.data(), head.size());
}

class CivetServer : public HttpServer {
 public:
  CivetServer(HttpOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) { beat(); }

  ~CivetServer() override {
    if (context_ != nullptr) stop();
    mg_exit_library();
  }

  Status listen();
  int port() const override { return port_; }
  void beat() override { beat_at_.store(clock_.steady_now().time_since_epoch().count()); }

 private:
  static int on_request(mg_connection* connection) noexcept;
  HttpReply reply_to(std::string_view method, const std::string& path) const;
  HttpReply health() const;
  HttpReply readiness() const;
  void stop();

  HttpOptions options_;
  const Clock& clock_;
  std::map<std::string, std::function<HttpReply()>> routes_;
  std::atomic<SteadyTime::rep> beat_at_{0};
  mg_context* context_ = nullptr;
  int port_ = 0;
};

// civetweb looks for its stop flag every two seconds, or when somebody connects.
void CivetServer::stop() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  const bool can_knock = ::inet_pton(AF_INET, options_.address.c_str(), &address.sin_addr) == 1;
  const auto stopped = std::async(std::launch::async, [this] { mg_stop(context_); });
  while (stopped.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
    const UniqueFd knock(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (can_knock && knock) ::connect(knock.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
}

Status CivetServer::listen() {
  mg_init_library(0);
  routes_["/metrics"] = [this] {
    return HttpReply{200, "text/plain; version=0.0.4; charset=utf-8", options_.metrics()};
  };
  routes_["/healthz"] = [this] { return health(); };
  routes_["/readyz"] = [this] { return readiness(); };

  const std::string ports = options_.address + ":" + std::to_string(options_.port);
  const std::string threads = std::to_string(options_.threads);
  const std::string timeout = std::to_string(options_.request_timeout.count());
  const std::string header_bytes = std::to_string(kMaxHeaderBytes);
  // Without a document root civetweb serves no files; every request is answered by on_request.
  std::array<const char*, 13> settings{"listening_ports",
                                       ports.c_str(),
                                       "num_threads",
                                       threads.c_str(),
                                       "request_timeout_ms",
                                       timeout.c_str(),
                                       "max_request_size",
                                       header_bytes.c_str(),
                                       "enable_keep_alive",
                                       "no",
                                       "enable_directory_listing",
                                       "no",
                                       nullptr};
  std::array<char, 256> why{};
  unsigned code = 0;
  mg_error_data problem{};
  problem.code = &code;
  problem.text = why.data();
  problem.text_buffer_size = why.size();
  mg_callbacks callbacks{};
  callbacks.begin_request = on_request;
  callbacks.log_message = [](const mg_connection*, const char* message) noexcept {
    log::debug("http", {{"detail", message}});
    return 1;
  };
  // Requests that are no HTTP at all.
  callbacks.http_error = [](mg_connection* connection, int status, const char*) noexcept {
    send(connection, error_reply(status, status_text(status)), true);
    return 0;
  };
  mg_init_data init{};
  init.callbacks = &callbacks;
  init.user_data = this;
  init.configuration_options = settings.data();
  context_ = mg_start2(&init, &problem);
  if (context_ == nullptr) {
    return fail(ErrorCode::unavailable,
                "http: cannot listen on " + ports + ": " + why.data() + "; is the port (http.port) taken?");
  }
  std::array<mg_server_port, 4> bound{};
  if (mg_get_server_ports(context_, static_cast<int>(bound.size()), bound.data()) < 1) {
    return fail(ErrorCode::internal, "http: the port that was bound is not known");
  }
  port_ = bound[0].port;
  return {};
}

int CivetServer::on_request(mg_connection* connection) noexcept {
  const mg_request_info* request = mg_get_request_info(connection);
  const auto* server = static_cast<const CivetServer*>(request->user_data);
  const std::string_view method = request->request_method;
  const std::string path = request->local_uri == nullptr ? "" : request->local_uri;
  const HttpReply reply = server->reply_to(method, path);
  send(connection, reply, method != "HEAD");
  return reply.status;
}

HttpReply CivetServer::reply_to(std::string_view method, const std::string& path) const {
  const auto route = routes_.find(path);
  if (route == routes_.end()) return error_reply(404, "there is no such path");
  if (method != "GET" && method != "HEAD") return error_reply(405, "only GET and HEAD are answered");
  return route->second();
}

HttpReply CivetServer::health() const {
  const SteadyTime beat{SteadyTime::duration(beat_at_.load())};
  const auto silent = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - beat);
  const bool alive = silent < options_.heartbeat_limit;
  const double seconds = static_cast<double>(std::max<std::int64_t>(0, silent.count())) / 1000.0;
  return {alive ? 200 : 503, "application/json",
          std::string("{\"alive\":") + (alive ? "true" : "false") +
              ",\"loop_silent_seconds\":" + std::to_string(seconds) + "}\n"};
}

HttpReply CivetServer::readiness() const {
  const Readiness now = options_.readiness();
  if (now.ready && now.reason.empty()) return {200, "application/json", "{\"ready\":true}\n"};
  if (now.ready) return {200, "application/json", "{\"ready\":true,\"reason\":" + json_text(now.reason) + "}\n"};
  return {503, "application/json", "{\"ready\":false,\"reason\":" + json_text(now.reason) + "}\n"};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpOptions options, const Clock& clock) {
  auto server = std::make_unique<CivetServer>(std::move(options), clock);
  VIVID_TRY(server->listen());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace vivid::daemon
