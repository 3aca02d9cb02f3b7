// vividd with its results in a bucket: a stand-in for Google Cloud Storage that is stricter than the real one.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/uuid.h"
#include "tests/e2e/daemon_process.h"
#include "tests/support/gcs/gcs_stand_in.h"
#include "tests/support/gcs/token_stand_in.h"

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

// Every file that can be read below a folder in which files come and go; walked anew where one goes meanwhile.
std::string everything_below(const std::filesystem::path& folder) {
  for (int walk = 0; walk < 100; ++walk) {
    std::string all;
    std::error_code error;
    std::filesystem::recursive_directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
      std::error_code gone;
      if (!entry->is_regular_file(gone) || entry->path().string().find("/uploads/") != std::string::npos) continue;
      std::ifstream file(entry->path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    if (!error) return all;
  }
  ADD_FAILURE() << folder << " never stood still";
  return {};
}

// What vividd wrote anywhere: its log, its folder, and what it says of itself over HTTP and the socket.
std::string everything_said(DaemonProcess& daemon) {
  std::string all = daemon.log() + everything_below(daemon.folder());
  for (const char* name : {"cmdline", "environ"}) {
    std::ifstream file("/proc/" + std::to_string(daemon.pid()) + "/" + name, std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  auto control = daemon.client();
  all += control.result("status", json::object()).dump() + control.result("job.list", json::object()).dump();
  return all;
}

TEST(Cloud, SecretsAreNowhereInWhatIsWritten) {
  test::TokenStandIn tokens;
  GcsStandIn::Options options;
  options.tokens = {"nobody-has-this"};
  GcsStandIn bucket(options);
  DaemonProcess daemon;
  const std::string key = test::make_rsa_key();
  const auto file =
      std::filesystem::path(daemon.folder()).parent_path() / (daemon.folder().filename().string() + "-credential.json");
  std::ofstream(file) << json{{"type", "service_account"},
                              {"client_email", "lessons@p"},
                              {"private_key_id", "planted-key-id"},
                              {"private_key", key},
                              {"token_uri", tokens.url() + "/token"}};
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  daemon.set("VIVIDD_STORAGE_URL", "gs://lessons");
  daemon.set("VIVIDD_STORAGE_ENDPOINT", bucket.url());
  daemon.set("VIVIDD_GOOGLE_CREDENTIALS", file.string());
  daemon.set("VIVIDD_LOG_LEVEL", "debug");
  daemon.start();
  // First the bucket refuses every token, and quotes it.
  const std::string refused = Uuid::random().to_text();
  daemon.client().result("job.submit", {{"input", short_script().dump()}, {"request_id", refused}});
  EXPECT_EQ(daemon.wait_for_end(refused)["state"], "failed");
  ASSERT_FALSE(tokens.tokens().empty());
  bucket.accept_token(tokens.tokens().back());
  const std::string id = Uuid::random().to_text();
  daemon.client().result("job.submit", {{"input", short_script().dump()}, {"request_id", id}});
  EXPECT_EQ(daemon.wait_for_end(id)["state"], "completed");
  const std::string said = everything_said(daemon);
  EXPECT_GT(said.size(), 1000U);
  for (const std::string& token : tokens.tokens()) EXPECT_EQ(said.find(token), std::string::npos);
  for (const std::string& uri : bucket.session_uris()) {
    EXPECT_EQ(said.find(uri.substr(uri.find("upload_id="))), std::string::npos);
  }
  // Any line of the key.
  EXPECT_EQ(said.find(key.substr(100, 40)), std::string::npos);
  const std::string form = tokens.bodies("/token").at(0);
  EXPECT_EQ(said.find(form.substr(form.find("assertion=") + 10)), std::string::npos);
  std::filesystem::remove(file);
}

// Bytes of the upload that is interrupted: VIVID_CLOUD_KILL_BYTES for a larger one.
std::uint64_t bytes_to_upload() {
  const char* value = std::getenv("VIVID_CLOUD_KILL_BYTES");
  return value == nullptr ? 48ULL << 20 : std::strtoull(value, nullptr, 10);
}

// Until the bucket keeps so much of uploads that are under way.
bool wait_for_kept(const GcsStandIn& bucket, std::uint64_t bytes) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (bucket.kept_bytes() < bytes) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

TEST(Cloud, UploadGoesOnWhereAKillInterruptedIt) {
  const std::uint64_t bytes = bytes_to_upload();
  GcsStandIn::Options options;
  options.keep_bytes = 64 * 1024;
  GcsStandIn bucket(options);
  DaemonProcess daemon;
  use_bucket(daemon, bucket);
  daemon.set("VIVIDD_STORAGE_CHUNK", "1MiB");
  // So slow that the kill comes in the middle, whatever the machine.
  daemon.set("VIVIDD_STORAGE_BANDWIDTH", std::to_string(bytes / 5));
  daemon.set("VIVIDD_STAGES_VIDEO_PROCESSING_START_TO_CLOSE", "10m");
  daemon.set("VIVIDD_PATHS_WORKER", LARGE_FILE_WORKER);
  daemon.set("VIVID_TEST_VIDEO_BYTES", std::to_string(bytes));
  daemon.start();
  const std::string id = Uuid::random().to_text();
  daemon.client().result("job.submit", {{"input", short_script().dump()}, {"request_id", id}});
  ASSERT_TRUE(wait_for_kept(bucket, bytes / 3));
  daemon.kill_now();
  const std::uint64_t before = bucket.body_bytes();
  daemon.start();
  ASSERT_EQ(daemon.wait_for_end(id)["state"], "completed");
  const auto video = bucket.object("spring/requests/" + id + "/0/video.mp4");
  ASSERT_TRUE(video);
  EXPECT_EQ(video->size, bytes);
  const auto manifest = json::parse(bucket.object("spring/requests/" + id + "/0/manifest.json")->bytes);
  for (const json& each : manifest["files"]) {
    if (each["name"] == "video.mp4") {
      EXPECT_EQ(each["crc32c"], video->crc32c);
    }
  }
  // One session for the one large file, and what was kept was not sent again.
  EXPECT_EQ(bucket.requests(test::Operation::start), 1);
  EXPECT_LT(bucket.body_bytes() - before, bytes * 3 / 4);
  EXPECT_EQ(bucket.violations(), std::vector<std::string>());
  std::printf("%llu bytes: %llu sent before the kill, %llu after it\n", static_cast<unsigned long long>(bytes),
              static_cast<unsigned long long>(before), static_cast<unsigned long long>(bucket.body_bytes() - before));
}

}  // namespace
}  // namespace vivid::e2e
