#include "render/package/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.h"

namespace vivid::render {

UnfinishedFile::UnfinishedFile(std::filesystem::path final_path)
    : final_path_(std::move(final_path)),
      path_(final_path_.parent_path() / (".unfinished-" + final_path_.filename().string())) {}

UnfinishedFile::~UnfinishedFile() {
  if (!published_) ::unlink(path_.c_str());
}

Status UnfinishedFile::publish() {
  const UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return tl::make_unexpected(errno_error(errno, "open " + path_.string()));
  // FFmpeg leaves what it creates to the umask; results are the owner's to write and the group's to read.
  if (::fchmod(fd.get(), 0640) != 0)
    return tl::make_unexpected(errno_error(errno, "set the mode of " + path_.string()));
  if (::fsync(fd.get()) != 0) return tl::make_unexpected(errno_error(errno, "sync " + path_.string()));
  if (::rename(path_.c_str(), final_path_.c_str()) != 0) {
    return tl::make_unexpected(errno_error(errno, "rename " + path_.string()));
  }
  published_ = true;
  return sync_directory(final_path_.parent_path());
}

}  // namespace vivid::render
