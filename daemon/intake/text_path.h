// The light path: a request for text alone is answered from a thread of its own, without queue row, worker or GPU, and
// never waits behind a video.
//
// Threads: the loop's; the work runs on the given pool, which nothing else uses.
// Errors: of the answer: already_exists when a request with this id goes another way, else those of the object store.
// Bounds: requests waiting by the pool, answers remembered by kRemembered; older ones are found in the store.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "daemon/intake/request.h"
#include "daemon/intake/script_provider.h"
#include "daemon/loop/task_pool.h"
#include "sync/storage/object_store.h"

namespace vivid::daemon {

struct TextAnswer {
  std::string uid;
  std::string correlation_id;
  WallTime created_at{};
  WallTime finished_at{};
  std::string manifest;  // JSON, as in the store
  bool created = true;   // false: this request had been answered before
};

class TextPath {
 public:
  struct Options {
    std::filesystem::path store_directory;  // where `bucket` lies, for reading answers back
    std::string bucket;
    std::filesystem::path scratch;  // files on their way to the store
  };
  struct Parts {
    const Clock& clock;
    TaskPool& pool;
    sync::ObjectStore& store;
    const ScriptProvider& scripts;
    // Whether the queue has a job of this id; called on the pool.
    std::function<Result<bool>(const std::string& uid)> is_queued;
  };
  using Done = std::function<void(Result<TextAnswer>)>;
  static constexpr std::size_t kRemembered = 10'000;

  TextPath(Parts parts, Options options);

  // The same id twice, also at once, is one answer.
  void answer(const Request& request, Done done);
  // One given since the start.
  const TextAnswer* find(const std::string& uid) const;
  // The newest first.
  std::vector<const TextAnswer*> recent(std::size_t limit) const;
  // Ids given since the start that begin with `prefix`, at most two.
  std::vector<std::string> find_prefix(const std::string& prefix) const;

  int waiting() const { return static_cast<int>(in_flight_.size()); }

 private:
  void finish(const std::string& uid, Result<TextAnswer> answer);

  Parts parts_;
  Options options_;
  std::map<std::string, std::vector<Done>> in_flight_;
  std::map<std::string, TextAnswer> answers_;
  std::deque<std::string> order_;  // of answers_, oldest first
};

// Reads an answer back from the store; none: there is none.
Result<std::optional<TextAnswer>> load_text_answer(const TextPath::Options& options, const std::string& uid);

}  // namespace vivid::daemon
