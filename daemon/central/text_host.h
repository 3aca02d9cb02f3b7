// Answers requests for text alone that were claimed from the central database.
//
// Threads: the sync::TextHost functions are the text link's thread's alone; set_…() and tallies() may be called from
// any. A large batch is shared out over the text pool.
// Ownership: everything in Parts must outlive the host, and the host the link.
// Errors: a request that is wrong is answered with its failure; one that may be right later is given back.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "daemon/central/request_row.h"
#include "daemon/intake/script_provider.h"
#include "daemon/metrics/metrics.h"
#include "sync/central/link/text_link.h"

namespace vivid::daemon {

struct TextSettings {
  std::string environment;
  std::string node;
  config::Prices prices;
  config::Cost cost;
};

// Since the start.
struct TextTallies {
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  double saved_usd = 0.0;

  TextTallies& operator+=(const TextTallies& other) {
    completed += other.completed;
    failed += other.failed;
    saved_usd += other.saved_usd;
    return *this;
  }
};

// An outcome, and what is told of it once the database has it.
struct TextReply {
  sync::TextOutcome outcome;
  std::string correlation_id;
  std::optional<WallTime> created_at;  // by the database
  std::string failure;                 // empty: completed, or to be tried again
};

class TextHost : public sync::TextHost {
 public:
  struct Parts {
    const Clock& clock;
    const ScriptProvider& scripts;
    Metrics& metrics;
    // Runs it on another thread, soon; an error: it will not be run.
    std::function<Status(std::function<void()>)> in_pool;
  };
  TextHost(Parts parts, TextSettings settings);

  void set_settings(TextSettings settings);
  void set_taking(bool taking) { taking_ = taking; }
  TextTallies tallies() const;

  bool takes_text() override { return taking_; }
  std::vector<sync::TextOutcome> answer(const std::vector<sync::ClaimedRequest>& requests) override;
  void text_ended(const sync::ClaimedRequest& request, const sync::TextOutcome& outcome,
                  sync::Verdict verdict) override;

 private:
  TextSettings settings() const;

  Parts parts_;
  std::map<std::string, TextReply> replies_;  // not yet ended, without their bodies; the link's thread
  std::atomic<bool> taking_{false};
  mutable std::mutex mutex_;  // over all below
  TextSettings settings_;
  TextTallies tallies_;
};

// One answer; pure but for the clock and the provider.
TextReply answer_text(const sync::ClaimedRequest& claimed, const TextSettings& settings, const ScriptProvider& scripts,
                      const Clock& clock);

}  // namespace vivid::daemon
