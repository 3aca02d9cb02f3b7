#include "daemon/pipeline/checkpoint.h"

#include "base/files.h"

namespace vivid::daemon {

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

std::optional<BrokenOutput> find_broken(const std::vector<StageOutput>& outputs, const std::filesystem::path& folder) {
  for (const StageOutput& output : outputs) {
    for (const render::ProducedFile& file : output.result.files) {
      const auto facts = describe_file(folder / file.name);
      if (!facts) return BrokenOutput{output.stage, facts.error().message};
      if (facts->size_bytes != file.size_bytes || facts->sha256 != file.sha256) {
        return BrokenOutput{output.stage, file.name + " is not what stage " + output.stage + " wrote"};
      }
    }
  }
  return std::nullopt;
}

Result<render::ProducedFile> describe_output(const std::filesystem::path& folder, const std::string& name,
                                             const std::string& content_type) {
  VIVID_ASSIGN(auto facts, describe_file(folder / name));
  return render::ProducedFile{name, content_type, facts.size_bytes, std::move(facts.sha256), std::move(facts.crc32c)};
}

}  // namespace vivid::daemon
