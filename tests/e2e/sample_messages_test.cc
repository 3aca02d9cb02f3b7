// The messages that the platform itself is tested with, from vividctl to their end.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "tests/e2e/central_fixture.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;

constexpr const char* kVideo = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01";  // from a client that names no modalities
constexpr const char* kText = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a02";
constexpr const char* kVideoAsked = "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a03";
constexpr const char* kGood =
    R"({"request_id": "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a01", "correlation_id": "req_test1", "student_id": "student_1", )"
    R"("student_query": "Explain photosynthesis for basketball fans", "grade_level": 10, "interest": "basketball", )"
    R"("environment": "dev"})"
    "\n"
    R"({"request_id": "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a02", "correlation_id": "req_test2", "student_id": "student_2", )"
    R"("student_query": "Explain cellular respiration for soccer fans", "grade_level": 10, "interest": "soccer", )"
    R"("environment": "dev", "requested_modalities": ["text"], "preferred_modality": "text"})"
    "\n"
    R"({"request_id": "3f0c5a52-8f6e-4c3e-9a54-0b6f9f0f7a03", "correlation_id": "req_test3", "student_id": "student_3", )"
    R"("student_query": "Explain Newton's laws for football fans", "grade_level": 10, "interest": "football", )"
    R"("environment": "dev", "requested_modalities": ["video"], "preferred_modality": "video"})"
    "\n";
// A daemon elsewhere tried it again for hours.
constexpr const char* kPoison =
    R"({"request_id": "test-smoke-002", "correlation_id": "req_poison", "student_id": "student_4", )"
    R"("student_query": "Explain gravity", "grade_level": 10, "environment": "dev"})"
    "\n";
constexpr int kInvalidInput = 8;

struct Ran {
  int status = -1;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ran.output.append(buffer.data(), got);
  ran.status = WEXITSTATUS(::pclose(pipe));
  return ran;
}

int times(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

class SampleMessages : public Central {
 protected:
  // vividctl request --message with these messages.
  Ran request(const DaemonProcess& daemon, const std::string& messages, const std::string& options) const {
    const std::string file = (daemon.folder() / "messages.jsonl").string();
    std::ofstream(file) << messages;
    return run(std::string(VIVID_BINARY_DIR) + "/bin/vividctl --socket " + (daemon.folder() / "control.sock").string() +
               " request --message " + file + " " + options);
  }
  static void expect_named_once(const std::string& output) {
    EXPECT_EQ(times(output, "request_id is \"test-smoke-002\""), 1) << output;
    EXPECT_NE(output.find("allowed is a UUID"), std::string::npos) << output;
  }
};

TEST_F(SampleMessages, RowsOfThemAreCarriedToTheirEnd) {
  DaemonProcess daemon;
  configure(daemon);
  daemon.start();
  const Ran ran = request(daemon, std::string(kGood) + kPoison,
                          "--database \"" + url() + "\" --create-student --wait --timeout 2m");
  EXPECT_EQ(ran.status, kInvalidInput) << ran.output;
  expect_named_once(ran.output);
  for (const char* id : {kVideo, kText, kVideoAsked}) {
    EXPECT_EQ(of(id, "status"), "completed") << ran.output;
    EXPECT_EQ(of(id, "retry_count"), "0");
  }
  for (const char* id : {kVideo, kVideoAsked}) {
    EXPECT_TRUE(of(id, "video_url").ends_with("/video.mp4"));
    EXPECT_EQ(of(id, "output_formats @> '[\"video\"]'"), "t");
  }
  EXPECT_EQ(of(kText, "video_url"), "");
  EXPECT_EQ(of(kText, "output_formats"), "[\"text\"]");
  EXPECT_EQ(value("SELECT request_id || ' ' || usd FROM vividd.request_cost WHERE entry = 'saving'"),
            std::string(kText) + " 0.183");
  EXPECT_EQ(value("SELECT count(*) FROM content_requests"), "3");
  EXPECT_EQ(audit(), "");
}

TEST_F(SampleMessages, PoisonSentToTheHostIsOneDeadLetterThatNobodyTriesAgain) {
  DaemonProcess daemon;
  configure(daemon);
  daemon.start();
  auto control = daemon.client();
  ASSERT_TRUE(control.result("status", json::object()).is_object());
  for (int i = 0; i < 2; ++i) {
    const Ran ran = request(daemon, kPoison, "--via socket");
    EXPECT_EQ(ran.status, kInvalidInput) << ran.output;
    expect_named_once(ran.output);
  }
  ASSERT_TRUE(daemon.wait_for_log("job ended"));
  // A request that came later is over: nothing waits that would be tried again before it.
  ASSERT_EQ(request(daemon, kGood, "--via socket --wait --timeout 2m").status, 0);
  const json dead = control.result("dead.list", json::object())["jobs"];
  ASSERT_EQ(dead.size(), 1U) << dead.dump();
  EXPECT_EQ(dead[0]["error"]["code"], "invalid_input");
  const json shown = control.result("job.show", {{"job", dead[0]["job"]}});
  EXPECT_EQ(shown["attempts"].size(), 1U) << shown.dump();
  EXPECT_EQ(value("SELECT count(*) FROM content_requests"), "0");
  EXPECT_EQ(audit(), "");
}

}  // namespace
}  // namespace vivid::e2e
