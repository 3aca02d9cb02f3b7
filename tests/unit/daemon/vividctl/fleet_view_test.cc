#include "daemon/vividctl/fleet_view.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace vivid::ctl {
namespace {

using ::testing::HasSubstr;

Json fleet() {
  return Json::parse(R"({
  "now": "2026-11-21T00:10:00+00:00",
  "nodes": [
    {"node_id": "render-01", "host": "render-01", "version": "0.1.0", "state": "alive", "doubled": false,
     "capacity": {"render": 2, "cpu": 8}, "load": {"render": 1, "jobs_waiting": 3, "outbox_rows": 0,
     "disk_free_bytes": 84000000000}, "leases": {"media": 1, "text": 40, "lapsed": 0},
     "started_at": "2026-11-20T21:10:00+00:00", "last_seen": "2026-11-21T00:09:52+00:00"},
    {"node_id": "render-02", "host": "gpu-7", "version": "0.1.0", "state": "gone", "doubled": false, "capacity": {},
     "load": {}, "leases": {"media": 2, "text": 0, "lapsed": 2}, "started_at": "2026-11-20T21:10:00+00:00",
     "last_seen": "2026-11-21T00:05:00+00:00"}],
  "leases": {"live": 41, "lapsed": 2, "lapsed_since": "2026-11-21T00:06:00+00:00"},
  "waiting": {"media": 1204, "media_oldest": "2026-11-21T00:00:00+00:00", "text": 0, "text_oldest": null},
  "gate": {"open": false, "silent": false, "opens_at": "2026-11-21T00:10:40+00:00"}})");
}

TEST(FleetView, ShowsWhoWorksAndWhoIsGone) {
  const std::string text = render_fleet(fleet(), Terminal{});
  EXPECT_THAT(text, HasSubstr("render 1/2 cpu 0/8"));
  EXPECT_THAT(text, HasSubstr("41 (40 text)"));
  EXPECT_THAT(text, HasSubstr("render-02 (gpu-7)  gone"));
  EXPECT_THAT(text, HasSubstr("2, 2 lapsed"));
  EXPECT_THAT(text, HasSubstr("1,204 media (the oldest: 10m ago); no text"));
  EXPECT_THAT(text, HasSubstr("41 held, 2 lapsed, the first 4m ago"));
  EXPECT_THAT(text, HasSubstr("closed, opens in 40s"));
}

TEST(FleetView, SaysWhenNobodyRenewsAndWhenADaemonIsThereTwice) {
  Json shown = fleet();
  shown["gate"] = {{"open", false}, {"silent", true}, {"last_renewal_at", "2026-11-21T00:05:00+00:00"}};
  shown["nodes"][0]["doubled"] = true;
  const std::string text = render_fleet(shown, Terminal{});
  EXPECT_THAT(text, HasSubstr("no host has renewed a lease since 2026-11-21 00:05:00 UTC (5m ago)"));
  EXPECT_THAT(text, HasSubstr("alive, twice"));
}

TEST(FleetView, AnEmptyFleetIsSaidToBeOne) {
  EXPECT_THAT(render_fleet(Json::object(), Terminal{}), HasSubstr("no host has ever said hello"));
}

}  // namespace
}  // namespace vivid::ctl
