// What a claim takes, in which order, and what it leaves alone.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "sync/central/lease/leases.h"
#include "tests/integration/central/central_fixture.h"

namespace vivid::test {
namespace {

using sync::ClaimedRequest;
using sync::ClaimOptions;
using sync::RequestPath;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LeaseClaim : public CentralTest {
 protected:
  std::vector<ClaimedRequest> claim(int limit, RequestPath path = RequestPath::media,
                                    const std::string& environment = "dev") const {
    sync::Session session = open();
    ClaimOptions options;
    options.limit = limit;
    options.path = path;
    options.environment = environment;
    auto claimed = sync::claim(session, node(), options);
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? *claimed : std::vector<ClaimedRequest>{};
  }
  static std::vector<std::string> ids(const std::vector<ClaimedRequest>& requests) {
    std::vector<std::string> found;
    for (const ClaimedRequest& request : requests) found.push_back(request.id);
    return found;
  }
};

TEST_F(LeaseClaim, TakesARequestAndSaysSo) {
  const std::string id = add_request();
  const auto claimed = claim(5);
  ASSERT_THAT(ids(claimed), ElementsAre(id));
  EXPECT_GT(claimed[0].fence, 0);
  EXPECT_EQ(claimed[0].crashes, 0);
  EXPECT_EQ(value("SELECT status FROM content_requests"), "validating");
  EXPECT_EQ(value("SELECT started_at IS NOT NULL FROM content_requests"), "t");
  EXPECT_EQ(value("SELECT node_id || ' ' || path || ' ' || state || ' ' || fence FROM vividd.request_lease"),
            "node-a media leased " + std::to_string(claimed[0].fence));
  EXPECT_EQ(value("SELECT source_host FROM request_events WHERE event_type = 'request_claimed'"), "node-a.example.org");
  EXPECT_EQ(value("SELECT organization_id FROM vividd.metrics_touch"), "org");
  EXPECT_THAT(claim(5), IsEmpty());
}

}  // namespace
}  // namespace vivid::test
