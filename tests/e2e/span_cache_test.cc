// A lesson that is rendered again after an edit costs the edit, and an operator sees and clears what is kept.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "base/uuid.h"
#include "tests/e2e/daemon_process.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;
// What the cache leaves to others, and some more.
constexpr std::uint64_t kFreeBytes = std::uint64_t{3} << 30;

json script(const std::string& last) {
  json sections = json::array();
  for (const std::string& text : {std::string("Every force has a partner."), std::string("It pushes back as hard."),
                                  std::string("Walls push too."), last}) {
    sections.push_back({{"title", "Part"}, {"content", text}, {"duration_seconds", 6}});
  }
  return {{"title", "Forces"}, {"topic_id", "topic_phys_forces"}, {"sections", sections}};
}

class SpanCacheOfADaemon : public testing::Test {
 protected:
  void SetUp() override {
    const auto free = free_bytes(daemon_.folder());
    if (!free || *free < kFreeBytes) GTEST_SKIP() << "the disk is too full to keep anything";
    daemon_.start();
  }

  void render(const std::string& last) {
    const std::string id = Uuid::random().to_text();
    daemon_.client().result("job.submit", {{"request", request(id, script(last), {"video"})}});
    EXPECT_EQ(daemon_.wait_for_end(id)["state"], "completed");
  }

  // The value of a line of the metrics, by what stands before it; -1: there is none.
  double metric(const std::string& line) {
    const std::string http = daemon_.client().result("status", json::object())["http"];
    std::FILE* pipe = ::popen(("curl -sS http://" + http + "/metrics").c_str(), "r");
    std::string text;
    for (std::array<char, 4096> piece{}; const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe);) {
      text.append(piece.data(), count);
    }
    ::pclose(pipe);
    const std::size_t at = text.find("\n" + line + " ");
    return at == std::string::npos ? -1.0 : std::stod(text.substr(at + line.size() + 2));
  }

  DaemonProcess daemon_;
};

TEST_F(SpanCacheOfADaemon, ServesALessonThatWasEdited) {
  if (std::system("command -v curl > /dev/null") != 0) GTEST_SKIP() << "curl is not installed";
  const std::string hits = R"(vividd_span_cache_lookups_total{outcome="hit"})";
  const std::string misses = R"(vividd_span_cache_lookups_total{outcome="miss"})";
  render("A ball bounces.");
  const double all = metric(misses);
  EXPECT_GE(all, 4.0);
  EXPECT_LE(metric(hits), 0.0);
  render("A ball rests.");
  EXPECT_GE(metric(hits), 1.0);
  EXPECT_GE(metric(misses), all + 1.0);
  EXPECT_LT(metric(misses), 2.0 * all);

  auto control = daemon_.client();
  const json kept = control.result("cache.status", json::object());
  EXPECT_EQ(kept["enabled"], true);
  EXPECT_EQ(kept["entries"].get<double>(), metric(misses));
  const json removed = control.result("cache.clear", json::object());
  EXPECT_EQ(removed["removed"], kept["entries"]);
  EXPECT_EQ(removed["bytes"], kept["bytes"]);
  EXPECT_EQ(control.result("cache.status", json::object())["entries"], 0);
}

}  // namespace
}  // namespace vivid::e2e
