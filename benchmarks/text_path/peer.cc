#include "peer.h"

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "child.h"
#include "seed.h"

namespace vivid::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kMaxLogBytes = 16 << 20;

constexpr const char* kAddJobs = R"sql(
SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
    SELECT ROW($1, json_build_object('id', id), NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec FROM )sql";

}  // namespace

Peer::Peer() : folder_(std::string(VIVID_BINARY_DIR) + "/text_path_peer") {
  const fs::path source = fs::path(VIVID_SOURCE_DIR) / "benchmarks/text_path/graphile";
  std::error_code error;
  fs::create_directories(folder_, error);
  for (const fs::directory_entry& file : fs::directory_iterator(source)) {
    fs::copy_file(file.path(), folder_ / file.path().filename(), fs::copy_options::overwrite_existing, error);
    if (error) give_up("cannot copy " + file.path().string() + ": " + error.message());
  }
  for (const char* program : {"node", "npm"}) {
    if (!run_to_end({{program, "--version"}, {}, {}, folder_ + "/version.log"})) {
      give_up(std::string(program) + " is not installed; the peer needs Node.js 18 or newer (--peer no leaves it out)");
    }
  }
  if (fs::exists(folder_ + "/node_modules/graphile-worker")) return;
  const Status installed = run_to_end({{"npm", "ci", "--no-audit", "--no-fund"}, {}, folder_, folder_ + "/npm.log"});
  if (!installed) give_up(installed.error().message);
}

double Peer::run(Database& database, const std::string& task, const std::string& add_jobs,
                 const sync::SqlRow& parameters, int count) const {
  const auto node = [&](const std::string& what) {
    const std::string log = folder_ + "/" + what + ".log";
    fs::remove(log);
    const Status ran = run_to_end(
        {{"node", "peer.mjs", what, database.uri(), std::to_string(count)}, {"NO_LOG_SUCCESS=1"}, folder_, log});
    if (!ran) give_up(ran.error().message);
    return read_file(log, kMaxLogBytes).value_or("");
  };
  node("migrate");
  database.rows(add_jobs, parameters);
  database.settle();
  database.rows("VACUUM ANALYZE graphile_worker._private_jobs");
  const std::string said = node(task);
  const std::size_t at = said.rfind("seconds ");
  if (at == std::string::npos) give_up("the peer does not say how long it took: " + said);
  return count / std::strtod(said.c_str() + at + 8, nullptr);
}

double Peer::noops_per_second(Database& database, int count) const {
  return run(database, "noop", std::string(kAddJobs) + "generate_series(1, $2::int) AS s (id)))",
             {"noop", std::to_string(count)}, count);
}

double Peer::answers_per_second(Database& database, int count) const {
  static int runs = 0;
  const std::string prefix = "peer" + std::to_string(++runs);
  insert_pending(database, count, prefix);
  const double rate =
      run(database, "answer", std::string(kAddJobs) + "content_requests WHERE correlation_id LIKE $2 || '\\_%'))",
          {"answer", prefix}, count);
  if (database.value("SELECT count(*) FROM content_requests WHERE status = 'completed' AND correlation_id LIKE $1 ||"
                     " '\\_%'",
                     {prefix}) != std::to_string(count)) {
    give_up("the peer left requests unanswered");
  }
  return rate;
}

}  // namespace vivid::bench
