#include "render/speech/narration_file.h"

#include <nlohmann/json.hpp>

#include "base/files.h"

namespace vivid::render {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

// Several times what the longest allowed input leads to.
constexpr std::uint64_t kMaxFileBytes = 256ULL * 1024 * 1024;

microseconds time_at(const json& object, const char* key) { return microseconds(object.at(key).get<std::int64_t>()); }

json to_json(const SpokenUtterance& utterance) {
  json words = json::array();
  for (const SpokenWord& word : utterance.words) {
    words.push_back({word.text_offset, word.text_length, word.start.count(), word.end.count()});
  }
  return {{"scene", utterance.scene},        {"index", utterance.index},
          {"text", utterance.text},          {"start_us", utterance.start.count()},
          {"end_us", utterance.end.count()}, {"words", std::move(words)}};
}

SpokenUtterance utterance_from(const json& object) {
  SpokenUtterance utterance;
  utterance.scene = object.at("scene").get<int>();
  utterance.index = object.at("index").get<int>();
  utterance.text = object.at("text").get<std::string>();
  utterance.start = time_at(object, "start_us");
  utterance.end = time_at(object, "end_us");
  for (const json& word : object.at("words")) {
    utterance.words.push_back({word.at(0).get<std::size_t>(), word.at(1).get<std::size_t>(),
                               microseconds(word.at(2).get<std::int64_t>()),
                               microseconds(word.at(3).get<std::int64_t>())});
    const SpokenWord& last = utterance.words.back();
    if (last.text_offset > utterance.text.size() || last.text_length > utterance.text.size() - last.text_offset) {
      throw std::out_of_range("a word outside its text");
    }
  }
  return utterance;
}

Narration narration_from(const json& object) {
  Narration narration;
  narration.sample_rate_hz = object.at("sample_rate_hz").get<int>();
  narration.samples = object.at("samples").get<std::int64_t>();
  narration.characters = object.at("characters").get<std::int64_t>();
  narration.voice = object.at("voice").get<std::string>();
  narration.language = object.value("language", "en");
  narration.warnings = object.at("warnings").get<std::vector<std::string>>();
  for (const json& scene : object.at("scenes")) {
    narration.scenes.push_back({time_at(scene, "start_us"), time_at(scene, "end_us")});
  }
  for (const json& utterance : object.at("utterances")) narration.utterances.push_back(utterance_from(utterance));
  for (const json& one : object.value("descriptions", json::array())) {
    narration.descriptions.push_back(utterance_from(one));
  }
  return narration;
}

}  // namespace

Status save_narration(const Narration& narration, const std::filesystem::path& directory) {
  json scenes = json::array();
  for (const SceneSpan& scene : narration.scenes) {
    scenes.push_back({{"start_us", scene.start.count()}, {"end_us", scene.end.count()}});
  }
  json utterances = json::array();
  for (const SpokenUtterance& utterance : narration.utterances) utterances.push_back(to_json(utterance));
  json descriptions = json::array();
  for (const SpokenUtterance& description : narration.descriptions) descriptions.push_back(to_json(description));
  const json object{{"sample_rate_hz", narration.sample_rate_hz},
                    {"samples", narration.samples},
                    {"characters", narration.characters},
                    {"voice", narration.voice},
                    {"language", narration.language},
                    {"warnings", narration.warnings},
                    {"scenes", std::move(scenes)},
                    {"utterances", std::move(utterances)},
                    {"descriptions", std::move(descriptions)}};
  return write_file_durably(directory / kNarrationJson, object.dump(1, ' ', false, json::error_handler_t::replace));
}

Result<Narration> load_narration(const std::filesystem::path& directory) {
  const auto path = directory / kNarrationJson;
  VIVID_ASSIGN(const std::string text, read_file(path, kMaxFileBytes));
  try {
    return narration_from(json::parse(text));
  } catch (const std::exception& error) {
    return fail(ErrorCode::data_corrupt, path.string() + " is no narration: " + error.what());
  }
}

}  // namespace vivid::render
