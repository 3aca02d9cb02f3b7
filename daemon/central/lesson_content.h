// What a finished lesson consists of, and how content_metadata tells of it.
//
// Threads: pure functions over values.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "daemon/intake/request.h"
#include "queue/job_queue.h"

namespace vivid::daemon {

inline constexpr std::string_view kStageTextGeneration = "text_generation";  // the text path's own

struct Lesson {
  std::string title;
  std::string topic_id;  // of the request, else of the script; empty: neither says one
  std::string script;    // JSON
  std::string script_provider = "request";
  std::string text;  // Markdown
  std::string text_language = "en";
  std::string audio_language;
  double video_seconds = 0.0;
  double audio_seconds = 0.0;
  std::string encoder;
  std::string fallback_reason;
  std::vector<std::string> warnings;
  std::vector<Modality> delivered;

  struct Url {
    std::string object;  // in the bucket
    std::string uri;
  };
  Url video;
  Url thumbnail;
  Url captions;
  Url audio;
  std::vector<Url> images;
};

// Of a job of the queue that has completed.
Lesson lesson_of(const queue::JobView& job, const Request& request);

// The member "content" of a final delivery, but for generation_metadata.
nlohmann::json content_json(const Lesson& lesson, const Request& request, const std::string& bucket);

// As text that PostgreSQL takes: without the character NUL, which its texts cannot hold.
std::string body_text(nlohmann::json body);

}  // namespace vivid::daemon
