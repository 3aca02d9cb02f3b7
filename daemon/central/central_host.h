// The daemon as the link to the central database sees it: claimed requests become jobs of the queue, the outbox becomes
// deliveries, lost leases and cancellations stop what runs.
//
// Threads: the sync::CentralHost functions are the link's thread's alone and block on the local disk; set_…(), note…()
// and discard() may be called from any thread. Events are posted to the loop.
// Ownership: everything in Parts must outlive the host, and the host the link.
// Errors: of the queue; what it cannot read now stays undelivered.
// Bounds: a batch of deliveries; one progress note a running job; one removal an outbox row.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/central/final_report.h"
#include "daemon/loop/mailbox.h"
#include "daemon/pipeline/job_plan.h"
#include "daemon/pipeline/progress_board.h"
#include "daemon/pipeline/spool.h"
#include "queue/job_queue.h"
#include "sync/central/link/central_link.h"
#include "sync/storage/object_store.h"

namespace vivid::daemon {

// What the configuration says; replaced as a whole by a reload.
struct CentralSettings {
  std::string environment;
  PlanOptions plan;
  ReportContext report;
  int slots = 1;                          // jobs in hand beyond which nothing is claimed
  std::int64_t max_undelivered = 10'000;  // outbox rows, likewise
};

// All called on the loop.
struct CentralEvents {
  // A request was taken; `refused`: its job is the record of what is wrong with it.
  std::function<void(const std::string& uid, queue::JobState state, bool refused)> taken;
  // Whatever runs of this job is to be stopped; the queue knows already.
  std::function<void(const std::string& uid)> stop;
  // A job ended that nothing ran of.
  std::function<void(const queue::JobSummary& job)> cancelled;
  // Work for a thread that may block; false when there is none for it now.
  std::function<bool(std::function<void()> work)> in_background;
};

class CentralHost : public sync::CentralHost {
 public:
  struct Parts {
    const Clock& clock;
    queue::JobQueue& queue;
    sync::ObjectStore& store;
    const Spool& spool;
    Mailbox::Poster post;
    std::filesystem::path server_file;  // remembers the server
  };
  CentralHost(Parts parts, CentralSettings settings, CentralEvents events);

  void set_settings(CentralSettings settings);
  // False while the daemon drains, recovers or is short of disk.
  void set_taking(bool taking) { taking_ = taking; }
  void set_report(sync::NodeReport report);
  void note_progress(const JobProgress& progress);
  // Called for each job that ended: one that was lost to another host leaves nothing behind.
  void job_ended(const queue::JobSummary& job);

  int free_slots() override;
  Status accept(const sync::ClaimedRequest& request) override;
  Result<std::vector<sync::HeldLease>> held() override;
  void lease_lost(const sync::HeldLease& lease) override;
  void cancel(const std::string& request_id) override;
  Result<std::vector<sync::Delivery>> undelivered() override;
  Status settle(const std::vector<sync::Settled>& settled) override;
  Status deliver_again() override;
  std::vector<sync::ProgressNote> progress() override;
  sync::NodeReport report() override;
  std::string known_server() override;
  Status remember_server(const std::string& identity) override;

 private:
  struct Handed {
    std::string uid;
    std::int64_t fence = 0;
    bool is_final = false;
    bool completed = false;
  };
  // What a claim left behind.
  struct Remains {
    std::string uid;
    std::int64_t fence = 0;
    bool spool = false;                              // the job's working files, too
    std::optional<queue::Settlement> settled_after;  // until the removal is done the row stands
  };

  CentralSettings settings() const;
  void stop_job(const std::string& uid, Error reason);
  Status settle_local(const std::vector<queue::OutboxRow>& rows);
  Result<std::vector<queue::OutboxRow>> rows_to_send();
  // In the background. Rows whose removal is not done are not sent; after a restart they are, and come back as stale as
  // before.
  void discard(Remains remains);
  // On a thread that may block.
  Status remove(const Remains& remains, const std::string& bucket);
  void not_removed(const Remains& remains, const std::string& reason);

  Parts parts_;
  const CentralEvents events_;
  std::atomic<bool> taking_{false};
  std::map<std::int64_t, Handed> handed_;  // by outbox number, of the last batch; the link's thread

  mutable std::mutex mutex_;  // over all below
  CentralSettings settings_;
  sync::NodeReport report_;
  std::map<std::string, sync::ProgressNote> progress_;
  // Outbox rows that wait for a removal; of one that failed, when it is tried again.
  std::map<std::int64_t, std::optional<SteadyTime>> removing_;
};

}  // namespace vivid::daemon
