// The read side: short queries on connections of their own, so that looking never waits for writing.
//
// Threads: any; each call borrows a connection for its length.
// Ownership: keeps a few idle connections. Borrows options and clock.
// Errors: those of Database.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "queue/database.h"
#include "queue/job_queue.h"

namespace vivid::queue {

class Reads {
 public:
  Reads(const Options& options, const Clock& clock, std::int64_t boot_id)
      : options_(options), clock_(clock), boot_id_(boot_id) {}

  Result<std::optional<JobView>> find(const std::string& uid);
  Result<std::optional<JobSummary>> summary(const std::string& uid);
  Result<std::optional<JobState>> state_of(const std::string& uid);
  Result<std::vector<std::string>> uids_beginning_with(const std::string& prefix, int limit);
  Result<std::vector<JobSummary>> list(const ListFilter& filter);
  Result<Counts> counts();
  Result<std::vector<std::string>> paused_lanes();
  Result<std::vector<OutboxRow>> outbox(int limit);
  Result<std::vector<QuarantinedRow>> quarantined_outbox(int limit);
  Result<std::vector<HeldRequest>> held();
  Result<std::vector<std::string>> cancel_requested();
  Result<std::vector<Survivor>> survivors();
  Result<std::optional<WallTime>> next_run_at();
  Result<std::vector<std::pair<std::string, std::string>>> stage_results(const std::string& uid);

  // Closes the idle connections: the file was opened anew.
  void forget_connections();

 private:
  // query(database) inside one read transaction, so that all it sees is of one moment.
  template <typename Query>
  auto read(Query query) -> decltype(query(std::declval<Database&>()));
  Result<std::unique_ptr<Database>> borrow();
  void give_back(std::unique_ptr<Database> database);

  const Options& options_;
  const Clock& clock_;
  const std::int64_t boot_id_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

}  // namespace vivid::queue
