// Puts a job's files into the store, several at once, and says how far it is.
//
// Threads: used on one, which waits in put_all(); the puts run on threads of their own. Ownership: store and control
// must outlive it. Errors: those of the store; the first one ends the rest, and is the one that is answered.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/pipeline/stage_context.h"
#include "daemon/pipeline/stage_work.h"

namespace vivid::daemon {

struct Upload {
  render::ProducedFile file;  // its name is the object's, below the request's prefix
  std::string local;          // in the job's folder
  std::string object;         // its name in the bucket
  std::string uri;
  render::Step step;
};

class Uploader {
 public:
  Uploader(const StageContext& context, const PublishTarget& target, const std::shared_ptr<WorkControl>& control)
      : context_(context), target_(target), control_(control) {}

  // Together with those before, what all comes to.
  void plan(std::uint64_t bytes) { total_bytes_ += bytes; }
  // In the order of `files`, whichever ended first.
  Status put_all(const std::vector<render::ProducedFile>& files);
  Status put(const render::ProducedFile& file, const std::string& local);

  const std::vector<Upload>& uploads() const { return uploads_; }

 private:
  struct Batch;

  Status run(std::vector<Upload> uploads);
  Status put_one(Upload& upload, std::atomic<std::uint64_t>& done_bytes, const std::function<bool()>& go_on) const;
  void report(const Batch& batch);

  const StageContext& context_;
  const PublishTarget& target_;
  const std::shared_ptr<WorkControl> control_;
  const SteadyTime began_ = system_clock().steady_now();
  std::uint64_t total_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t reported_bytes_ = 0;
  std::vector<Upload> uploads_;
};

}  // namespace vivid::daemon
