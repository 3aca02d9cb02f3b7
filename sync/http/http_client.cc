#include "sync/http/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <uv.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/check.h"
#include "sync/http/transfer.h"

namespace vivid::sync {
namespace {

constexpr std::uint64_t kBudgetTickMs = 20;
constexpr std::chrono::milliseconds kWatchEvery{100};
// Of the machine itself, and of the cloud's metadata server: no proxy reaches them.
constexpr const char* kNeverProxied = "localhost,127.0.0.1,::1,169.254.169.254,metadata.google.internal";

std::string no_proxy_list() {
  std::string list = kNeverProxied;
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return list + "," + value;
  }
  return list;
}

// A socket of libcurl's that the loop watches; it frees itself once libuv has let go of it.
struct WatchedSocket {
  uv_poll_t handle{};
  curl_socket_t socket = CURL_SOCKET_BAD;
};

void free_watched(uv_handle_t* handle) noexcept { delete static_cast<WatchedSocket*>(handle->data); }

}  // namespace

class HttpClient::Loop {
 public:
  explicit Loop(Options options) : options_(std::move(options)), budget_(options_.upload_bytes_per_second) {
    settings_ = {options_.ca_file, "vividd/" VIVID_VERSION, no_proxy_list()};
  }
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Status start();
  void stop();
  Ticket send(HttpRequest request, Done done);
  void cancel(Ticket ticket);

 private:
  struct Letter {
    Ticket ticket = 0;
    std::unique_ptr<Transfer> transfer;  // null: cancel
  };

  // libcurl calls.
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* watched) noexcept;
  static int on_timer(CURLM* multi, long timeout_ms, void* self) noexcept;
  // libuv calls.
  static void on_ready(uv_poll_t* handle, int status, int events) noexcept;
  static void on_timeout(uv_timer_t* handle) noexcept;
  static void on_budget(uv_timer_t* handle) noexcept;
  static void on_letters(uv_async_t* handle) noexcept;

  void post(Letter letter);
  void run();
  void take(Letter letter);
  void begin(Letter letter);
  void end(Ticket ticket, Error error);
  void collect();
  void watch_budget();
  void resume_paused();
  void shut_down();

  const Options options_;
  TransferSettings settings_;
  SendBudget budget_;
  uv_loop_t loop_{};
  uv_async_t wake_{};
  uv_timer_t timer_{};
  uv_timer_t budget_timer_{};
  CURLM* multi_ = nullptr;
  std::map<Ticket, std::unique_ptr<Transfer>> transfers_;  // on the loop's thread
  bool started_ = false;

  std::mutex mutex_;
  std::vector<Letter> letters_;
  std::size_t under_way_ = 0;
  Ticket last_ticket_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

// --- From other threads ----------------------------------------------------------------------------------------------

Status HttpClient::Loop::start() {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (global != CURLE_OK) return fail(ErrorCode::internal, "libcurl cannot be set up");
  multi_ = curl_multi_init();
  if (multi_ == nullptr) return fail(ErrorCode::resource_exhausted, "no memory for HTTP");
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options_.max_connections_per_host));
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(options_.max_connections));
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Loop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Loop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  VIVID_CHECK(uv_loop_init(&loop_) == 0);
  loop_.data = this;
  VIVID_CHECK(uv_async_init(&loop_, &wake_, &Loop::on_letters) == 0);
  VIVID_CHECK(uv_timer_init(&loop_, &timer_) == 0);
  VIVID_CHECK(uv_timer_init(&loop_, &budget_timer_) == 0);
  started_ = true;
  thread_ = std::thread([this] { run(); });
  return {};
}

HttpClient::Loop::~Loop() {
  if (started_) {
    stop();
    thread_.join();
    for (const Letter& letter : letters_) {
      // Posted while the loop ended.
      if (letter.transfer) letter.transfer->finish({ErrorCode::cancelled, "vividd is stopping"});
    }
    VIVID_CHECK(uv_loop_close(&loop_) == 0);
  }
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

void HttpClient::Loop::stop() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(stopping_, true)) return;
  uv_async_send(&wake_);
}

HttpClient::Ticket HttpClient::Loop::send(HttpRequest request, Done done) {
  std::optional<Error> refused;
  Ticket ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = ++last_ticket_;
    if (stopping_) {
      refused = Error{ErrorCode::cancelled, request.what + ": vividd is stopping"};
    } else if (under_way_ >= options_.max_under_way) {
      refused =
          Error{ErrorCode::resource_exhausted, request.what + ": more than the allowed " +
                                                   std::to_string(options_.max_under_way) + " requests are under way"};
    } else {
      ++under_way_;
    }
  }
  if (refused) {
    done(tl::make_unexpected(std::move(*refused)));
    return ticket;
  }
  auto counted = [this, done = std::move(done)](Result<HttpResponse> response) {
    {
      const std::lock_guard lock(mutex_);
      --under_way_;
    }
    done(std::move(response));
  };
  post({ticket, std::make_unique<Transfer>(std::move(request), std::move(counted), budget_)});
  return ticket;
}

void HttpClient::Loop::cancel(Ticket ticket) { post({ticket, nullptr}); }

void HttpClient::Loop::post(Letter letter) {
  const std::lock_guard lock(mutex_);
  letters_.push_back(std::move(letter));
  if (!stopping_) uv_async_send(&wake_);
}

// --- On the loop's thread --------------------------------------------------------------------------------------------

void HttpClient::Loop::run() {
  pthread_setname_np(pthread_self(), "http");
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void HttpClient::Loop::on_letters(uv_async_t* handle) noexcept {
  auto& self = *static_cast<Loop*>(handle->loop->data);
  std::vector<Letter> letters;
  bool stopping = false;
  {
    const std::lock_guard lock(self.mutex_);
    letters.swap(self.letters_);
    stopping = self.stopping_;
  }
  for (Letter& letter : letters) self.take(std::move(letter));
  if (stopping) self.shut_down();
}

void HttpClient::Loop::take(Letter letter) {
  if (letter.transfer) return begin(std::move(letter));
  end(letter.ticket, {ErrorCode::cancelled, "the request was cancelled"});
}

void HttpClient::Loop::begin(Letter letter) {
  if (const Status ready = letter.transfer->prepare(settings_); !ready) return letter.transfer->finish(ready.error());
  const CURLMcode added = curl_multi_add_handle(multi_, static_cast<CURL*>(letter.transfer->easy()));
  if (added != CURLM_OK) return letter.transfer->finish({ErrorCode::internal, curl_multi_strerror(added)});
  transfers_[letter.ticket] = std::move(letter.transfer);
}

void HttpClient::Loop::end(Ticket ticket, Error error) {
  const auto found = transfers_.find(ticket);
  if (found == transfers_.end()) return;
  const std::unique_ptr<Transfer> transfer = std::move(found->second);
  transfers_.erase(found);
  curl_multi_remove_handle(multi_, static_cast<CURL*>(transfer->easy()));
  transfer->finish(std::move(error));
}

void HttpClient::Loop::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;  // the message goes with the handle
    curl_multi_remove_handle(multi_, easy);
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    for (auto entry = transfers_.begin(); entry != transfers_.end(); ++entry) {
      if (entry->second.get() != transfer) continue;
      const std::unique_ptr<Transfer> kept = std::move(entry->second);
      transfers_.erase(entry);
      kept->finish(code);
      break;
    }
  }
  watch_budget();
}

void HttpClient::Loop::watch_budget() {
  if (!budget_.limited() || uv_is_active(reinterpret_cast<uv_handle_t*>(&budget_timer_)) != 0) return;
  for (const auto& [ticket, transfer] : transfers_) {
    if (!transfer->paused()) continue;
    uv_timer_start(&budget_timer_, &Loop::on_budget, kBudgetTickMs, 0);
    return;
  }
}

void HttpClient::Loop::on_budget(uv_timer_t* handle) noexcept {
  auto& self = *static_cast<Loop*>(handle->loop->data);
  self.resume_paused();
  int running = 0;
  curl_multi_socket_action(self.multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  self.collect();
}

void HttpClient::Loop::resume_paused() {
  for (const auto& [ticket, transfer] : transfers_) {
    if (transfer->paused()) transfer->resume();
  }
}

int HttpClient::Loop::on_socket(CURL*, curl_socket_t socket, int what, void* user, void* watched_pointer) noexcept {
  auto& self = *static_cast<Loop*>(user);
  auto* watched = static_cast<WatchedSocket*>(watched_pointer);
  if (what == CURL_POLL_REMOVE) {
    if (watched == nullptr) return 0;
    curl_multi_assign(self.multi_, socket, nullptr);
    uv_poll_stop(&watched->handle);
    uv_close(reinterpret_cast<uv_handle_t*>(&watched->handle), free_watched);
    return 0;
  }
  if (watched == nullptr) {
    watched = new WatchedSocket;
    watched->socket = socket;
    if (uv_poll_init_socket(&self.loop_, &watched->handle, socket) != 0) {
      delete watched;
      return -1;
    }
    watched->handle.data = watched;
    curl_multi_assign(self.multi_, socket, watched);
  }
  int events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= UV_READABLE;
  if ((what & CURL_POLL_OUT) != 0) events |= UV_WRITABLE;
  return uv_poll_start(&watched->handle, events, &Loop::on_ready) == 0 ? 0 : -1;
}

int HttpClient::Loop::on_timer(CURLM*, long timeout_ms, void* user) noexcept {
  auto& self = *static_cast<Loop*>(user);
  if (timeout_ms < 0) {
    uv_timer_stop(&self.timer_);
  } else {
    uv_timer_start(&self.timer_, &Loop::on_timeout, static_cast<std::uint64_t>(timeout_ms), 0);
  }
  return 0;
}

void HttpClient::Loop::on_ready(uv_poll_t* handle, int status, int events) noexcept {
  auto& self = *static_cast<Loop*>(handle->loop->data);
  int flags = status < 0 ? CURL_CSELECT_ERR : 0;
  if ((events & UV_READABLE) != 0) flags |= CURL_CSELECT_IN;
  if ((events & UV_WRITABLE) != 0) flags |= CURL_CSELECT_OUT;
  int running = 0;
  curl_multi_socket_action(self.multi_, static_cast<WatchedSocket*>(handle->data)->socket, flags, &running);
  self.collect();
}

void HttpClient::Loop::on_timeout(uv_timer_t* handle) noexcept {
  auto& self = *static_cast<Loop*>(handle->loop->data);
  int running = 0;
  curl_multi_socket_action(self.multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  self.collect();
}

void HttpClient::Loop::shut_down() {
  if (uv_is_closing(reinterpret_cast<uv_handle_t*>(&wake_)) != 0) return;
  while (!transfers_.empty()) end(transfers_.begin()->first, {ErrorCode::cancelled, "vividd is stopping"});
  // Idle connections are closed here, and with them what watches them.
  curl_multi_cleanup(multi_);
  multi_ = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&budget_timer_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
}

// --- The client ------------------------------------------------------------------------------------------------------

HttpClient::HttpClient(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::start(Options options) {
  auto loop = std::make_unique<Loop>(std::move(options));
  VIVID_TRY(loop->start());
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(loop)));
}

void HttpClient::stop() { loop_->stop(); }

HttpClient::Ticket HttpClient::send(HttpRequest request, Done done) {
  return loop_->send(std::move(request), std::move(done));
}

void HttpClient::cancel(Ticket ticket) { loop_->cancel(ticket); }

Result<HttpResponse> HttpClient::exchange(HttpRequest request, const Watch& watch) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Result<HttpResponse>> response;
  };
  const auto answer = std::make_shared<Answer>();
  const auto progress = request.progress;
  const Ticket ticket = send(std::move(request), [answer](Result<HttpResponse> response) {
    {
      const std::lock_guard lock(answer->mutex);
      answer->response = std::move(response);
    }
    answer->arrived.notify_one();
  });
  bool cancelled = false;
  std::unique_lock lock(answer->mutex);
  while (!answer->arrived.wait_for(lock, kWatchEvery, [&] { return answer->response.has_value(); })) {
    lock.unlock();
    if (!cancelled && watch && !watch(progress->sent_bytes)) {
      cancelled = true;
      cancel(ticket);
    }
    lock.lock();
  }
  return std::move(*answer->response);
}

}  // namespace vivid::sync
