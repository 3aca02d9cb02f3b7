#include "daemon/pipeline/stage_work.h"

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "render/storyboard/storyboard.h"

namespace vivid::daemon {
namespace {

WorkResult finished(render::StageResult result) {
  std::string json = render::to_json(result);
  return {std::move(result), std::move(json)};
}

// The stage's JSON with more members than its result has.
WorkResult kept_with(render::StageResult result, const nlohmann::json& more) {
  nlohmann::json kept = nlohmann::json::parse(render::to_json(result), nullptr, false);
  kept.update(more);
  return {std::move(result), kept.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

// The text is a result of every lesson, and cheap: whoever cannot watch can read.
Status add_text(const std::string& script, const Request& request, const std::filesystem::path& folder,
                render::StageResult& result) {
  VIVID_ASSIGN(const auto storyboard, parse_lesson(script, request));
  VIVID_TRY(write_file_durably(folder / kTextFile, render::to_markdown(storyboard)));
  VIVID_ASSIGN(auto file, describe_output(folder, kTextFile, "text/markdown"));
  result.files.push_back(std::move(file));
  result.warnings.insert(result.warnings.end(), storyboard.warnings.begin(), storyboard.warnings.end());
  return {};
}

}  // namespace

Result<WorkResult> validate_stage(const StageContext& context, const std::string& environment) {
  if (const auto* rejected = std::get_if<RejectedMessage>(&context.payload)) {
    // A claimed request keeps its id and fails for what was found then; whoever mends it lets it be claimed anew.
    if (context.lease.fence > 0) return fail(ErrorCode::invalid_input, rejected->reason);
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
  result.warnings = request.warnings;
  if (!request.input.empty()) {
    VIVID_TRY(add_text(request.input, request, context.folder, result));
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
  VIVID_TRY(add_text(script.json, *request, context.folder, result));
  // Whoever tells of the result needs the script after the job's files are gone.
  return kept_with(std::move(result), {{"script", script.json}, {"script_provider", script.provider}});
}

}  // namespace vivid::daemon
