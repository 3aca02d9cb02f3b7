// One request on its way: libcurl's easy handle, and what its callbacks gather.
//
// Threads: the client's. Ownership: the destructor frees the handle, which must not be in a multi handle then.
// Errors: unavailable (network), too_large (answer), cancelled, invalid_input (URL), io_error (the file that is sent);
// never a URL or a secret in their message.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "sync/http/http_message.h"
#include "sync/http/send_budget.h"

namespace vivid::sync {

using HttpDone = std::function<void(Result<HttpResponse>)>;

struct TransferSettings {
  std::string ca_file;  // empty: the system's
  std::string user_agent;
  std::string no_proxy;
};

class Transfer {
 public:
  Transfer(HttpRequest request, HttpDone done, SendBudget& budget);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Status prepare(const TransferSettings& settings);
  void* easy() const { return easy_; }

  // Answers whoever asked; `curl_code` is libcurl's verdict.
  void finish(int curl_code);
  void finish(Error error);

  // Waits for the budget: the client wakes it with resume().
  bool paused() const { return paused_; }
  void resume();

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self) noexcept;
  static int on_seek(void* self, std::int64_t offset, int origin) noexcept;

  void set_method_and_body();
  bool take_header(std::string_view line);
  std::size_t read_body(char* buffer, std::size_t capacity);
  Error error_of(int curl_code) const;

  HttpRequest request_;
  HttpDone done_;
  SendBudget& budget_;
  void* easy_ = nullptr;
  void* header_list_ = nullptr;
  std::array<char, 256> curl_message_{};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::uint64_t position_bytes_ = 0;  // in the body
  std::optional<Error> own_error_;    // what a callback stopped the transfer for
  bool paused_ = false;
};

}  // namespace vivid::sync
