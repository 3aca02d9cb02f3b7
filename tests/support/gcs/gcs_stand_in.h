// A bucket service in a test that is stricter than the real one: what a correct client never does is refused, and
// written down as a violation. It fails on purpose where a test says so.
//
// Of an object it keeps the bytes up to Options::keep_bytes, and size and CRC32C always.
//
// Threads: every method from any thread. Ownership: the destructor ends the server.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/digest.h"
#include "tests/support/gcs/http_stand_in.h"

namespace vivid::test {

// What a request is, for faults.
enum class Operation { any, start, chunk, query, cancel, whole, describe, download, list, remove };

struct Fault {
  enum class Kind {
    status,         // `status` instead of an answer, after `after_bytes` of the body
    reset,          // the connection is reset after `after_bytes` of the body
    stall,          // nothing more is said after `after_bytes` of the body
    broken_answer,  // done, and the answer is cut
    garbage,        // done, and the answer is no JSON
    lost_answer,    // done, and the connection closes without an answer
    short_commit,   // of a chunk only `after_bytes` are kept
    session_gone,   // the session is forgotten; `status` is 404 or 410
    corrupt,        // a byte of the chunk arrives changed
  };
  Kind kind = Kind::status;
  Operation operation = Operation::any;
  int status = 503;
  std::uint64_t after_bytes = 0;
  std::string retry_after = {};
  int times = 1;
  int skip = 0;  // so many such requests pass first
};

struct StoredObject {
  std::string bytes;  // empty beyond keep_bytes
  std::uint64_t size = 0;
  std::string crc32c;
  std::int64_t generation = 0;
  nlohmann::json metadata;  // all that the upload said
};

class GcsStandIn {
 public:
  struct Options {
    std::string bucket = "lessons";
    std::set<std::string> tokens;  // empty: requests need none
    std::uint64_t keep_bytes = 64ULL << 20;
    int port = 0;
  };
  explicit GcsStandIn(Options options);
  GcsStandIn() : GcsStandIn(Options{}) {}
  ~GcsStandIn();

  std::string url() const { return server_->url(); }
  int port() const { return server_->port(); }
  void add(Fault fault);
  void clear_faults();
  std::size_t faults_left() const;
  void accept_token(const std::string& token);
  void refuse_token(const std::string& token);

  std::optional<StoredObject> object(const std::string& name) const;
  std::vector<std::string> names() const;
  // In the order in which they came to be.
  std::vector<std::string> history() const;
  void put_object(const std::string& name, const std::string& bytes, nlohmann::json metadata);
  std::vector<std::string> violations() const;
  // Of that kind, so far.
  int requests(Operation operation) const;
  // What clients were told and must keep for themselves.
  std::vector<std::string> session_uris() const;
  std::size_t open_sessions() const;
  std::uint64_t body_bytes() const { return body_bytes_; }
  // Bytes of the sessions that are under way.
  std::uint64_t kept_bytes() const;
  int most_connections() const { return server_->most_connections(); }

 private:
  struct Session;

  void handle(StandInExchange& exchange);
  void route(StandInExchange& exchange, Operation operation, const std::optional<Fault>& fault);
  Operation operation_of(const StandInRequest& request) const;
  std::optional<Fault> take_fault(Operation operation);
  bool authorized(StandInExchange& exchange);
  // Answers badly before the request is looked at; true: it did.
  bool fails_first(StandInExchange& exchange, const Fault& fault);

  void start(StandInExchange& exchange, const std::optional<Fault>& fault);
  void session_request(StandInExchange& exchange, Operation operation, const std::optional<Fault>& fault);
  void receive_chunk(StandInExchange& exchange, Session& session, const std::optional<Fault>& fault);
  void whole(StandInExchange& exchange, const std::optional<Fault>& fault);
  void object_request(StandInExchange& exchange, Operation operation, const std::optional<Fault>& fault);
  void list(StandInExchange& exchange, const std::optional<Fault>& fault);

  void finish(StandInExchange& exchange, Session& session, const std::optional<Fault>& fault);
  void answer(StandInExchange& exchange, int status, const std::string& body, const std::optional<Fault>& fault,
              const StandInExchange::Headers& headers = {});
  void refuse(StandInExchange& exchange, int status, const std::string& why);
  void violate(StandInExchange& exchange, const std::string& what);
  void answer_kept(StandInExchange& exchange, const Session& session, const std::optional<Fault>& fault);
  bool precondition_holds(const std::string& name, const std::string& generation) const;
  std::string object_json(const std::string& name, const StoredObject& object) const;

  const Options options_;
  mutable std::mutex mutex_;
  std::set<std::string> tokens_;
  std::deque<Fault> faults_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;
  std::map<std::string, StoredObject> objects_;
  std::vector<std::string> history_;
  std::vector<std::string> violations_;
  std::vector<std::string> session_uris_;
  std::map<Operation, int> requests_;
  std::int64_t last_generation_ = 1'700'000'000'000'000;
  std::atomic<std::uint64_t> body_bytes_{0};
  std::unique_ptr<HttpStandIn> server_;
};

}  // namespace vivid::test
