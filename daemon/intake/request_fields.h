// Reads the fields of a request message one by one and gathers what is wrong with them.
//
// Threads: one object, one thread. The JSON object must outlive it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/intake/modality.h"

namespace vivid::daemon {

class RequestFields {
 public:
  explicit RequestFields(const nlohmann::json& message) : message_(message) {}

  // Missing, null, empty, not a string or too long: a problem. The value, trimmed.
  std::string required_text(const char* name, std::size_t max_bytes);
  // As above, but may be missing or null.
  std::string optional_text(const char* name, std::size_t max_bytes);
  int required_integer(const char* name, int lowest, int highest);
  // null, missing or empty means video; "image" means images; repeats collapse.
  std::vector<Modality> modalities(const char* name);
  Modality preferred(const char* name, const std::vector<Modality>& requested);
  // The script or storyboard, as object or text, of the message or of its request_metadata; the storyboard wins.
  std::string input();
  // Of the message or of its request_metadata.
  std::string topic_id(std::size_t max_bytes);

  void add_problem(std::string problem) { problems_.push_back(std::move(problem)); }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  const nlohmann::json* find(const nlohmann::json& object, const char* name) const;

  const nlohmann::json& message_;
  std::vector<std::string> problems_;
};

// The value as a message shows it: JSON, cut to a bearable length.
std::string shown(const nlohmann::json& value);

}  // namespace vivid::daemon
