#include "daemon/pipeline/checkpoint.h"

#include "base/files.h"

namespace vivid::daemon {
namespace {

// Nothing, a folder, a link: certainly not what a stage wrote. Whatever cannot be looked at may be a file.
bool is_something_else(const std::filesystem::path& path) {
  std::error_code error;
  const auto type = std::filesystem::symlink_status(path, error).type();
  return type != std::filesystem::file_type::regular && type != std::filesystem::file_type::none;
}

}  // namespace

Result<std::vector<StageOutput>> read_outputs(const std::vector<std::pair<std::string, std::string>>& results) {
  std::vector<StageOutput> outputs;
  for (const auto& [stage, json] : results) {
    auto result = render::stage_result_from_json(json);
    if (!result) {
      return fail(ErrorCode::data_corrupt,
                  "the result of stage " + stage + " cannot be read: " + result.error().message);
    }
    outputs.push_back({stage, std::move(*result)});
  }
  return outputs;
}

Result<std::optional<BrokenOutput>> find_broken(const std::vector<StageOutput>& outputs,
                                                const std::filesystem::path& folder,
                                                const std::function<bool()>& go_on) {
  for (const StageOutput& output : outputs) {
    for (const render::ProducedFile& file : output.result.files) {
      if (!go_on()) return fail(ErrorCode::cancelled, "told to stop while the files of earlier stages were verified");
      if (is_something_else(folder / file.name)) {
        return std::optional(BrokenOutput{output.stage, file.name + " is missing or not a file"});
      }
      const auto facts = describe_file(folder / file.name);
      // It may well be whole, and was costly to make: a disk that does not answer now says nothing about it.
      if (!facts) return tl::make_unexpected(facts.error());
      if (facts->size_bytes != file.size_bytes || facts->sha256 != file.sha256) {
        return std::optional(BrokenOutput{output.stage, file.name + " is not what stage " + output.stage + " wrote"});
      }
    }
  }
  return std::optional<BrokenOutput>();
}

Result<render::ProducedFile> describe_output(const std::filesystem::path& folder, const std::string& name,
                                             const std::string& content_type) {
  VIVID_ASSIGN(auto facts, describe_file(folder / name));
  return render::ProducedFile{name, content_type, facts.size_bytes, std::move(facts.sha256), std::move(facts.crc32c)};
}

}  // namespace vivid::daemon
