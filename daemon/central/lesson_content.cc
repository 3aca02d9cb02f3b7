#include "daemon/central/lesson_content.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "daemon/pipeline/job_plan.h"
#include "render/protocol/messages.h"
#include "render/storyboard/language.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
// The platform's columns count characters; bytes are never fewer.
constexpr std::size_t kMaxTitleBytes = 500;
constexpr std::size_t kMaxLanguageBytes = 10;

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }
json seconds_or_null(double seconds) { return seconds > 0.0 ? json(std::lround(seconds)) : json(nullptr); }

// "zh-Hant" fits, "sr-Latn-RS" just so; what is longer goes by its first part.
json language_json(const std::string& language) {
  if (language.size() <= kMaxLanguageBytes) return text_or_null(language);
  return text_or_null(std::string(render::primary_language(language)));
}

std::string text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void add_published(const json& result, Lesson& lesson) {
  const auto published = result.find("published");
  if (published == result.end() || !published->is_array()) return;
  for (const json& file : *published) {
    const std::string name = text_member(file, "name");
    const Lesson::Url url{text_member(file, "object"), text_member(file, "uri")};
    // By name, not by type: the same thing may be there in other formats and sizes.
    if (name == "video.mp4") lesson.video = url;
    if (name == "narration.m4a") lesson.audio = url;
    if (name == "captions.vtt") lesson.captions = url;
    if (name == "thumbnail.jpg") lesson.thumbnail = url;
    if (name.starts_with("images/")) lesson.images.push_back(url);
  }
}

void add_stage(const queue::StageView& stage, Lesson& lesson) {
  if (stage.state == queue::StageState::failed) {
    lesson.warnings.push_back(stage.name + " failed: " + stage.error_message);
  }
  const auto result = render::stage_result_from_json(stage.result);
  if (stage.result.empty() || !result) return;
  for (const std::string& warning : result->warnings) {
    if (std::find(lesson.warnings.begin(), lesson.warnings.end(), warning) == lesson.warnings.end()) {
      lesson.warnings.push_back(warning);
    }
  }
  if (stage.name == render::kStageAudioSynthesis) {
    lesson.audio_language = result->language;
    lesson.audio_seconds = result->media_seconds;
  }
  if (stage.name == render::kStageVideoGeneration) {
    lesson.video_seconds = result->media_seconds;
    lesson.encoder = result->encoder;
    lesson.fallback_reason = result->fallback_reason;
  }
  const json kept = json::parse(stage.result, nullptr, false);
  if (stage.name == kStageScriptGeneration) {
    lesson.script = text_member(kept, "script");
    lesson.script_provider = text_member(kept, "script_provider");
  }
  if (stage.name == kStageVideoProcessing) add_published(kept, lesson);
}

void replace_nul(json& value) {
  if (value.is_string()) {
    std::string& text = value.get_ref<std::string&>();
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    for (std::size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) {
      text.replace(at, 1, kReplacement);
    }
  } else if (value.is_structured()) {
    for (json& each : value) replace_nul(each);
  }
}

}  // namespace

Lesson lesson_of(const queue::JobView& job, const Request& request) {
  Lesson lesson;
  lesson.script = request.input;
  for (const queue::StageView& stage : job.stages) add_stage(stage, lesson);
  lesson.topic_id = request.topic_id;
  if (auto object = render::extract_json_object(lesson.script)) lesson.script = std::move(*object);
  if (const auto storyboard = parse_lesson(lesson.script, request)) {
    lesson.title = storyboard->title;
    lesson.text = render::to_markdown(*storyboard);
    lesson.text_language = storyboard->language;
    if (lesson.topic_id.empty()) lesson.topic_id = storyboard->topic_id;
    lesson.delivered.push_back(Modality::text);
  }
  if (!lesson.audio.uri.empty()) lesson.delivered.push_back(Modality::audio);
  if (!lesson.video.uri.empty()) lesson.delivered.push_back(Modality::video);
  if (!lesson.images.empty()) lesson.delivered.push_back(Modality::images);
  return lesson;
}

json content_json(const Lesson& lesson, const Request& request, const std::string& bucket) {
  const std::string& title = lesson.title.empty() ? request.student_query : lesson.title;
  const Modality modality = contains(lesson.delivered, request.preferred) || request.modalities.empty()
                                ? request.preferred
                                : modality_from_text(job_class_of(request.modalities)).value_or(Modality::video);
  json images = json::array();
  for (const Lesson::Url& image : lesson.images) images.push_back(image.uri);
  // Where there is no video the sound, or the first picture, is what the path leads to.
  const std::string& first_image = lesson.images.empty() ? lesson.video.object : lesson.images.front().object;
  const std::string& object = !lesson.video.object.empty()   ? lesson.video.object
                              : !lesson.audio.object.empty() ? lesson.audio.object
                                                             : first_image;
  const double seconds = lesson.video_seconds > 0.0 ? lesson.video_seconds : lesson.audio_seconds;
  return {{"title", cut_between_characters(title, kMaxTitleBytes)},
          {"description", request.student_query},
          {"topic_id", text_or_null(lesson.topic_id)},
          {"topic_name", text_or_null(request.topic)},
          {"interest_id", text_or_null(request.interest)},
          {"modality_type", to_text(modality)},
          {"video_url", text_or_null(lesson.video.uri)},
          {"thumbnail_url", text_or_null(lesson.thumbnail.uri)},
          {"captions_url", text_or_null(lesson.captions.uri)},
          {"captions_format", lesson.captions.uri.empty() ? json(nullptr) : json("vtt")},
          {"audio_url", text_or_null(lesson.audio.uri)},
          {"image_urls", images},
          {"script_text", text_or_null(lesson.script)},
          {"text_content", text_or_null(lesson.text)},
          {"text_language", language_json(lesson.text_language)},
          {"audio_language", language_json(lesson.audio_language)},
          {"audio_duration_seconds", lesson.audio.uri.empty() ? json(nullptr) : seconds_or_null(lesson.audio_seconds)},
          {"duration_seconds", seconds_or_null(seconds)},
          {"gcs_bucket", object.empty() ? json(nullptr) : json(bucket)},
          {"gcs_path", text_or_null(object)},
          {"supported_formats", names_of(lesson.delivered)}};
}

std::string body_text(json body) {
  replace_nul(body);
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace vivid::daemon
