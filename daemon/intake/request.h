// A request message, checked whole: what is asked for, by whom, in which form.
//
// Threads: pure functions over values; parsing a large script takes milliseconds, so not on the event loop.
// Errors: invalid_input with every problem of the message at once, each naming the field, its value and what is
// allowed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/uuid.h"
#include "daemon/intake/modality.h"
#include "daemon/intake/preferences.h"
#include "render/storyboard/storyboard.h"

namespace vivid::daemon {

inline constexpr int kDefaultPriority = 5;
inline constexpr std::size_t kMaxIdBytes = 256;
inline constexpr std::size_t kMaxQueryBytes = 16 * 1024;
inline constexpr std::size_t kMaxMessageBytes = 4 * 1024 * 1024;

struct Request {
  Uuid id;
  std::string correlation_id;  // the id's text when the message has none
  std::string student_id;
  std::string student_query;
  int grade_level = 9;
  std::string interest;
  std::string environment;
  std::vector<Modality> modalities{Modality::video};  // without repeats, as asked
  Modality preferred = Modality::video;
  int priority = kDefaultPriority;
  // The script or storyboard as its author wrote it; empty: one is to be written.
  std::string input;
  std::string topic;     // as the platform puts it; empty: only the query is known
  std::string topic_id;  // the catalogue's; empty: the script may name one
  Preferences preferences;
  std::vector<std::string> warnings;  // what of the message was left out
};

// The message {"request_id", "student_id", …} as JSON text. `environment` is this host's: others are refused. A script
// or storyboard in it is checked too.
Result<Request> parse_request(std::string_view message, const std::string& environment);

// The lesson that a script or storyboard amounts to, for this request: in the student's language where it names none.
Result<render::Storyboard> parse_lesson(std::string_view script, const Request& request);

// request_id and correlation_id of a message that may be wrong otherwise; empty where there is none. For recording it.
struct MessageIdentity {
  std::string request_id;
  std::string correlation_id;
};
MessageIdentity identity_of(std::string_view message);

}  // namespace vivid::daemon
