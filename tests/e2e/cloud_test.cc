// vividd with its results in a bucket: a stand-in for Google Cloud Storage that is stricter than the real one.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/uuid.h"
#include "tests/e2e/daemon_process.h"
#include "tests/support/gcs/gcs_stand_in.h"

namespace vivid::e2e {
namespace {

using nlohmann::json;
using test::GcsStandIn;

void use_bucket(DaemonProcess& daemon, const GcsStandIn& bucket) {
  daemon.set("VIVIDD_STORAGE_URL", "gs://lessons/spring");
  daemon.set("STORAGE_EMULATOR_HOST", bucket.url());
}

TEST(Cloud, LessonGoesIntoTheBucketAndItsManifestLast) {
  GcsStandIn bucket;
  DaemonProcess daemon;
  use_bucket(daemon, bucket);
  daemon.start();
  const std::string id = Uuid::random().to_text();
  auto control = daemon.client();
  control.result("job.submit", {{"input", short_script().dump()}, {"request_id", id}});
  ASSERT_EQ(daemon.wait_for_end(id)["state"], "completed");
  const std::string prefix = "spring/requests/" + id + "/0/";
  const auto names = bucket.names();
  for (const char* name : {"video.mp4", "captions.vtt", "thumbnail.jpg", "narration.m4a", "text.md", "manifest.json"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), prefix + name), 1) << name;
  }
  const auto manifest = json::parse(bucket.object(prefix + "manifest.json")->bytes);
  EXPECT_EQ(bucket.history().back(), prefix + "manifest.json");
  for (const json& file : manifest["files"]) {
    const auto stored = bucket.object(file["object"].get<std::string>());
    ASSERT_TRUE(stored) << file;
    EXPECT_EQ(file["uri"], "gs://lessons/" + file["object"].get<std::string>());
    EXPECT_EQ(stored->crc32c, file["crc32c"]);
    EXPECT_EQ(stored->size, file["size_bytes"]);
    EXPECT_EQ(stored->metadata["contentType"], file["content_type"]);
    EXPECT_EQ(stored->metadata["cacheControl"], "private, max-age=3600");
    EXPECT_EQ(stored->metadata["metadata"], (json{{"request", id}, {"fence", "0"}, {"sha256", file["sha256"]}}));
  }
  EXPECT_EQ(bucket.violations(), std::vector<std::string>());
}

}  // namespace
}  // namespace vivid::e2e
