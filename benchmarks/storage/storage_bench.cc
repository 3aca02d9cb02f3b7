// Bytes a second into a bucket over loopback, beside `curl -T` to the same server in the same run; CRC32C; and the
// memory that a large object takes.
//
//   storage_bench [--bytes N] [--rounds N] [--large N]
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/files.h"
#include "sync/credentials/google_client.h"
#include "sync/storage/gcs_object_store.h"
#include "tests/support/gcs/gcs_stand_in.h"

namespace {

namespace fs = std::filesystem;
using vivid::sync::GcsObjectStore;
using vivid::sync::GoogleClient;
using Clock = std::chrono::steady_clock;

constexpr double kMb = 1e6;

struct Arguments {
  std::uint64_t bytes = 1ULL << 30;
  std::uint64_t large_bytes = 5ULL << 30;
  int rounds = 5;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--bytes") arguments.bytes = value;
    if (name == "--large") arguments.large_bytes = value;
    if (name == "--rounds") arguments.rounds = static_cast<int>(value);
  }
  return arguments;
}

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "storage_bench: %s\n", what.c_str());
  std::exit(1);
}

// The server, in a process of its own so that memory is counted apart; ends with ours.
class ServerProcess {
 public:
  ServerProcess() {
    int port_pipe[2];
    int life_pipe[2];
    if (::pipe(port_pipe) != 0 || ::pipe(life_pipe) != 0) give_up("no pipe");
    child_ = ::fork();
    if (child_ == 0) {
      ::close(life_pipe[1]);
      vivid::test::GcsStandIn::Options options;
      options.keep_bytes = 0;
      const vivid::test::GcsStandIn server(options);
      const int port = server.port();
      char end = 0;
      if (::write(port_pipe[1], &port, sizeof port) == sizeof port)
        static_cast<void>(::read(life_pipe[0], &end, 1) + 0);
      ::_exit(0);
    }
    ::close(life_pipe[0]);
    life_ = life_pipe[1];
    if (::read(port_pipe[0], &port_, sizeof port_) != sizeof port_) give_up("the server did not start");
  }
  ~ServerProcess() {
    ::close(life_);
    ::waitpid(child_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  pid_t child_ = -1;
  int life_ = -1;
  int port_ = 0;
};

// Not all zero, and made faster than it is sent.
void make_file(const fs::path& path, std::uint64_t bytes, bool sparse) {
  std::ofstream file(path, std::ios::binary);
  std::string block(1 << 20, 'v');
  for (std::uint64_t at = 0; !sparse && at < bytes; at += block.size()) {
    block.replace(0, 8, std::to_string(10'000'000 + at / block.size()));
    file.write(block.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(block.size(), bytes - at)));
  }
  file.close();
  if (::truncate(path.c_str(), static_cast<off_t>(bytes)) != 0) give_up("no room for " + path.string());
}

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

long peak_memory_kb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

class Bench {
 public:
  explicit Bench(Arguments arguments) : arguments_(arguments), folder_(make_folder()) {
    http_ = vivid::sync::HttpClient::start({}).value();
    credentials_ = std::make_unique<vivid::sync::Credentials>(nullptr, vivid::system_clock());
    client_ = std::make_unique<GoogleClient>(*http_, *credentials_, vivid::system_clock(), vivid::sync::RetryPolicy{});
    options_.endpoint = server_.url();
    options_.ledger = folder_ / "uploads";
    store_ = std::make_unique<GcsObjectStore>(*client_, options_);
  }
  ~Bench() { fs::remove_all(folder_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void speed() {
    const fs::path file = folder_ / "file";
    make_file(file, arguments_.bytes, false);
    const auto facts = vivid::describe_file(file);
    std::vector<double> ratios;
    for (int round = 0; round < arguments_.rounds; ++round) {
      const double ours = seconds_of([&] { put(file, "ours-" + std::to_string(round), facts->crc32c); });
      const std::string session = session_for("curl-" + std::to_string(round), facts->crc32c);
      const double peer = seconds_of([&] { run_curl(file, session); });
      const double megabytes = static_cast<double>(arguments_.bytes) / kMb;
      std::printf("round %d: vividd %.0f MB/s, curl -T %.0f MB/s, ratio %.2f\n", round + 1, megabytes / ours,
                  megabytes / peer, peer / ours);
      ratios.push_back(peer / ours);
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf("median ratio (above 1: faster than curl) %.2f\n", ratios[ratios.size() / 2]);
  }

  void checksum() const {
    const std::vector<std::byte> block(64UL << 20, std::byte{7});
    vivid::Crc32c crc;
    const double seconds = seconds_of([&] {
      for (int i = 0; i < 16; ++i) crc.update(block);
    });
    std::printf("CRC32C %.1f GB/s\n", 16.0 * static_cast<double>(block.size()) / 1e9 / seconds);
  }

  void memory() {
    const fs::path file = folder_ / "large";
    make_file(file, arguments_.large_bytes, true);
    const auto facts = vivid::describe_file(file);
    const long before = peak_memory_kb();
    put(file, "large", facts->crc32c);
    std::printf("an object of %.1f GB: peak memory %.1f MB before, %.1f MB after\n",
                static_cast<double>(arguments_.large_bytes) / 1e9, static_cast<double>(before) / 1e3,
                static_cast<double>(peak_memory_kb()) / 1e3);
  }

 private:
  static fs::path make_folder() {
    std::string name = (fs::temp_directory_path() / "vivid-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("no folder");
    return name;
  }

  void put(const fs::path& file, const std::string& name, const std::string& crc32c) {
    vivid::sync::PutRequest request;
    request.bucket = "lessons";
    request.name = name;
    request.file = file;
    request.content_type = "video/mp4";
    request.expected_crc32c = crc32c;
    if (const auto stored = store_->put(request); !stored) give_up(stored.error().describe());
  }

  std::string session_for(const std::string& name, const std::string& crc32c) {
    const vivid::sync::GcsApi api(server_.url(), {});
    vivid::sync::NewObject object;
    object.bucket = "lessons";
    object.name = name;
    object.content_type = "video/mp4";
    object.crc32c = crc32c;
    object.size_bytes = arguments_.bytes;
    const auto answer = client_->once(api.start_session(object));
    if (!answer || answer->header("Location") == nullptr) give_up("no session");
    return *answer->header("Location");
  }

  static void run_curl(const fs::path& file, const std::string& session) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execlp("curl", "curl", "-sS", "-f", "-o", "/dev/null", "-H", "Content-Type: application/octet-stream", "-H",
               "Expect:", "-T", file.c_str(), session.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) give_up("curl fails");
  }

  const Arguments arguments_;
  const ServerProcess server_;
  const fs::path folder_;
  std::unique_ptr<vivid::sync::HttpClient> http_;
  std::unique_ptr<vivid::sync::Credentials> credentials_;
  std::unique_ptr<GoogleClient> client_;
  GcsObjectStore::Options options_;
  std::unique_ptr<GcsObjectStore> store_;
};

}  // namespace

int main(int argc, char** argv) {
  Bench bench(parse(argc, argv));
  bench.memory();
  bench.speed();
  bench.checksum();
  return 0;
}
