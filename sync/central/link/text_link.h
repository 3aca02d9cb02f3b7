// The text path: batches of text-only requests are claimed, answered and finished in a few statements, on a connection
// and a thread of their own, so that text never waits behind video, outbox or queue.
//
// Threads: its own; wake(), state() and stop() may be called from any. The host's function is called on the link's
// thread.
// Ownership: the host must outlive the link. Errors: none leave it; they are logged, shown in state() and tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "sync/central/link/central_link.h"

namespace vivid::sync {

// What became of one text request: a `final` delivery body, or an error that may pass, for which it is given back.
struct TextOutcome {
  std::string final_body;
  // As the body says; for the counters.
  bool failed = false;
  bool cancelled = false;
  std::optional<Error> later;
  std::chrono::milliseconds retry_after{0};
};

class TextHost {
 public:
  virtual ~TextHost() = default;
  // Whether requests may be taken now: not while it drains.
  virtual bool takes_text() = 0;
  // One outcome for each, in order. May use threads of its own. Nothing can cut it short, and stop() waits for it.
  virtual std::vector<TextOutcome> answer(const std::vector<ClaimedRequest>& requests) = 0;
  // How a request ended, for metrics and logs.
  virtual void text_ended(const ClaimedRequest& request, const TextOutcome& outcome, Verdict verdict) = 0;
};

struct TextLinkOptions {
  LinkOptions link;
  int batch = 500;
};

struct TextLinkState {
  bool connected = false;
  std::string last_error;
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t given_back = 0;
};

class TextLink {
 public:
  TextLink(TextLinkOptions options, TextHost& host, const Clock& clock);
  ~TextLink();
  TextLink(const TextLink&) = delete;
  TextLink& operator=(const TextLink&) = delete;

  void wake();
  void start();
  // Lets the batch in hand end within `grace`, then ends what is being asked of the server.
  void stop(std::chrono::milliseconds grace);
  TextLinkState state() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vivid::sync
