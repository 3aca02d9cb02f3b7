#include "daemon/vividctl/request_view.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace vivid::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string shown_with(const Json& modalities, const Json& preferred) {
  const Json request = {{"id", "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01"},
                        {"status", "failed"},
                        {"requested_modalities", modalities},
                        {"preferred_modality", preferred}};
  return render_request({{"now", "2026-11-21T00:10:00+00:00"}, {"request", request}}, Terminal{});
}

TEST(RequestView, NamesWhatWasAskedForAndWhatCountsMost) {
  EXPECT_THAT(shown_with({"text", "video"}, "video"), HasSubstr("text, video; prefers video"));
}

TEST(RequestView, ShowsAnythingButAListAsItStands) {
  EXPECT_THAT(shown_with("text", "video"), HasSubstr("\"text\"; prefers video"));
}

TEST(RequestView, SaysNothingOfAPreferenceThatNobodyNamed) {
  EXPECT_THAT(shown_with({"text"}, nullptr), Not(HasSubstr("prefers")));
}

}  // namespace
}  // namespace vivid::ctl
