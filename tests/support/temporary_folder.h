// A folder of a test's own. Cases run side by side, each in a process of its own, so a name that two of them may choose
// is one that they take from each other.
//
// Threads: any. Ownership: removed with its contents, unless the test has failed: then it is left to be looked at.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace vivid::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (base() / "vivid-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      std::perror(name.c_str());
      std::abort();
    }
    path_ = std::move(name);
  }
  ~TemporaryFolder() {
    if (::testing::Test::HasFailure()) {
      std::fprintf(stderr, "left to be looked at: %s\n", path_.c_str());
      return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  // TMPDIR, or /tmp where it leaves a Unix socket below the folder too little of the 107 bytes that its path may have.
  static std::filesystem::path base() {
    constexpr std::size_t kMaxBytes = 60;
    std::filesystem::path wanted = std::filesystem::temp_directory_path();
    return wanted.native().size() <= kMaxBytes ? wanted : "/tmp";
  }

  std::filesystem::path path_;
};

}  // namespace vivid::test
