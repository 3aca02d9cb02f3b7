#include "daemon/pipeline/uploader.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "daemon/intake/object_prefix.h"

namespace vivid::daemon {
namespace {

constexpr std::chrono::milliseconds kReportEvery{100};

}  // namespace

// What the waiting thread and those that put share.
struct Uploader::Batch {
  explicit Batch(std::vector<Upload> list) : uploads(std::move(list)), done_bytes(uploads.size()) {}

  std::vector<Upload> uploads;
  std::vector<std::atomic<std::uint64_t>> done_bytes;  // of each
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t threads_left = 0;
  std::optional<Error> error;  // the first
  std::atomic<bool> failed{false};
};

Status Uploader::put_all(const std::vector<render::ProducedFile>& files) {
  std::vector<Upload> uploads;
  for (const render::ProducedFile& file : files) uploads.push_back({file, file.name, {}, {}, {}});
  return run(std::move(uploads));
}

Status Uploader::put(const render::ProducedFile& file, const std::string& local) {
  return run({{file, local, {}, {}, {}}});
}

Status Uploader::run(std::vector<Upload> uploads) {
  Batch batch(std::move(uploads));
  const auto work = [this, &batch] {
    for (;;) {
      const std::size_t index = batch.next++;
      if (index >= batch.uploads.size() || batch.failed) break;
      const Status put = put_one(batch.uploads[index], batch.done_bytes[index],
                                 [this, &batch] { return !control_->stop.load() && !batch.failed; });
      if (put) continue;
      const std::lock_guard lock(batch.mutex);
      if (!batch.failed.exchange(true)) batch.error = put.error();
    }
    const std::lock_guard lock(batch.mutex);
    --batch.threads_left;
    batch.changed.notify_one();
  };
  batch.threads_left = std::min<std::size_t>(batch.uploads.size(), static_cast<std::size_t>(target_.parallel));
  std::vector<std::thread> threads;
  for (std::size_t i = batch.threads_left; i > 0; --i) threads.emplace_back(work);
  std::unique_lock lock(batch.mutex);
  while (!batch.changed.wait_for(lock, kReportEvery, [&batch] { return batch.threads_left == 0; })) {
    lock.unlock();
    report(batch);
    lock.lock();
  }
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  if (batch.error) return tl::make_unexpected(std::move(*batch.error));
  report(batch);
  for (Upload& upload : batch.uploads) {
    done_bytes_ += upload.file.size_bytes;
    uploads_.push_back(std::move(upload));
  }
  return {};
}

Status Uploader::put_one(Upload& upload, std::atomic<std::uint64_t>& done_bytes,
                         const std::function<bool()>& go_on) const {
  const SteadyTime start = system_clock().steady_now();
  const render::ProducedFile& file = upload.file;
  sync::PutRequest request;
  request.bucket = target_.bucket;
  request.name = object_prefix(context_.lease.uid, context_.lease.fence) + "/" + file.name;
  request.file = context_.folder / upload.local;
  request.content_type = file.content_type;
  request.cache_control = target_.cache_control;
  request.metadata = {
      {"request", context_.lease.uid}, {"fence", std::to_string(context_.lease.fence)}, {"sha256", file.sha256}};
  request.expected_size_bytes = file.size_bytes;
  request.expected_crc32c = file.crc32c;
  VIVID_ASSIGN(auto facts, target_.store.put(request, [&](std::uint64_t done, std::uint64_t) {
    done_bytes = done;
    return go_on();
  }));
  done_bytes = file.size_bytes;
  upload.object = std::move(facts.name);
  upload.uri = std::move(facts.url);
  const auto took = system_clock().steady_now() - start;
  upload.step = {"upload " + file.name, std::chrono::duration_cast<std::chrono::microseconds>(start - began_),
                 std::chrono::duration_cast<std::chrono::microseconds>(took)};
  return {};
}

// Only what moved is progress: a store that takes nothing must look silent.
void Uploader::report(const Batch& batch) {
  std::uint64_t done = done_bytes_;
  const Upload* slowest = nullptr;
  for (std::size_t i = 0; i < batch.uploads.size(); ++i) {
    done += batch.done_bytes[i];
    if (slowest == nullptr && batch.done_bytes[i] < batch.uploads[i].file.size_bytes) slowest = &batch.uploads[i];
  }
  if (done == reported_bytes_ || batch.uploads.empty()) return;
  reported_bytes_ = done;
  render::Progress progress;
  progress.step = "upload " + (slowest == nullptr ? batch.uploads.back() : *slowest).file.name;
  progress.fraction = total_bytes_ == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total_bytes_);
  control_->progress(progress);
}

}  // namespace vivid::daemon
