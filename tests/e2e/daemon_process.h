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

namespace vivid::e2e {

class DaemonProcess {
 public:
  DaemonProcess();
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  // The configuration file: of the next start, or of the next reload.
  void write_config(const std::string& yaml) const;
  // Configuration as environment variables, for the next start; they stand above the file.
  void set(const std::string& name, const std::string& value) { environment_[name] = value; }
  // From the next start on a host of its own: in network and host name spaces that nobody else is in. Needs root.
  void isolate(const std::string& host_name) { host_name_ = host_name; }
  void start();
  void kill_now();  // SIGKILL, and waits
  // Sends the signal and waits for the end; the exit status, or -1 when it did not end in time.
  int end_with(int signal, int limit_seconds = 40);

  pid_t pid() const { return pid_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path object(const std::string& job, const std::string& name) const;
  std::string log() const;
  // Until the log has this text, for up to a minute.
  bool wait_for_log(const std::string& text) const;
  ControlClient client() const { return ControlClient(folder_ / "control.sock"); }

  // Process id of the worker that runs this stage of the job, once it does; 0 when it never comes to that.
  pid_t wait_for_stage(const std::string& job, const std::string& stage) const;
  // The summary of the job when it is over.
  nlohmann::json wait_for_end(const std::string& job, int limit_seconds = 120) const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> environment_;
  std::string host_name_;
  pid_t pid_ = -1;
};

// A script whose video takes a few seconds to make.
nlohmann::json short_script();
// One whose video takes long enough to be interrupted, and is made again within moments.
nlohmann::json medium_script();
// One whose video takes so long that nobody waits for it.
nlohmann::json long_script();
nlohmann::json request(const std::string& id, const nlohmann::json& script, const nlohmann::json& modalities);

}  // namespace vivid::e2e
