// A worker whose video is as large as VIVID_TEST_VIDEO_BYTES says, and made at once: what an upload of that size needs.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/files.h"
#include "render/protocol/messages.h"

namespace {

namespace render = vivid::render;

void send_line(const std::string& line) {
  const std::string text = line + "\n";
  if (::send(render::kWorkerSocketFd, text.data(), text.size(), MSG_NOSIGNAL) < 0) ::_exit(0);
}

// Mostly nothing, with a word every megabyte so that no two places are alike.
void write_video(const std::filesystem::path& path, std::uint64_t bytes) {
  constexpr std::uint64_t kStep = 1 << 20;
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) ::_exit(9);
  for (std::uint64_t at = 0; at < bytes; at += kStep) {
    std::fseek(file, static_cast<long>(at), SEEK_SET);
    std::fprintf(file, "at %llu", static_cast<unsigned long long>(at));
  }
  std::fclose(file);
  if (::truncate(path.c_str(), static_cast<off_t>(bytes)) != 0) ::_exit(9);
}

render::StageResult run(const render::Task& task) {
  render::StageResult result;
  if (task.stage != render::kStageVideoGeneration) return result;
  const char* bytes = std::getenv("VIVID_TEST_VIDEO_BYTES");
  const auto path = task.work_directory / "video.mp4";
  write_video(path, bytes == nullptr ? 0 : std::strtoull(bytes, nullptr, 10));
  const auto facts = vivid::describe_file(path);
  if (!facts) ::_exit(9);
  render::ProducedFile file;
  file.name = "video.mp4";
  file.content_type = "video/mp4";
  file.size_bytes = facts->size_bytes;
  file.sha256 = facts->sha256;
  file.crc32c = facts->crc32c;
  result.files.push_back(file);
  return result;
}

}  // namespace

int main() {
  send_line(render::encode(render::Hello{::getpid(), "test", {"test_encoder"}}));
  std::string buffer;
  for (;;) {
    char piece[65536];
    const ssize_t count = ::recv(render::kWorkerSocketFd, piece, sizeof(piece), 0);
    if (count <= 0) return 0;
    buffer.append(piece, static_cast<std::size_t>(count));
    for (std::size_t end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
      const auto task = render::decode_task(buffer.substr(0, end));
      buffer.erase(0, end + 1);
      if (!task) return 5;
      send_line(render::encode(run(*task)));
    }
  }
}
