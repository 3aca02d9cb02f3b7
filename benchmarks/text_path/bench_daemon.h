// The real vividd of this build, as a member of the fleet, in a folder of its own.
//
// Threads: one. Ownership: the destructor kills it and removes the folder. Errors: none leave it; see bench_database.h.
#pragma once

#include <filesystem>
#include <string>

#include "bench_database.h"
#include "child.h"

namespace vivid::bench {

class Daemon {
 public:
  // Returns once it waits for requests.
  explicit Daemon(Database& database);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

 private:
  std::filesystem::path folder_;
  std::optional<Child> child_;
};

// Until every request for text is over.
void wait_for_texts(Database& database);

// Requests a second from `from` (seconds of the epoch) to the commit of the last answer; requests by their prefix.
double texts_per_second(Database& database, double from, const std::string& prefix);

}  // namespace vivid::bench
