#include "sync/storage/storage_url.h"

#include <gtest/gtest.h>

namespace vivid::sync {
namespace {

TEST(StorageUrl, NamesABucketAPrefixOrAFolder) {
  const auto plain = parse_storage_url("gs://lessons").value();
  EXPECT_TRUE(plain.is_cloud);
  EXPECT_EQ(plain.bucket, "lessons");
  EXPECT_EQ(plain.prefix, "");
  EXPECT_EQ(parse_storage_url("gs://lessons/a/b/").value().prefix, "a/b");
  const auto folder = parse_storage_url("file:///srv/lessons").value();
  EXPECT_FALSE(folder.is_cloud);
  EXPECT_EQ(folder.directory, "/srv/lessons");
}

TEST(StorageUrl, WhatIsNeitherIsRefused) {
  for (const char* url : {"", "gs://", "gs://UPPER", "gs://lessons//a", "gs://lessons/../a", "s3://lessons", "lessons",
                          "file://relative", "/srv"}) {
    EXPECT_FALSE(parse_storage_url(url)) << url;
  }
}

TEST(StorageEndpoint, IsEncryptedOrThisMachine) {
  EXPECT_EQ(check_storage_endpoint("https://storage.example/").value(), "https://storage.example");
  EXPECT_EQ(check_storage_endpoint("localhost:4443").value(), "http://localhost:4443");
  EXPECT_EQ(check_storage_endpoint("http://[::1]:80").value(), "http://[::1]:80");
  for (const char* text : {"", "http://storage.example", "storage.example:80", "https://a/b", "https://u@a", "ftp://a",
                           "http://127.0.0.1.example"}) {
    EXPECT_FALSE(check_storage_endpoint(text)) << text;
  }
}

}  // namespace
}  // namespace vivid::sync
