#include "daemon/pipeline/stage_work.h"

#include "base/files.h"
#include "render/storyboard/storyboard.h"

namespace vivid::daemon {
namespace {

WorkResult finished(render::StageResult result) {
  std::string json = render::to_json(result);
  return {std::move(result), std::move(json)};
}

// The text is a result of every lesson, and cheap: whoever cannot watch can read.
Status add_text(const std::string& script, const std::filesystem::path& folder, render::StageResult& result) {
  VIVID_ASSIGN(const auto storyboard, render::parse_storyboard(script));
  VIVID_TRY(write_file_durably(folder / kTextFile, render::to_markdown(storyboard)));
  VIVID_ASSIGN(auto file, describe_output(folder, kTextFile, "text/markdown"));
  result.files.push_back(std::move(file));
  result.warnings.insert(result.warnings.end(), storyboard.warnings.begin(), storyboard.warnings.end());
  return {};
}

}  // namespace

Result<WorkResult> validate_stage(const StageContext& context, const std::string& environment) {
  if (const auto* rejected = std::get_if<RejectedMessage>(&context.payload)) {
    const auto again = parse_request(rejected->message, environment);
    if (!again) return tl::make_unexpected(again.error());
    return fail(ErrorCode::invalid_input, "this is the record of a message that was refused (" + rejected->reason +
                                              "): submit the message again");
  }
  const Request& request = *context.request();
  if (request.environment != environment) {
    return fail(ErrorCode::invalid_input,
                "environment is \"" + request.environment + "\", this host takes " + environment);
  }
  render::StageResult result;
  if (!request.input.empty()) {
    VIVID_TRY(add_text(request.input, context.folder, result));
  }
  return finished(std::move(result));
}

Result<WorkResult> script_stage(const StageContext& context, const ScriptProvider& provider) {
  const Request* request = context.request();
  if (request == nullptr) return fail(ErrorCode::invalid_input, "a refused message has no script");
  VIVID_ASSIGN(const auto script, provider.write(*request));
  render::StageResult result;
  VIVID_TRY(write_file_durably(context.folder / kScriptFile, script.json));
  VIVID_ASSIGN(auto file, describe_output(context.folder, kScriptFile, "application/json"));
  result.files.push_back(std::move(file));
  result.warnings = script.warnings;
  VIVID_TRY(add_text(script.json, context.folder, result));
  return finished(std::move(result));
}

}  // namespace vivid::daemon
