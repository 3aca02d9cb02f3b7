// From a reference timeline to everything that its contenders need.
//
// Threads: one. Errors: none leave it: what fails ends the benchmark.
#pragma once

#include <filesystem>
#include <string>

#include "contender.h"

namespace vivid::bench {

// `folder` is the timeline's own, and empty.
Timeline prepare(const Settings& settings, const std::string& name, const std::filesystem::path& folder,
                 const std::filesystem::path& self);

}  // namespace vivid::bench
