#include "daemon/joblog/job_log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vivid::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCutMarker = "{\"level\":\"info\",\"message\":\"older lines were cut\"}\n";

// After a crash in the middle of a write the last line has no end; the next one must not be glued to it.
bool ends_in_newline(int fd, std::int64_t size) {
  char last = '\n';
  return size == 0 || ::pread(fd, &last, 1, size - 1) != 1 || last == '\n';
}

// As many whole lines as fit into `bytes`.
std::string_view lines_within(std::string_view lines, std::uint64_t bytes) {
  if (lines.size() <= bytes) return lines;
  return lines.substr(0, lines.substr(0, bytes).rfind('\n') + 1);  // npos + 1 is 0
}

Result<std::string> read_if_there(const fs::path& path, std::uint64_t limit) {
  auto content = read_file(path, limit);
  if (!content && content.error().code == ErrorCode::not_found) return std::string();
  return content;
}

void prepend_lines(std::string_view content, std::size_t limit, std::vector<std::string>& newest_first) {
  while (!content.empty() && newest_first.size() < limit) {
    if (content.back() == '\n') content.remove_suffix(1);
    const std::size_t start = content.rfind('\n') + 1;  // npos + 1 is 0
    // What a power cut left of a line, or of a file, is not shown as one.
    const std::string_view line = content.substr(start);
    if (line.starts_with('{') && line.ends_with('}')) newest_first.emplace_back(line);
    content = content.substr(0, start);
  }
}

}  // namespace

fs::path JobLogFiles::newest(const std::string& uid) const { return directory_ / uid.substr(0, 2) / (uid + ".jsonl"); }

fs::path JobLogFiles::previous(const std::string& uid) const {
  return directory_ / uid.substr(0, 2) / (uid + ".1.jsonl");
}

Status JobLogFiles::append(const std::string& uid, std::string_view lines) {
  while (!lines.empty()) {
    VIVID_ASSIGN(const UniqueFd fd, open_newest(uid));
    const fs::path path = newest(uid);
    struct stat facts {};
    if (::fstat(fd.get(), &facts) != 0) return fail_errno("look at", path);
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    const std::string_view fitting = lines_within(lines, max_file_bytes_ > size ? max_file_bytes_ - size : 0);
    if (fitting.empty() && size > kCutMarker.size()) {
      if (::rename(path.c_str(), previous(uid).c_str()) != 0) return fail_errno("rename", path);
      VIVID_ASSIGN(const UniqueFd next, open_newest(uid));
      VIVID_TRY(write_all(next.get(), kCutMarker, path));
      continue;
    }
    // A line that no empty file has room for is written all the same: nothing is left behind it.
    const std::string_view now = fitting.empty() ? lines.substr(0, lines.find('\n') + 1) : fitting;
    if (!ends_in_newline(fd.get(), facts.st_size)) VIVID_TRY(write_all(fd.get(), "\n", path));
    VIVID_TRY(write_all(fd.get(), now, path));
    lines.remove_prefix(now.size());
  }
  return {};
}

Result<UniqueFd> JobLogFiles::open_newest(const std::string& uid) const {
  const fs::path path = newest(uid);
  const auto open = [&] { return UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640)); };
  UniqueFd fd = open();
  if (!fd && errno == ENOENT) {
    VIVID_TRY(make_directories(path.parent_path()));
    fd = open();
  }
  if (!fd) return fail_errno("open", path);
  return fd;
}

Result<std::vector<std::string>> JobLogFiles::read_last(const std::string& uid, std::size_t limit) const {
  constexpr std::uint64_t kSlack = 1ULL << 20;  // a line over the bound, the marker
  VIVID_ASSIGN(const std::string before, read_if_there(previous(uid), max_file_bytes_ + kSlack));
  VIVID_ASSIGN(const std::string now, read_if_there(newest(uid), max_file_bytes_ + kSlack));
  std::string_view newer = now;
  // Every generation but the first begins with the marker: it is true of the oldest that is left.
  if (!before.empty() && newer.starts_with(kCutMarker)) newer.remove_prefix(kCutMarker.size());
  std::vector<std::string> lines;
  prepend_lines(newer, limit, lines);
  prepend_lines(before, limit, lines);
  std::reverse(lines.begin(), lines.end());
  return lines;
}

void JobLogFiles::remove_older(WallTime before) {
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(before.time_since_epoch()).count();
  std::error_code problem;
  auto entry = fs::recursive_directory_iterator(directory_, problem);
  for (; !problem && entry != fs::recursive_directory_iterator(); entry.increment(problem)) {
    const fs::path& path = entry->path();
    struct stat facts {};
    if (path.extension() != ".jsonl" || ::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    if (facts.st_mtim.tv_sec < limit) ::unlink(path.c_str());
  }
}

}  // namespace vivid::daemon
