// The process that is killed: works a queue as fast as it can with many commands at once, and writes a line for each
// that was acknowledged, as soon as it is. FILE is the queue's, FIRST the number of the first job to submit.
//
//   S UID                 submitted
//   L UID STAGE ATTEMPT   leased
//   C UID STAGE STATE     completed, and the job's state
//   F UID STAGE STATE     failed, and the job's state
//   V SEQ                 an outbox row was settled
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "queue/job_queue.h"

namespace {

using namespace vivid;
using namespace vivid::queue;

constexpr int kCallers = 16;

// One write of less than PIPE_BUF bytes: a line is there whole or not at all.
void report(const std::string& line) {
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(3);
}

std::string uid_of(std::int64_t number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

// A closed loop: each answer, on the queue's thread, posts the next command.
class Caller {
 public:
  Caller(JobQueue& queue, std::int64_t first) : queue_(queue), next_(first) {}

  void submit() {
    NewJob job;
    job.uid = uid_of(next_++);
    job.payload = "{}";
    job.fence = next_ % 2;
    job.stages = {{.name = "one", .lane = "cpu", .limits = {}}, {.name = "two", .lane = "cpu", .limits = {}}};
    const std::string uid = job.uid;
    queue_.submit(std::move(job), [this, uid](Result<SubmitResult> result) {
      if (result && result->created) report("S " + uid + "\n");
      claim();
    });
  }

 private:
  void claim() {
    queue_.claim("cpu", {}, 2, [this](Result<std::vector<Lease>> leases) {
      if (!leases || leases->empty()) return submit();
      for (const Lease& lease : *leases) {
        report("L " + lease.uid + " " + lease.stage + " " + std::to_string(lease.key.attempt) + "\n");
      }
      leases_ = std::move(*leases);
      finish();
    });
  }

  void finish() {
    if (leases_.empty()) return finished_ % 3 == 0 ? settle() : submit();
    const Lease lease = std::move(leases_.back());
    leases_.pop_back();
    const bool fails = ++finished_ % 7 == 0;
    const auto done = [this, lease, fails](Result<StageOutcome> outcome) {
      if (outcome) {
        report(std::string(fails ? "F " : "C ") + lease.uid + " " + lease.stage + " " +
               std::string(to_text(outcome->job_state)) + "\n");
      }
      finish();
    };
    fails ? queue_.fail(lease.key, {ErrorCode::unavailable, "now and then"}, "", done)
          : queue_.complete(lease.key, "{}", "", done);
  }

  void settle() {
    std::vector<Settlement> settlements;
    const auto rows = queue_.outbox(20);
    if (!rows) return submit();
    for (const OutboxRow& row : *rows) {
      const Verdict verdict = row.seq % 5 == 0 ? Verdict::quarantined : Verdict::applied;
      settlements.push_back({.seq = row.seq, .verdict = verdict, .error = {}});
    }
    std::string lines;
    for (const Settlement& settlement : settlements) lines += "V " + std::to_string(settlement.seq) + "\n";
    queue_.settle_outbox(std::move(settlements), [this, lines = std::move(lines)](const Status& done) {
      if (done) report(lines);
      submit();
    });
  }

  JobQueue& queue_;
  std::int64_t next_;
  std::vector<Lease> leases_;
  int finished_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Options options;
  options.path = argv[1];
  options.max_crashes = 1'000'000;
  options.retry = {std::chrono::milliseconds(1), std::chrono::milliseconds(5), 2.0};
  auto queue = JobQueue::open(options, system_clock());
  if (!queue) {
    std::fprintf(stderr, "%s\n", queue.error().describe().c_str());
    return 1;
  }
  const auto survivors = (*queue)->survivors();
  if (!survivors) return 1;
  for (const Survivor& survivor : *survivors) {
    (*queue)->recover(survivor.key, [](Result<StageOutcome>) {});
  }
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.push_back(std::make_unique<Caller>(**queue, std::atoll(argv[2]) + i * 10'000'000LL));
    callers.back()->submit();
  }
  for (;;) ::pause();
}
