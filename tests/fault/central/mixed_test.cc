// Many requests of every kind over two hosts that are killed again and again, and then the books are audited.
#include <signal.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/fault/central/fleet_fixture.h"

namespace vivid::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// So many at once, of four kinds: of ten, eight are text, one is a video, one is an image; each hundredth is wrong.
constexpr const char* kAddMixed =
    "INSERT INTO content_requests (correlation_id, topic, student_id, organization_id, requested_modalities,"
    "  preferred_modality, grade_level, request_metadata)"
    " SELECT gen_random_uuid()::text, 'Topic ' || i, 'student', CASE WHEN i % 3 = 0 THEN NULL ELSE 'org' END,"
    "  CASE WHEN i % 100 = 7 THEN '[\"hologram\"]' WHEN i % 10 = 1 THEN '[\"video\"]' WHEN i % 10 = 2 THEN "
    "'[\"images\"]'"
    "       ELSE '[\"text\"]' END::jsonb,"
    "  CASE WHEN i % 10 = 1 THEN 'video' WHEN i % 10 = 2 THEN 'images' ELSE 'text' END, '10',"
    "  jsonb_build_object('script', '";

TEST_F(FleetTest, ManyRequestsOverHostsThatAreKilledEndOnceEach) {
  const int requests = setting("VIVID_FLEET_REQUESTS", 200);
  const seconds killing(setting("VIVID_FLEET_KILL_SECONDS", 12));
  const int seed = setting("VIVID_FLEET_SEED", 20261121);
  RecordProperty("seed", seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  add_host("host-a").start();
  add_host("host-b").start();
  sql(kAddMixed + e2e::short_script().dump() + "'::jsonb) FROM generate_series(1, " + std::to_string(requests) +
      ") AS i");

  int kills = 0;
  for (const auto end = steady_clock::now() + killing; steady_clock::now() < end; ++kills) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(500, 3'000)(random)));
    e2e::DaemonProcess& victim = host(random() % 2 == 0 ? "host-a" : "host-b");
    victim.kill_now();
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(0, 1'000)(random)));
    victim.start();
  }
  RecordProperty("kills", kills);
  ASSERT_TRUE(wait_until_all_over(seconds(setting("VIVID_FLEET_LIMIT_SECONDS", 300))));
  wait_for("SELECT count(*) FROM vividd.metrics_touch", "0", seconds(60));
  EXPECT_EQ(audit(), std::vector<std::string>{});
  EXPECT_EQ(count("SELECT count(*) FROM content_requests WHERE status = 'failed'"), (requests + 93) / 100);
  EXPECT_EQ(count("SELECT count(*) FROM content_requests WHERE status = 'completed'"),
            requests - (requests + 93) / 100);
}

}  // namespace
}  // namespace vivid::test
