#include "tests/integration/storage/bucket_fixture.h"

#include <cstdlib>
#include <fstream>
#include <random>

#include "base/uuid.h"
#include "sync/storage/storage_url.h"

namespace vivid::sync {

BucketTest::BucketTest() : run_("run-" + Uuid::random().to_text()) {
  if (const char* bench = std::getenv("STORAGE_TESTBENCH"); bench != nullptr && *bench != '\0') {
    endpoint_ = check_storage_endpoint(bench).value();
    if (const char* bucket = std::getenv("STORAGE_TESTBENCH_BUCKET"); bucket != nullptr) bucket_ = bucket;
  } else {
    stand_in_ = std::make_unique<test::GcsStandIn>();
    endpoint_ = stand_in_->url();
  }
  options_.ledger = folder_ / "uploads";
  options_.chunk_bytes = 4 * kBlock;
  options_.whole_up_to_bytes = kBlock;
  restart();
}

BucketTest::~BucketTest() {
  store_.reset();
  client_.reset();
  http_.reset();
  if (stand_in_) {
    EXPECT_EQ(stand_in_->violations(), std::vector<std::string>());
    EXPECT_EQ(stand_in_->faults_left(), 0U) << "a fault was never met";
  }
}

void BucketTest::restart() {
  store_.reset();
  client_.reset();
  http_.reset();
  options_.endpoint = endpoint_;
  http_ = HttpClient::start(http_options_).value();
  if (!credentials_) credentials_ = std::make_unique<Credentials>(nullptr, system_clock());
  client_ = std::make_unique<GoogleClient>(*http_, *credentials_, system_clock(), policy_);
  store_ = std::make_unique<GcsObjectStore>(*client_, options_);
}

std::string BucketTest::write_file(const std::string& name, std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string content(bytes, '\0');
  for (char& c : content) c = static_cast<char>(random());
  std::ofstream(folder_ / name, std::ios::binary) << content;
  return content;
}

PutRequest BucketTest::request(const std::string& name, const std::string& file) const {
  PutRequest put;
  put.bucket = bucket_;
  put.name = run_ + "/" + name;
  put.file = folder_ / file;
  put.content_type = "video/mp4";
  put.cache_control = "private, max-age=60";
  put.metadata = {{"request", run_}, {"fence", "3"}};
  return put;
}

void BucketTest::expect_object(const std::string& name, const std::string& content) {
  const auto got = store_->read(bucket_, run_ + "/" + name, 1ULL << 30);
  ASSERT_TRUE(got) << got.error().describe();
  EXPECT_TRUE(*got == content) << got->size() << " bytes came, " << content.size() << " were sent";
}

void BucketTest::expect_arrives(std::size_t bytes) {
  const std::string content = write_file("file", bytes);
  const auto put = store_->put(request("object", "file"));
  ASSERT_TRUE(put) << put.error().describe();
  EXPECT_EQ(put->size_bytes, bytes);
  EXPECT_EQ(put->url, "gs://" + bucket_ + "/" + run_ + "/object");
  expect_object("object", content);
  if (!stand_in_) return;
  EXPECT_EQ(stand_in_->history(), std::vector<std::string>{run_ + "/object"});
  // A session that nobody was told of ends by itself.
  EXPECT_EQ(stand_in_->open_sessions(), unknown_sessions_);
}

}  // namespace vivid::sync
