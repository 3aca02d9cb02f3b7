// Stands between a client and a PostgreSQL server on Unix sockets, and loses a share of the answers: the request
// reaches the server and is carried out, then both connections are cut before the client hears of it. With autocommit,
// and for COMMIT, that is an answer lost after the commit.
//
// Speaks just enough of the frontend/backend protocol 3.0 (PostgreSQL 15 manual, chapter 55) to tell where an answer
// ends: messages of the client that ask for one (Query, Sync), and ReadyForQuery of the server.
//
// Threads: its own; the counters and set_share() may be used from any. Ownership: the destructor cuts all connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "base/error.h"

namespace vivid::test {

class DroppingProxy {
 public:
  // Between `server_folder`, where the server's socket is, and a socket in `folder`, which must be there already.
  static Result<std::unique_ptr<DroppingProxy>> start(const std::filesystem::path& server_folder,
                                                      const std::filesystem::path& folder, std::uint64_t seed);
  ~DroppingProxy();
  DroppingProxy(const DroppingProxy&) = delete;
  DroppingProxy& operator=(const DroppingProxy&) = delete;

  // Of the answers after a commit, 0 … 1; 0 at first.
  void set_share(double share) { share_.store(share); }
  std::int64_t answers() const { return answers_.load(); }
  std::int64_t dropped() const { return dropped_.load(); }

 private:
  class Pair;
  DroppingProxy(std::filesystem::path server_socket, std::uint64_t seed);
  void run();
  void accept_one();
  bool lose_this_one();

  const std::filesystem::path server_socket_;
  int listener_ = -1;
  int stop_pipe_[2] = {-1, -1};
  std::list<std::unique_ptr<Pair>> pairs_;
  std::mt19937_64 random_;
  std::atomic<double> share_{0.0};
  std::atomic<std::int64_t> answers_{0};
  std::atomic<std::int64_t> dropped_{0};
  std::thread thread_;
};

}  // namespace vivid::test
