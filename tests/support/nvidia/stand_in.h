// The stand-in driver from a test's side: a folder of its own, what the driver is told, and what it says it did.
//
// Threads: one. Ownership: the folder goes with it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace vivid::stand_in {

// Where the libraries are; tests build with VIVID_BINARY_DIR.
inline std::string library_folder() { return std::string(VIVID_BINARY_DIR) + "/lib/stand-in-driver"; }

class Driver {
 public:
  explicit Driver(const std::string& control = {}) { tell(control); }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // From now on: see control.h. What was told before is forgotten, but not what has been counted or lost.
  void tell(const std::string& control) const {
    const std::filesystem::path fresh = folder_ / "control.new";
    std::ofstream(fresh) << control << "\n";
    std::filesystem::rename(fresh, folder_ / "control");
  }
  // NAME=value for programs that are to find this driver.
  std::vector<std::string> environment() const {
    return {"LD_LIBRARY_PATH=" + library_folder(), "VIVID_STAND_IN_DRIVER=" + folder().string()};
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

  // How many lines of the driver's log hold this text.
  int count(const std::string& text) const {
    std::ifstream file(folder_ / "log");
    int lines = 0;
    for (std::string line; std::getline(file, line);) lines += line.find(text) != std::string::npos ? 1 : 0;
    return lines;
  }

 private:
  const test::TemporaryFolder folder_;
};

}  // namespace vivid::stand_in
