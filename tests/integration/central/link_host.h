// A daemon in memory for the links' tests: it takes requests, and finishes each at once if told to.
//
// Threads: all functions are safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sync/central/link/central_link.h"

namespace vivid::test {

class MemoryHost : public sync::CentralHost {
 public:
  // Set before the link starts.
  int slots = 10;
  bool finishes_at_once = false;
  bool refuses = false;
  std::string known = "";
  int batch = 50;
  std::function<void()> on_change;  // something to deliver, or a slot is free

  int free_slots() override;
  Status accept(const sync::ClaimedRequest& request) override;
  Result<std::vector<sync::HeldLease>> held() override;
  void lease_lost(const sync::HeldLease& lease) override;
  void cancel(const std::string& request_id) override;
  Result<std::vector<sync::Delivery>> undelivered() override;
  Status settle(const std::vector<sync::Settled>& settled) override;
  Status deliver_again() override;
  std::vector<sync::ProgressNote> progress() override;
  sync::NodeReport report() override { return {R"({"render": 2})", R"({"render": 0})", false}; }
  std::string known_server() override;
  Status remember_server(const std::string& identity) override;

  // As if it had claimed it earlier.
  void hold(const std::string& id, std::int64_t fence);
  void finish(const std::string& id);

  // How often each request was taken.
  std::map<std::string, int> accepted();
  std::size_t accepted_count() { return accepted().size(); }
  std::map<sync::Verdict, int> verdicts();
  std::set<std::string> cancelled();
  std::vector<std::string> lost();
  int told_to_deliver_again();

  // Waits until the condition holds, looking again after every call of the link; false when the time is up.
  template <typename Condition>
  bool wait_until(Condition&& condition, std::chrono::seconds limit = std::chrono::seconds(90)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      std::unique_lock<std::mutex> lock(mutex_);
      if (std::chrono::steady_clock::now() >= deadline) return false;
      changed_.wait_for(lock, std::chrono::milliseconds(20));
    }
    return true;
  }

 private:
  void finish_locked(const std::string& id, std::int64_t fence);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::int64_t> held_;
  std::map<std::string, int> accepted_;
  std::map<std::int64_t, sync::Delivery> outbox_;
  std::map<std::int64_t, sync::Delivery> settled_;
  std::map<sync::Verdict, int> verdicts_;
  std::set<std::string> cancelled_;
  std::vector<std::string> lost_;
  std::int64_t next_seq_ = 1;
  int deliver_again_ = 0;
};

// With pauses short enough for a test.
sync::LinkOptions quick_options(const std::string& url, const sync::NodeIdentity& node);
// A `final` body for a request that has its video.
std::string completed_body();

}  // namespace vivid::test
