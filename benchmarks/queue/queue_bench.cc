// Whole durable cycles (submit, claim, complete with its outbox rows) a second, by waiting callers and by jobs already
// waiting, beside the same rows through the SQLite C API in the same run.
//
//   queue_bench [--seconds S] [--folder DIR] [--waiting N,N…] [--callers N,N…]
//
// A caller waits for its answer before its next command. The callers live on one thread, as in the daemon's event loop:
// answers come to it through a mailbox.
#include <stdlib.h>

#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "queue/job_queue.h"
#include "raw_sqlite.h"

namespace {

using namespace vivid;
using namespace vivid::queue;
using Steady = std::chrono::steady_clock;

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "queue_bench: %s\n", error.describe().c_str());
  std::exit(1);
}

template <typename T>
T need(Result<T> result) {
  if (!result) give_up(result.error());
  return std::move(*result);
}

// What the event loop is to the daemon: answers are handed to the thread that posts.
class Mailbox {
 public:
  void put(std::function<void()> letter) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      wake = letters_.empty();
      letters_.push_back(std::move(letter));
    }
    if (wake) filled_.notify_one();
  }
  void deliver() {
    std::vector<std::function<void()>> letters;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return !letters_.empty(); });
      letters.swap(letters_);
    }
    for (const auto& letter : letters) letter();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<std::function<void()>> letters_;
};

NewJob new_job(const std::string& lane) {
  NewJob job;
  job.uid = Uuid::random().to_text();
  job.fence = 1;
  job.correlation_id = "c";
  job.job_class = "video";
  job.payload = "{}";
  job.stages.push_back({.name = "render", .lane = lane, .limits = {}});
  return job;
}

class Driver {
 public:
  Driver(JobQueue& queue, std::string lane) : queue_(queue), lane_(std::move(lane)) {}

  double cycles_per_second(int callers, double seconds) {
    running_ = callers;
    cycles_ = 0;
    stopping_ = false;
    const Steady::time_point start = Steady::now();
    for (int i = 0; i < callers; ++i) submit();
    double elapsed = 0;
    while (running_ > 0) {
      mailbox_.deliver();
      elapsed = std::chrono::duration<double>(Steady::now() - start).count();
      stopping_ = elapsed >= seconds;
    }
    return static_cast<double>(cycles_) / elapsed;
  }

 private:
  void submit() {
    if (stopping_) {
      --running_;
      return;
    }
    queue_.submit(new_job(lane_), [this](Result<SubmitResult> result) {
      need(std::move(result));
      mailbox_.put([this] { claim(); });
    });
  }
  void claim() {
    queue_.claim(lane_, {}, 1, [this](Result<std::vector<Lease>> result) {
      const LeaseKey key = need(std::move(result)).at(0).key;
      mailbox_.put([this, key] { complete(key); });
    });
  }
  void complete(LeaseKey key) {
    queue_.complete(key, "{}", "", [this](Result<StageOutcome> result) {
      need(std::move(result));
      mailbox_.put([this] {
        ++cycles_;
        submit();
      });
    });
  }

  JobQueue& queue_;
  std::string lane_;
  Mailbox mailbox_;
  int running_ = 0;
  std::int64_t cycles_ = 0;
  bool stopping_ = false;
};

// Adds waiting jobs in the lane that is measured, so that every claim chooses among them.
void preload(JobQueue& queue, int count) {
  constexpr int kInFlight = 4'096;
  std::mutex mutex;
  std::condition_variable changed;
  int in_flight = 0;
  std::unique_lock lock(mutex);
  for (int i = 0; i < count; ++i) {
    changed.wait(lock, [&] { return in_flight < kInFlight; });
    ++in_flight;
    lock.unlock();
    queue.submit(new_job("bench"), [&](Result<SubmitResult> result) {
      need(std::move(result));
      const std::lock_guard inner(mutex);
      --in_flight;
      changed.notify_one();
    });
    lock.lock();
  }
  changed.wait(lock, [&] { return in_flight == 0; });
}

std::vector<int> numbers(const std::string& text) {
  std::vector<int> all;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) all.push_back(std::stoi(part));
  return all;
}

struct Settings {
  double seconds = 3;
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  std::vector<int> waiting{0, 100'000, 1'000'000};
  std::vector<int> callers{1, 8, 32, 128};
};

void measure(const Settings& settings, const std::filesystem::path& path, int waiting) {
  Options options;
  options.path = path;
  {
    auto queue = need(JobQueue::open(options, system_clock()));
    preload(*queue, waiting);
  }
  for (const int callers : settings.callers) {
    double ours = 0;
    {
      auto queue = need(JobQueue::open(options, system_clock()));
      Driver driver(*queue, "bench");
      ours = driver.cycles_per_second(callers, settings.seconds);
    }
    const double raw = bench::raw_cycles_per_second(path.string(), callers, settings.seconds);
    std::printf("%10d %8d %12.0f %12.0f %8.2f\n", waiting, callers, ours, raw, ours / raw);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--seconds") settings.seconds = std::stod(argv[i + 1]);
    if (option == "--folder") settings.folder = argv[i + 1];
    if (option == "--waiting") settings.waiting = numbers(argv[i + 1]);
    if (option == "--callers") settings.callers = numbers(argv[i + 1]);
  }
  std::printf("%10s %8s %12s %12s %8s\n", "waiting", "callers", "queue/s", "raw/s", "ratio");
  for (const int waiting : settings.waiting) {
    std::string name = (settings.folder / "vivid-queue-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      std::fprintf(stderr, "queue_bench: cannot make a folder in %s\n", settings.folder.c_str());
      return 1;
    }
    measure(settings, std::filesystem::path(name) / "queue.db", waiting);
    std::filesystem::remove_all(name);
  }
  return 0;
}
