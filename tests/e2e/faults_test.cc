// Processes killed and stopped at the worst moment: every job still ends once.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "base/uuid.h"
#include "daemon/loop/process_facts.h"
#include "tests/e2e/daemon_process.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;

// Outcomes of the attempts of a stage, in order.
std::vector<std::string> outcomes(DaemonProcess& daemon, const std::string& job, const std::string& stage) {
  std::vector<std::string> found;
  const json shown = daemon.client().result("job.show", {{"job", job}});
  for (const json& attempt : shown["attempts"]) {
    if (attempt["stage"] == stage) found.push_back(attempt["outcome"]);
  }
  return found;
}

std::string submit(DaemonProcess& daemon, const json& script) {
  const std::string id = Uuid::random().to_text();
  daemon.client().result("job.submit", {{"request", request(id, script, {"video"})}});
  return id;
}

// A process that has ended may be listed until whoever inherited it asks for its status.
bool is_alive(pid_t pid) {
  const auto facts = daemon::process_facts(pid);
  return facts && !facts->ended();
}

TEST(Faults, KilledDaemonFinishesTheJobOnceAfterRestart) {
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  daemon.kill_now();
  daemon.render_at(Pace::moments);
  daemon.start();
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  EXPECT_FALSE(is_alive(worker));
  // What was done before the kill was not done again.
  EXPECT_EQ(outcomes(daemon, job, "audio_synthesis"), std::vector<std::string>{"completed"});
  EXPECT_EQ(outcomes(daemon, job, "video_generation"), (std::vector<std::string>{"worker_crashed", "completed"}));
  EXPECT_EQ(outcomes(daemon, job, "video_processing"), std::vector<std::string>{"completed"});
}

TEST(Faults, KilledWorkerIsReplacedAndTheStageRunsAgain) {
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  daemon.render_at(Pace::moments);
  ::kill(worker, SIGKILL);
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  EXPECT_EQ(outcomes(daemon, job, "video_generation"), (std::vector<std::string>{"worker_crashed", "completed"}));
}

TEST(Faults, StoppedWorkerIsFoundByItsSilenceKilledAndTheStageRunsAgain) {
  DaemonProcess daemon;
  daemon.render_at(Pace::minutes);
  daemon.write_config("stages: {video_generation: {silence: 5s}}\n");
  daemon.set("VIVIDD_WORKERS_GRACE", "500ms");
  daemon.start();
  const std::string job = submit(daemon, long_script());
  const pid_t worker = daemon.wait_for_stage(job, "video_generation");
  ASSERT_NE(worker, 0);
  // What begins anew may take its time over it.
  daemon.write_config("stages: {video_generation: {silence: 1m}}\n");
  daemon.render_at(Pace::moments);
  ::kill(worker, SIGSTOP);
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  EXPECT_FALSE(is_alive(worker));
  EXPECT_EQ(outcomes(daemon, job, "video_generation"), (std::vector<std::string>{"silence", "completed"}));
}

TEST(Faults, BrokenFileOfAnEarlierStageIsMadeAgain) {
  DaemonProcess daemon;
  daemon.start();
  daemon.client().result("pause", {{"lane", "render"}});
  const std::string job = submit(daemon, short_script());
  auto control = daemon.client();
  ASSERT_TRUE(daemon.wait_until_before(job, "video_generation"));
  std::ofstream(daemon.folder() / "spool" / job.substr(0, 2) / job / "narration.wav") << "broken";
  control.result("resume", {{"lane", "render"}});
  EXPECT_EQ(daemon.wait_for_end(job)["state"], "completed");
  EXPECT_EQ(outcomes(daemon, job, "audio_synthesis"), (std::vector<std::string>{"completed", "completed"}));
  EXPECT_EQ(outcomes(daemon, job, "video_generation"), (std::vector<std::string>{"data_corrupt", "completed"}));
}

// A request whose answer nobody waits for.
UniqueFd send_only(const DaemonProcess& daemon, const std::string& method, const json& params) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (daemon.folder() / "control.sock").string();
  path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string line = json({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}}).dump() + "\n";
  EXPECT_EQ(::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL), static_cast<ssize_t>(line.size()));
  return fd;
}

TEST(Faults, HungThreadDoesNotKeepTheDaemonFromEnding) {
  DaemonProcess daemon;
  daemon.set("VIVIDD_SHUTDOWN_DRAIN_LIMIT", "300ms");
  daemon.set("VIVIDD_WORKERS_GRACE", "200ms");
  daemon.start();
  auto control = daemon.client();
  const std::string id = Uuid::random().to_text();
  // Whoever reads it hangs, as on a disk that does not answer.
  const auto pipe = daemon.object(id, "manifest.json");
  std::filesystem::create_directories(pipe.parent_path());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const UniqueFd waiting = send_only(daemon, "job.submit", {{"request", request(id, short_script(), {"text"})}});
  // A pipe can be opened for writing without waiting as soon as somebody reads it.
  UniqueFd writer;
  for (int tries = 0; tries < 2400 && !writer; ++tries) {
    writer = UniqueFd(::open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  ASSERT_TRUE(writer) << "the daemon does not read the manifest";
  EXPECT_EQ(daemon.end_with(SIGTERM), 4);
  EXPECT_NE(daemon.log().find("does not come to its end"), std::string::npos);
}

// Root mounts it; anybody else is root of a name space of its own, where that is permitted, which ends with the test
// program. errno says why not.
bool mount_small_disk(const std::filesystem::path& disk) {
  const auto mounted = [&] { return ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64m") == 0; };
  if (mounted()) return true;
  const std::string uid = std::to_string(::geteuid());
  const std::string gid = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << gid << " 1";
  return mounted();
}

TEST(Faults, FullDiskStopsAdmissionAndLosesNothing) {
  DaemonProcess daemon;
  const std::filesystem::path disk = daemon.folder() / "disk";
  std::filesystem::create_directory(disk);
  if (!mount_small_disk(disk)) {
    GTEST_SKIP() << "a small tmpfs cannot be mounted here: " << std::strerror(errno);
  }
  daemon.set("VIVIDD_PATHS_STATE_DIRECTORY", disk.string());
  daemon.start();
  auto control = daemon.client();
  control.result("pause", json::object());
  const std::string accepted = submit(daemon, short_script());
  {
    std::ofstream filler(disk / "filler", std::ios::binary);
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 64 && filler; ++i) filler << block << std::flush;
  }
  json status;
  for (int tries = 0; tries < 1200; ++tries) {
    status = control.result("status", json::object());
    if (status["admission"]["open"] == false) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(status["admission"]["open"], false);
  const json refused =
      control.call("job.submit", {{"request", request(Uuid::random().to_text(), short_script(), {"video"})}});
  EXPECT_EQ(refused["error"]["data"]["code"], "disk_full");
  // Not even what is refused for good is written down now.
  const json poison = control.call("job.submit", {{"request", request("test-smoke-002", short_script(), {"video"})}});
  EXPECT_EQ(poison["error"]["data"]["code"], "invalid_input");
  EXPECT_EQ(poison["error"]["message"].get<std::string>().find("kept as job"), std::string::npos);
  std::filesystem::remove(disk / "filler");
  json resumed;
  for (int tries = 0; tries < 1200 && !resumed.contains("result"); ++tries) {
    resumed = control.call("resume", json::object());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(daemon.wait_for_end(accepted)["state"], "completed");
  daemon.kill_now();
  ::umount2(disk.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace vivid::e2e
