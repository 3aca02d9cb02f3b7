#include "daemon/loop/process_facts.h"

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

namespace vivid::daemon {
namespace {

constexpr std::size_t kMaxEnvironmentBytes = 4 * 1024 * 1024;

std::optional<std::string> read_proc(std::int32_t pid, const char* name, std::size_t limit) {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/%s", pid, name);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.data(), "re"), &std::fclose);
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() < limit) {
    const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get());
    text.append(buffer.data(), count);
    if (count < buffer.size()) break;
  }
  return text;
}

}  // namespace

std::optional<ProcessFacts> process_facts(std::int32_t pid) {
  const auto text = read_proc(pid, "stat", 4096);
  if (!text) return std::nullopt;
  // The command name may hold spaces and brackets; it ends at the last closing one.
  const std::size_t after_name = text->rfind(')');
  if (after_name == std::string::npos) return std::nullopt;
  ProcessFacts facts;
  facts.pid = pid;
  unsigned long long start = 0;
  const int read = std::sscanf(text->c_str() + after_name + 1,
                               " %c %*d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu",
                               &facts.state, &facts.group, &facts.session, &facts.threads, &start);
  if (read != 5) return std::nullopt;
  facts.start_ticks = start;
  return facts;
}

std::vector<ProcessFacts> all_processes() {
  std::vector<ProcessFacts> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  if (!folder) return all;
  while (const dirent* entry = ::readdir(folder.get())) {
    const char* name = entry->d_name;
    std::int32_t pid = 0;
    const auto [end, problem] = std::from_chars(name, name + std::strlen(name), pid);
    if (problem != std::errc() || *end != '\0') continue;
    if (const auto facts = process_facts(pid)) all.push_back(*facts);
  }
  return all;
}

std::uint64_t process_start_ticks(std::int32_t pid) {
  const auto facts = process_facts(pid);
  return facts ? facts->start_ticks : 0;
}

std::uint64_t resident_bytes(std::int32_t pid) {
  const auto text = read_proc(pid, "statm", 4096);
  if (!text) return 0;
  unsigned long long total_pages = 0;
  unsigned long long resident_pages = 0;
  if (std::sscanf(text->c_str(), "%llu %llu", &total_pages, &resident_pages) != 2) return 0;
  return resident_pages * static_cast<unsigned long long>(::sysconf(_SC_PAGESIZE));
}

bool started_with(std::int32_t pid, const std::string& entry) {
  const auto text = read_proc(pid, "environ", kMaxEnvironmentBytes);
  if (!text) return false;
  // Entries end with a zero byte.
  for (std::size_t at = text->find(entry); at != std::string::npos; at = text->find(entry, at + 1)) {
    const std::size_t end = at + entry.size();
    if ((at == 0 || (*text)[at - 1] == '\0') && (end == text->size() || (*text)[end] == '\0')) return true;
  }
  return false;
}

}  // namespace vivid::daemon
