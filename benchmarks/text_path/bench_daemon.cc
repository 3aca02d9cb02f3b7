#include "bench_daemon.h"

#include <stdlib.h>

#include <fstream>
#include <thread>

#include "base/files.h"

namespace vivid::bench {
namespace {

constexpr std::chrono::milliseconds kPoll{200};
constexpr int kPollsToStart = 150;
constexpr int kPollsToAnswer = 3'000;
constexpr std::uint64_t kMaxLogBytes = 64 << 20;

constexpr const char* kWaiting =
    "SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('vividd text',"
    " 'vividd central') AND state = 'idle' AND query NOT LIKE 'SET %'";
constexpr const char* kUnfinished =
    "SELECT EXISTS (SELECT FROM content_requests WHERE preferred_modality = 'text'"
    " AND status NOT IN ('completed', 'failed', 'cancelled'))";

}  // namespace

Daemon::Daemon(Database& database) {
  std::string name = (std::filesystem::temp_directory_path() / "vivid-text-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) give_up("cannot make " + name);
  folder_ = name;
  std::ofstream(folder_ / "vividd.yaml") << "host: {}\n";
  const std::string bin = std::string(VIVID_BINARY_DIR) + "/bin/";
  Command command;
  command.arguments = {bin + "vividd", "--config", folder_ / "vividd.yaml"};
  command.environment = {"VIVIDD_CENTRAL_DATABASE=" + database.url(), "VIVIDD_HOST_NAME=bench",
                         "VIVIDD_PATHS_STATE_DIRECTORY=" + folder_.string(),
                         "VIVIDD_PATHS_WORKER=" + bin + "vivid-render",
                         "VIVIDD_CONTROL_SOCKET=" + (folder_ / "control.sock").string(), "VIVIDD_HTTP_PORT=0",
                         "VIVIDD_ADMISSION_MIN_FREE=16MiB", "VIVIDD_RENDER_HARDWARE=never",
                         // So that a few still lessons keep the lane busy for as long as texts are timed.
                         "VIVIDD_RENDER_HOLD_STILL_FRAMES=false", "VIVIDD_RENDER_SPEECH=none"};
  command.log = folder_ / "log";
  child_.emplace(need(Child::start(command)));
  for (int i = 0; database.number(kWaiting) < 2; ++i) {
    if (i == kPollsToStart) give_up("vividd does not start: " + read_file(folder_ / "log", kMaxLogBytes).value_or(""));
    std::this_thread::sleep_for(kPoll);
  }
}

Daemon::~Daemon() {
  child_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void wait_for_texts(Database& database) {
  for (int i = 0; database.value(kUnfinished) == "t"; ++i) {
    if (i == kPollsToAnswer) give_up("text requests are not answered");
    std::this_thread::sleep_for(kPoll);
  }
}

double texts_per_second(Database& database, double from, const std::string& prefix) {
  const auto row = database
                       .rows(R"sql(
SELECT count(*) FILTER (WHERE r.status = 'completed' AND m.status = 'ready' AND l.state = 'finished'),
       EXTRACT(epoch FROM max(pg_xact_commit_timestamp(r.xmin))), count(*)
  FROM content_requests r
  LEFT JOIN content_metadata m ON m.content_id = 'vivid_' || r.id
  LEFT JOIN vividd.request_lease l ON l.request_id = r.id
 WHERE r.correlation_id LIKE $1 || '\_%')sql",
                             {prefix})
                       .front();
  if (row[0] != row[2]) give_up("only " + row[0].value() + " of " + row[2].value() + " requests have their results");
  return std::stod(row[0].value()) / (std::stod(row[1].value()) - from);
}

}  // namespace vivid::bench
