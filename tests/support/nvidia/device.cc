#include "tests/support/nvidia/device.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "tests/support/nvidia/control.h"

namespace vivid::stand_in {
namespace {

constexpr int kNone = -1;
constexpr int kMostSlots = 64;  // where there is no limit, what is counted

int open_slot(const std::string& name) {
  return ::open((*folder() / name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
}

// The first free one of `limit`; kNone: all are taken.
int take_slot(const std::string& prefix, int limit) {
  for (int i = 0; i < limit; ++i) {
    const int file = open_slot(prefix + std::to_string(i));
    if (file < 0) return kNone;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
    ::close(file);
  }
  return kNone;
}

std::string gpu_prefix(int gpu) { return "session-" + std::to_string(gpu) + "-"; }

}  // namespace

std::string uuid_of(int gpu) {
  char text[64];
  std::snprintf(text, sizeof(text), "GPU-5a4d0000-0000-4000-8000-%012d", gpu);
  return text;
}

std::vector<int> visible_gpus() {
  const int count = read_control().settings.gpus;
  std::vector<int> gpus;
  const char* wanted = std::getenv("CUDA_VISIBLE_DEVICES");
  if (wanted == nullptr) {
    for (int gpu = 0; gpu < count; ++gpu) gpus.push_back(gpu);
    return gpus;
  }
  std::istringstream names(wanted);
  std::string name;
  while (std::getline(names, name, ',')) {
    int found = kNone;
    for (int gpu = 0; gpu < count; ++gpu) {
      if (name == std::to_string(gpu) || (name.size() > 4 && uuid_of(gpu).starts_with(name))) found = gpu;
    }
    if (found == kNone) break;  // as the real one: what follows a name that is not there is not seen either
    gpus.push_back(found);
  }
  return gpus;
}

std::optional<SessionSlot> SessionSlot::take(int gpu) {
  if (folder() == nullptr) return SessionSlot(kNone, kNone);
  const Settings settings = read_control().settings;
  const int limit = settings.sessions_per_gpu > 0 ? settings.sessions_per_gpu - settings.others_sessions : kMostSlots;
  const int gpu_file = take_slot(gpu_prefix(gpu), limit);
  if (gpu_file == kNone) return std::nullopt;
  if (settings.sessions_per_system <= 0) return SessionSlot(gpu_file, kNone);
  const int system_file = take_slot("system-", settings.sessions_per_system - settings.others_sessions);
  SessionSlot slot(gpu_file, system_file);
  if (system_file == kNone) return std::nullopt;
  return slot;
}

SessionSlot::SessionSlot(SessionSlot&& other) noexcept
    : gpu_file_(std::exchange(other.gpu_file_, kNone)), system_file_(std::exchange(other.system_file_, kNone)) {}

SessionSlot::~SessionSlot() {
  if (gpu_file_ != kNone) ::close(gpu_file_);
  if (system_file_ != kNone) ::close(system_file_);
}

int sessions_in_use(int gpu) {
  if (folder() == nullptr) return 0;
  int count = read_control().settings.others_sessions;
  for (int i = 0; i < kMostSlots; ++i) {
    const std::string name = gpu_prefix(gpu) + std::to_string(i);
    const int file = ::open((*folder() / name).c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) break;
    if (::flock(file, LOCK_SH | LOCK_NB) != 0) ++count;
    ::close(file);
  }
  return count;
}

}  // namespace vivid::stand_in
