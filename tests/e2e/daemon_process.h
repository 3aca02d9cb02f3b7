// The real vividd in a folder of its own, started, killed and started again by a test.
//
// Threads: one. Ownership: the destructor kills the daemon and removes the folder.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/control_client.h"
#include "tests/support/temporary_folder.h"

namespace vivid::e2e {

// How long the video of long_script takes: whoever needs a render to be running must not depend on how fast it is.
enum class Pace { moments, seconds, minutes };

class DaemonProcess {
 public:
  DaemonProcess();
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  // The configuration file, without its section `render`: of the next start, or of the next reload.
  void write_config(const std::string& yaml);
  // How fast the next stage renders; a daemon that runs reloads.
  void render_at(Pace pace);
  // Configuration as environment variables, for the next start; they stand above the file.
  void set(const std::string& name, const std::string& value) { environment_[name] = value; }
  // From the next start on a host of its own: in network and host name spaces that nobody else is in. Needs root.
  void isolate(const std::string& host_name) { host_name_ = host_name; }
  void start();
  void kill_now();  // SIGKILL, and waits
  // Sends the signal and waits for the end; the exit status, or -1 when it did not end in time.
  int end_with(int signal, int limit_seconds = 120);

  pid_t pid() const { return pid_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::filesystem::path object(const std::string& job, const std::string& name) const;
  std::string log() const;
  // Until the log has this text, for up to a minute.
  bool wait_for_log(const std::string& text) const;
  ControlClient client() const { return ControlClient(folder_ / "control.sock"); }

  // Process id of the worker that runs this stage of the job, once it does; 0 when it never comes to that. Only at a
  // pace of seconds or minutes is it sure that the stage is caught, and only at minutes that it runs on.
  pid_t wait_for_stage(const std::string& job, const std::string& stage) const;
  // Until this stage is the job's next, for up to a minute.
  bool wait_until_before(const std::string& job, const std::string& stage) const;
  // The summary of the job when it is over.
  nlohmann::json wait_for_end(const std::string& job, int limit_seconds = 120) const;

 private:
  void put_config() const;

  test::TemporaryFolder folder_;
  std::string yaml_ = "host: {}\n";
  Pace pace_ = Pace::moments;
  std::map<std::string, std::string> environment_;
  std::string host_name_;
  pid_t pid_ = -1;
};

nlohmann::json short_script();  // two seconds of video
nlohmann::json long_script();   // two minutes
nlohmann::json request(const std::string& id, const nlohmann::json& script, const nlohmann::json& modalities);

}  // namespace vivid::e2e
