#include "tests/e2e/daemon_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace vivid::e2e {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
constexpr std::chrono::milliseconds kPoll{50};
// A stage may be over within moments.
constexpr std::chrono::milliseconds kStagePoll{5};
constexpr std::chrono::minutes kStageLimit{1};

json script_of(int sections, int seconds) {
  json list = json::array();
  for (int i = 0; i < sections; ++i) {
    list.push_back({{"title", "Part " + std::to_string(i + 1)},
                    {"content", "Every force has a partner of the same size."},
                    {"duration_seconds", seconds}});
  }
  return {{"title", "Forces"}, {"topic_id", "topic_phys_forces"}, {"sections", list}};
}

// The calling process gets a network with nothing but a loopback, and a host name.
bool enter_own_host(const std::string& name) {
  if (::unshare(CLONE_NEWNET | CLONE_NEWUTS) != 0 || ::sethostname(name.data(), name.size()) != 0) return false;
  const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq loopback{};
  loopback.ifr_name[0] = 'l';
  loopback.ifr_name[1] = 'o';
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ::ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
  ::close(any);
  return up;
}

}  // namespace

json short_script() { return script_of(1, 2); }
json long_script() { return script_of(24, 20); }

json request(const std::string& id, const json& script, const json& modalities) {
  return {{"request_id", id},  {"student_id", "student_1"},          {"student_query", "Explain forces"},
          {"grade_level", 10}, {"requested_modalities", modalities}, {"script", script}};
}

DaemonProcess::DaemonProcess() {
  environment_ = {{"VIVIDD_PATHS_STATE_DIRECTORY", folder().string()},
                  {"VIVIDD_CONTROL_SOCKET", (folder_ / "control.sock").string()},
                  {"VIVIDD_PATHS_WORKER", std::string(VIVID_BINARY_DIR) + "/bin/vivid-render"},
                  {"VIVIDD_HTTP_PORT", "0"},
                  {"VIVIDD_LOG_FORMAT", "json"},
                  {"VIVIDD_ADMISSION_MIN_FREE", "16MiB"},
                  {"VIVIDD_QUEUE_RETRY_INITIAL", "100ms"},
                  {"VIVIDD_QUEUE_RETRY_MAXIMUM", "500ms"},
                  {"VIVIDD_RENDER_HARDWARE", "never"},
                  {"VIVIDD_RENDER_SPEECH", "none"}};
}

DaemonProcess::~DaemonProcess() {
  // In a sanitizer build the daemon and its workers report there, and a worker's exit status reaches nobody.
  for (const char* report : {"Sanitizer: ", "runtime error: "}) {
    EXPECT_EQ(log().find(report), std::string::npos);
  }
  if (::testing::Test::HasFailure()) std::fputs(log().c_str(), stderr);
  if (pid_ > 0) kill_now();
}

void DaemonProcess::start() {
  const std::string program = std::string(VIVID_BINARY_DIR) + "/bin/vividd";
  std::vector<std::string> entries;
  for (const auto& [name, value] : environment_) entries.push_back(name + "=" + value);
  for (char** entry = environ; *entry != nullptr; ++entry) entries.emplace_back(*entry);
  std::vector<char*> variables;
  for (std::string& entry : entries) variables.push_back(entry.data());
  variables.push_back(nullptr);
  const fs::path log_path = folder_ / "log";
  const std::string config = (folder_ / "vividd.yaml").string();
  put_config();
  pid_ = ::fork();
  if (pid_ == 0) {
    const int out = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0640);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    if (!host_name_.empty() && !enter_own_host(host_name_)) ::_exit(126);
    ::execle(program.c_str(), "vividd", "--config", config.c_str(), static_cast<char*>(nullptr), variables.data());
    ::_exit(127);
  }
}

void DaemonProcess::write_config(const std::string& yaml) {
  yaml_ = yaml;
  put_config();
}

void DaemonProcess::render_at(Pace pace) {
  pace_ = pace;
  put_config();
  if (pid_ > 0) {
    EXPECT_EQ(client().result("reload", json::object())["needs_restart"], json::array());
  }
}

void DaemonProcess::put_config() const {
  const char* render = pace_ == Pace::moments ? "{width: 1280, height: 720, preset: ultrafast}"
                       : pace_ == Pace::seconds
                           ? "{width: 1280, height: 720, preset: superfast, hold_still_frames: false}"
                           : "{width: 1920, height: 1080, preset: slow, hold_still_frames: false}";
  std::ofstream(folder_ / "vividd.yaml") << yaml_ << "render: " << render << "\n";
}

void DaemonProcess::kill_now() {
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
}

int DaemonProcess::end_with(int signal, int limit_seconds) {
  ::kill(pid_, signal);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(limit_seconds);
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > limit) return -1;
    std::this_thread::sleep_for(kPoll);
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

fs::path DaemonProcess::object(const std::string& job, const std::string& name) const {
  return folder_ / "objects" / "vivid-media" / "requests" / job / "0" / name;
}

std::string DaemonProcess::log() const {
  std::ifstream file(folder_ / "log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool DaemonProcess::wait_for_log(const std::string& text) const {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (log().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

pid_t DaemonProcess::wait_for_stage(const std::string& job, const std::string& stage) const {
  ControlClient control = client();
  const auto limit = std::chrono::steady_clock::now() + kStageLimit;
  while (std::chrono::steady_clock::now() < limit) {
    const json status = control.result("status", json::object());
    if (!status.is_object()) return 0;
    for (const json& worker : status["workers"]) {
      if (worker["state"] == "busy" && worker["job"] == job && worker["stage"] == stage)
        return worker["pid"].get<pid_t>();
    }
    std::this_thread::sleep_for(kStagePoll);
  }
  ADD_FAILURE() << "stage " << stage << " never ran";
  return 0;
}

bool DaemonProcess::wait_until_before(const std::string& job, const std::string& stage) const {
  ControlClient control = client();
  const auto limit = std::chrono::steady_clock::now() + kStageLimit;
  while (std::chrono::steady_clock::now() < limit) {
    const json answer = control.call("job.show", {{"job", job}});  // an error until it is a job
    if (answer.contains("result") && answer["result"]["job"]["stage"] == stage) return true;
    std::this_thread::sleep_for(kPoll);
  }
  return false;
}

json DaemonProcess::wait_for_end(const std::string& job, int limit_seconds) const {
  return client().result("job.wait", {{"job", job}, {"timeout_seconds", limit_seconds}});
}

}  // namespace vivid::e2e
