#include "sync/storage/object_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace vivid::sync {
namespace {

TEST(ObjectName, AcceptsWhatResultsAreCalled) {
  for (const char* name : {"a", "requests/0b5e/7/video.mp4", "with space/ünï ☃.txt", "a..b/c.", "-/_"}) {
    EXPECT_TRUE(check_object_name(name)) << name;
  }
  EXPECT_TRUE(check_object_name(std::string(200, 'x') + "/" + std::string(200, 'y')));
}

TEST(ObjectName, RefusesWhatCouldLeaveTheBucket) {
  for (const char* name : {"", "/", "/etc/passwd", "..", "../a", "a/../b", "a/..", ".", "a/./b", "a//b", "a/",
                           ".meta/a", ".tmp/x", "a/.hidden"}) {
    const Status status = check_object_name(name);
    ASSERT_FALSE(status) << name;
    EXPECT_EQ(status.error().code, ErrorCode::invalid_input);
  }
}

TEST(ObjectName, RefusesWhatIsNotText) {
  EXPECT_FALSE(check_object_name(std::string("a\0b", 3)));
  EXPECT_FALSE(check_object_name("a\nb"));
  EXPECT_FALSE(check_object_name("a\x7f"));
  EXPECT_FALSE(check_object_name("\xff\xfe"));
  EXPECT_FALSE(check_object_name("\xc0\xaf"));      // overlong "/"
  EXPECT_FALSE(check_object_name("\xed\xa0\x80"));  // a surrogate
}

TEST(ObjectName, LengthIsBounded) {
  std::string name;
  for (int i = 0; i < 8; ++i) name += std::string(127, 'x') + "/";
  name.back() = 'x';
  EXPECT_EQ(name.size(), 1024U);
  EXPECT_TRUE(check_object_name(name));
  EXPECT_THAT(check_object_name(name + "x").error().message, testing::HasSubstr("at most 1024 bytes"));
  EXPECT_FALSE(check_object_name(std::string(201, 'x')));
}

TEST(BucketName, FollowsTheCloudsRules) {
  for (const char* name : {"vivid-media", "abc", "a_b-1"}) EXPECT_TRUE(check_bucket_name(name)) << name;
  for (const char* name : {"", "ab", "Upper", "-abc", "abc-", "a.b", "../x", "a/b"}) {
    EXPECT_FALSE(check_bucket_name(name)) << name;
  }
  EXPECT_TRUE(check_bucket_name(std::string(63, 'a')));
  EXPECT_FALSE(check_bucket_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace vivid::sync
