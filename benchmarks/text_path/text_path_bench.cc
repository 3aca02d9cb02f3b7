// Text requests a second, from their insertion to the commit of their last answer, by the real vividd on a PostgreSQL
// of its own; beside graphile-worker and beside the bare fenced finish, in the same run and the same cluster. Then how
// long one request takes, with the render lane empty and full.
//
//   text_path_bench [--rows N,N…] [--requests N] [--rounds N] [--peer yes|no] [--latency SECONDS] [--rate N]
//
// --rows: finished requests that are there already, ascending (default 0,100000); 10000000 takes 30 GB of disk below
// /tmp and some twenty minutes to make.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <sstream>

#include "bare_finish.h"
#include "bench_daemon.h"
#include "latency.h"
#include "peer.h"
#include "seed.h"

namespace {

using namespace vivid::bench;

struct Settings {
  std::vector<std::int64_t> rows{0, 100'000};
  int requests = 20'000;
  int rounds = 3;
  bool peer = true;
  double latency_seconds = 20;
  int rate = 200;
};

std::vector<std::int64_t> numbers(const std::string& text) {
  std::vector<std::int64_t> all;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) all.push_back(std::stoll(part));
  return all;
}

Settings settings_from(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    const std::string value = argv[i + 1];
    if (option == "--rows") settings.rows = numbers(value);
    if (option == "--requests") settings.requests = std::stoi(value);
    if (option == "--rounds") settings.rounds = std::stoi(value);
    if (option == "--peer") settings.peer = value == "yes";
    if (option == "--latency") settings.latency_seconds = std::stod(value);
    if (option == "--rate") settings.rate = std::stoi(value);
  }
  return settings;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0.0 : values[values.size() / 2];
}

std::string new_prefix() {
  static int count = 0;
  return "run" + std::to_string(++count);
}

double ours(Database& database, int requests) {
  const std::string prefix = new_prefix();
  const Daemon daemon(database);
  database.settle();
  const double from = insert_pending(database, requests, prefix);
  wait_for_texts(database);
  return texts_per_second(database, from, prefix);
}

void measure_throughput(const Settings& settings, Database& database, const std::optional<Peer>& peer,
                        std::int64_t rows) {
  std::vector<double> text;
  std::vector<double> answers;
  std::vector<double> noops;
  std::vector<double> bare;
  for (int round = 0; round < settings.rounds; ++round) {
    text.push_back(ours(database, settings.requests));
    if (peer) answers.push_back(peer->answers_per_second(database, settings.requests));
    if (peer) noops.push_back(peer->noops_per_second(database, settings.requests));
    bare.push_back(bare_finishes_per_second(database, settings.requests));
    std::fprintf(stderr, "round %d: vividd %.0f, graphile %.0f, no-op %.0f, bare %.0f\n", round + 1, text.back(),
                 peer ? answers.back() : 0.0, peer ? noops.back() : 0.0, bare.back());
  }
  const double rate = median(text);
  const double peer_rate = median(answers);
  std::printf("%12lld %10.0f %14.0f %14.0f %12.0f %8.2f %8.3f\n", static_cast<long long>(rows), rate, peer_rate,
              median(noops), median(bare), peer ? rate / peer_rate : 0.0, rate / median(bare));
  std::fflush(stdout);
}

void print_latency(const char* name, const Latency& latency) {
  std::printf("%-28s %8d %8.0f %8.0f %8.0f\n", name, latency.requests, latency.p50_ms, latency.p99_ms, latency.max_ms);
  std::fflush(stdout);
}

void measure_latencies(const Settings& settings, Database& database) {
  std::printf("\nmilliseconds from insertion to answer, %d requests a second\n%-28s %8s %8s %8s %8s\n", settings.rate,
              "", "requests", "p50", "p99", "max");
  const Daemon daemon(database);
  database.settle();
  print_latency("render lane empty", measure_latency(database, settings.rate, settings.latency_seconds, new_prefix()));
  fill_render_lane(database);
  const Latency busy = measure_latency(database, settings.rate, settings.latency_seconds, new_prefix());
  if (!render_lane_is_busy(database)) give_up("the render lane ran empty meanwhile");
  print_latency("render lane full", busy);
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = settings_from(argc, argv);
  std::optional<Peer> peer;
  if (settings.peer) peer.emplace();
  Database database;
  std::printf("PostgreSQL:");
  for (const std::string& setting : kServerSettings) std::printf(" %s", setting.c_str());
  std::printf("\n%d requests a run, median of %d\n\n%12s %10s %14s %14s %12s %8s %8s\n", settings.requests,
              settings.rounds, "rows before", "vividd/s", "graphile/s", "no-op jobs/s", "bare/s", "ratio", "of bare");
  std::fflush(stdout);
  std::int64_t seeded = 0;
  for (const std::int64_t rows : settings.rows) {
    seed_finished(database, seeded, rows);
    seeded = std::max(seeded, rows);
    measure_throughput(settings, database, peer, rows);
  }
  if (settings.latency_seconds > 0) measure_latencies(settings, database);
  return 0;
}
