// A stage that is done is not run again, as long as what it left is still there: every file is held against the size
// and SHA-256 of its stage's result.
//
// Threads: blocks on the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {

struct StageOutput {
  std::string stage;
  render::StageResult result;
};

// `results` as the queue keeps them: stage name and JSON.
Result<std::vector<StageOutput>> read_outputs(const std::vector<std::pair<std::string, std::string>>& results);

struct BrokenOutput {
  std::string stage;
  std::string what;  // the file and how it is broken
};
// The first stage whose files are missing or changed; none: all are as they were. `go_on` is called before each file;
// false ends the search with `cancelled`. A file that is there but cannot be read is the read's error, not a broken
// one.
Result<std::optional<BrokenOutput>> find_broken(const std::vector<StageOutput>& outputs,
                                                const std::filesystem::path& folder,
                                                const std::function<bool()>& go_on);

// A file of the folder as a stage's result names it.
Result<render::ProducedFile> describe_output(const std::filesystem::path& folder, const std::string& name,
                                             const std::string& content_type);

}  // namespace vivid::daemon
