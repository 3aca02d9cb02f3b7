// A store and the bucket it writes to: the stand-in, or what STORAGE_TESTBENCH names.
//
// Threads: one test. Ownership: files and ledger in a folder of the test's own; the destructor checks that the client
// kept to the documents.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/files.h"
#include "sync/credentials/google_client.h"
#include "sync/storage/gcs_object_store.h"
#include "tests/support/gcs/gcs_stand_in.h"
#include "tests/support/temporary_folder.h"

namespace vivid::sync {

inline constexpr std::uint64_t kBlock = 256 * 1024;

class BucketTest : public testing::Test {
 protected:
  BucketTest();
  ~BucketTest() override;

  // The same store again, as after a restart of its process.
  void restart();
  // Ends the test as skipped where the bucket is not the stand-in, which alone can fail at will.
  bool needs_stand_in() const { return stand_in_ != nullptr; }
  std::string write_file(const std::string& name, std::size_t bytes, unsigned seed = 1);
  PutRequest request(const std::string& name, const std::string& file) const;
  // Puts a file of so many bytes, and expects it to arrive whole and once.
  void expect_arrives(std::size_t bytes);
  void expect_object(const std::string& name, const std::string& content);

  std::size_t unknown_sessions_ = 0;
  test::TemporaryFolder folder_;
  std::string bucket_ = "lessons";
  // Names of other runs may be in a bucket that is not ours alone.
  std::string run_;
  std::unique_ptr<test::GcsStandIn> stand_in_;
  std::string endpoint_;
  RetryPolicy policy_{{std::chrono::milliseconds(1), std::chrono::milliseconds(20), 2.0}, std::chrono::seconds(40)};
  GcsObjectStore::Options options_;
  HttpClient::Options http_options_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<Credentials> credentials_;
  std::unique_ptr<GoogleClient> client_;
  std::unique_ptr<GcsObjectStore> store_;
};

// What a fault needs that only the stand-in can do.
#define NEEDS_STAND_IN() \
  if (!needs_stand_in()) GTEST_SKIP() << "STORAGE_TESTBENCH cannot be told to fail"

}  // namespace vivid::sync
