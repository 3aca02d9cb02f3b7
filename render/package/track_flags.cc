#include "render/package/track_flags.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "base/files.h"

namespace vivid::render {
namespace {

// The content of a box, in bytes from the start of the file.
struct Box {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class Boxes {
 public:
  Boxes(int fd, const std::filesystem::path& path) : fd_(fd), path_(path) {}

  // The box of `type` within `outer` that has `skip` others of its type before it.
  Result<Box> find(const Box& outer, std::string_view type, int skip) const {
    for (std::uint64_t at = outer.begin; at + 8 <= outer.end;) {
      std::array<unsigned char, 16> head{};
      VIVID_TRY(read(at, head.data(), at + 16 <= outer.end ? 16 : 8));
      std::uint64_t size = number(head.data(), 4);
      std::uint64_t header = 8;
      if (size == 1) {
        size = number(head.data() + 8, 8);
        header = 16;
      }
      if (size < header || size > outer.end - at) break;
      const bool wanted = std::string_view(reinterpret_cast<const char*>(head.data()) + 4, 4) == type;
      if (wanted && skip-- == 0) return Box{at + header, at + size};
      at += size;
    }
    return fail(ErrorCode::internal, path_.string() + " has no such box: " + std::string(type));
  }

 private:
  static std::uint64_t number(const unsigned char* bytes, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8U | bytes[i];
    return value;
  }

  Status read(std::uint64_t at, unsigned char* to, std::size_t count) const {
    const ssize_t got = ::pread(fd_, to, count, static_cast<off_t>(at));
    if (got < 0) return tl::make_unexpected(errno_error(errno, "read " + path_.string()));
    if (static_cast<std::size_t>(got) != count) return fail(ErrorCode::internal, path_.string() + " is cut off");
    return {};
  }

  int fd_;
  const std::filesystem::path& path_;
};

}  // namespace

Status disable_track(const std::filesystem::path& mp4, int track) {
  const UniqueFd fd(::open(mp4.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return tl::make_unexpected(errno_error(errno, "open " + mp4.string()));
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return tl::make_unexpected(errno_error(errno, "look at " + mp4.string()));
  const Boxes boxes(fd.get(), mp4);
  VIVID_ASSIGN(const Box moov, boxes.find({0, static_cast<std::uint64_t>(facts.st_size)}, "moov", 0));
  VIVID_ASSIGN(const Box trak, boxes.find(moov, "trak", track));
  VIVID_ASSIGN(const Box header, boxes.find(trak, "tkhd", 0));
  // A byte of version, then three of flags; "enabled" is the lowest bit.
  const auto at = static_cast<off_t>(header.begin + 3);
  unsigned char flags = 0;
  if (::pread(fd.get(), &flags, 1, at) != 1) return tl::make_unexpected(errno_error(errno, "read " + mp4.string()));
  flags &= 0xfeU;
  if (::pwrite(fd.get(), &flags, 1, at) != 1) return tl::make_unexpected(errno_error(errno, "write " + mp4.string()));
  return {};
}

}  // namespace vivid::render
