// graphile-worker, a job queue on PostgreSQL for Node.js, in its fastest documented configuration.
#pragma once

#include "bench_database.h"

namespace vivid::bench {

class Peer {
 public:
  // Installs it below the build folder, by `npm ci`, once.
  Peer();

  // Jobs a second that do nothing: what the queue itself takes.
  double noops_per_second(Database& database, int count) const;
  // Jobs a second, each of which writes the rows that a text answer consists of, in one statement of its own.
  double answers_per_second(Database& database, int count) const;

 private:
  double run(Database& database, const std::string& task, const std::string& add_jobs, const sync::SqlRow& parameters,
             int count) const;

  std::string folder_;
};

}  // namespace vivid::bench
