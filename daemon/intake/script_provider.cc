#include "daemon/intake/script_provider.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
constexpr std::size_t kMaxTitleBytes = 120;

// Cut at a space before the limit, never inside a character.
std::string shortened(const std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const std::size_t space = text.rfind(' ', max_bytes);
  if (space != std::string::npos) return text.substr(0, space) + "…";
  return std::string(cut_between_characters(text, max_bytes)) + "…";
}

class TemplateScriptProvider : public ScriptProvider {
 public:
  Result<ProvidedScript> write(const Request& request) const override {
    const std::string& question = request.student_query;
    const std::string example = request.interest.empty() ? "something you know well" : request.interest;
    json script = {{"title", shortened(question, kMaxTitleBytes)},
                   {"interest", request.interest},
                   {"language", "en"},
                   {"hook", "Today's question is about an idea you can also find in " + example + "."},
                   {"sections",
                    {{{"title", "The question"}, {"content", question}, {"duration_seconds", 10}},
                     {{"title", "How to approach it"},
                      {"content",
                       "Say first what you already know. Name the quantities or the parts, and how they act on one "
                       "another. Then look for an example in " +
                           example + ", and test the idea on it."},
                      {"duration_seconds", 20}}}},
                   {"key_takeaways", {"State the question in your own words", "Try the idea on an example you know"}}};
    if (request.preferences.duration_seconds > 0) {
      script["duration_estimate_seconds"] = request.preferences.duration_seconds;
    }
    ProvidedScript provided;
    provided.json = script.dump(-1, ' ', false, json::error_handler_t::replace);
    provided.provider = "template";
    provided.warnings.push_back(
        "the script was filled into a plain template: the request has none and no language model is configured");
    return provided;
  }
};

}  // namespace

std::unique_ptr<ScriptProvider> make_template_script_provider() { return std::make_unique<TemplateScriptProvider>(); }

}  // namespace vivid::daemon
