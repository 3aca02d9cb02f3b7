#include "daemon/joblog/job_log.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "base/files.h"
#include "base/uuid.h"
#include "daemon/joblog/job_log_files.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::seconds kReadPatience{2};  // for a writer that hangs on its disk
constexpr std::chrono::minutes kWarnAtMostEvery{1};
constexpr std::size_t kItemOverheadBytes = 128;

struct Item {
  enum class Kind { line, prune_older } kind = Kind::line;
  std::string uid;
  std::string line;  // ends in a newline
  WallTime before;
};

// What the loggers and the writer share; outlives the JobLog in taps.
struct Shared {
  std::mutex mutex;
  std::condition_variable arrived;
  std::condition_variable written;
  std::vector<Item> queue;
  std::size_t queued_bytes = 0;
  std::uint64_t queued_count = 0;   // ever
  std::uint64_t written_count = 0;  // ever
  std::int64_t dropped = 0;
  bool stopping = false;
};

void enqueue(Shared& shared, Item item, const JobLogOptions& options) {
  const std::size_t bytes = item.line.size() + kItemOverheadBytes;
  {
    const std::lock_guard lock(shared.mutex);
    if (shared.stopping) return;
    if (shared.queued_bytes + bytes > options.max_queued_bytes) {
      ++shared.dropped;
      return;
    }
    shared.queued_bytes += bytes;
    ++shared.queued_count;
    shared.queue.push_back(std::move(item));
  }
  shared.arrived.notify_one();
}

void enqueue_line(Shared& shared, std::string_view job, std::string_view json_line, const JobLogOptions& options) {
  const auto uid = Uuid::parse(job);
  if (!uid) return;
  Item item{Item::Kind::line, uid->to_text(), {}, {}};
  if (json_line.size() <= options.max_line_bytes) {
    item.line.reserve(json_line.size() + 1);
    item.line = json_line;
  } else {
    item.line = "{\"level\":\"warning\",\"message\":\"a log line was left out: it is too long\",\"bytes\":" +
                std::to_string(json_line.size()) + "}";
  }
  item.line += '\n';
  enqueue(shared, std::move(item), options);
}

class FileJobLog : public JobLog {
 public:
  explicit FileJobLog(JobLogOptions options)
      : options_(std::move(options)),
        shared_(std::make_shared<Shared>()),
        files_(options_.directory, options_.max_file_bytes),
        writer_([this] { run(); }) {}

  ~FileJobLog() override {
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->stopping = true;
    }
    shared_->arrived.notify_one();
    writer_.join();
  }

  log::Tap tap() override {
    return [weak = std::weak_ptr(shared_), options = options_](log::Level, std::string_view, const log::Fields& fields,
                                                               std::string_view json_line) {
      const auto field = std::find_if(fields.begin(), fields.end(), [](const auto& one) { return one.first == "job"; });
      if (field == fields.end()) return;
      const auto* job = std::get_if<std::string>(&field->second.get());
      const auto shared = weak.lock();
      if (job != nullptr && shared) enqueue_line(*shared, *job, json_line, options);
    };
  }

  void append(std::string_view job, std::string_view json_line) override {
    enqueue_line(*shared_, job, json_line, options_);
  }

  Result<std::vector<std::string>> read_last(std::string_view job, std::size_t limit) override {
    const auto uid = Uuid::parse(job);
    if (!uid) return fail(ErrorCode::invalid_input, "job: '" + std::string(job) + "' is not a UUID");
    {
      std::unique_lock lock(shared_->mutex);
      const std::uint64_t until = shared_->queued_count;
      shared_->written.wait_for(lock, kReadPatience, [&] { return shared_->written_count >= until; });
    }
    return files_.read_last(uid->to_text(), limit);
  }

  void prune_older(WallTime before) override { enqueue(*shared_, {Item::Kind::prune_older, {}, {}, before}, options_); }

  std::int64_t dropped() const override {
    const std::lock_guard lock(shared_->mutex);
    return shared_->dropped;
  }

 private:
  void run() {
    std::unique_lock lock(shared_->mutex);
    while (!shared_->stopping || !shared_->queue.empty()) {
      shared_->arrived.wait(lock, [&] { return shared_->stopping || !shared_->queue.empty(); });
      const std::vector<Item> batch = std::exchange(shared_->queue, {});
      shared_->queued_bytes = 0;
      lock.unlock();
      const std::int64_t lost = write(batch);
      lock.lock();
      shared_->dropped += lost;
      shared_->written_count += batch.size();
      shared_->written.notify_all();
    }
  }

  // Gathers each job's lines into one write; commands stay in place between them. How many lines were lost.
  std::int64_t write(const std::vector<Item>& batch) {
    std::map<std::string, std::pair<std::string, std::int64_t>> gathered;
    std::int64_t lost = 0;
    const auto write_gathered = [&] {
      for (const auto& [uid, lines] : gathered) {
        const Status status = files_.append(uid, lines.first);
        if (status) continue;
        lost += lines.second;
        warn(status.error());
      }
      gathered.clear();
    };
    for (const Item& item : batch) {
      if (item.kind == Item::Kind::line) {
        auto& [text, count] = gathered[item.uid];
        text += item.line;
        ++count;
        continue;
      }
      write_gathered();
      files_.remove_older(item.before);
    }
    write_gathered();
    return lost;
  }

  // Without a field "job", so that the line does not come back here.
  void warn(const Error& error) {
    const SteadyTime now = system_clock().steady_now();
    if (warned_at_ != SteadyTime() && now - warned_at_ < kWarnAtMostEvery) return;
    warned_at_ = now;
    log::warning("lines of job logs are lost", {{"error", error.describe()}});
  }

  const JobLogOptions options_;
  const std::shared_ptr<Shared> shared_;
  JobLogFiles files_;
  SteadyTime warned_at_{};
  std::thread writer_;  // last: it uses all above
};

}  // namespace

Result<std::unique_ptr<JobLog>> JobLog::open(JobLogOptions options) {
  VIVID_TRY(make_directories(options.directory));
  return std::unique_ptr<JobLog>(std::make_unique<FileJobLog>(std::move(options)));
}

}  // namespace vivid::daemon
