#include "render/equations/drawing_cache.h"

#include <span>
#include <system_error>
#include <vector>

#include "base/digest.h"
#include "base/files.h"

namespace vivid::render {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigestLength = 64;

std::string digest_of(std::string_view text) {
  Sha256 sum;
  sum.update(std::as_bytes(std::span(text)));
  return sum.finish_hex();
}

// Room for one more: the oldest goes.
void make_room(const fs::path& folder) {
  std::error_code ignored;
  std::size_t count = 0;
  fs::path oldest;
  fs::file_time_type oldest_time = fs::file_time_type::max();
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    ++count;
    std::error_code gone;
    const fs::file_time_type time = entry->last_write_time(gone);
    if (gone || time >= oldest_time) continue;
    oldest_time = time;
    oldest = entry->path();
  }
  if (count >= kMostAnswersInFolder) fs::remove(oldest, ignored);
}

}  // namespace

fs::path DrawingCache::path_of(const std::string& key) const { return folder_ / key.substr(0, 2) / key; }

std::optional<std::string> DrawingCache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  const auto file = read_file(path_of(key), kDigestLength + 1 + kMostAnswerBytes);
  if (!file.has_value() || file->size() <= kDigestLength) return std::nullopt;
  // A digest, a line end, and what it is of.
  std::string answer = file->substr(kDigestLength + 1);
  if (file->substr(0, kDigestLength) != digest_of(answer)) return std::nullopt;
  return answer;
}

void DrawingCache::put(const std::string& key, std::string_view answer) const {
  if (folder_.empty() || answer.size() > kMostAnswerBytes) return;
  const fs::path path = path_of(key);
  if (!make_directories(path.parent_path()).has_value()) return;
  make_room(path.parent_path());
  static_cast<void>(write_file_durably(path, digest_of(answer) + "\n" + std::string(answer)));
}

}  // namespace vivid::render
