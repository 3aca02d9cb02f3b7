#include "sync/central/session/secrets.h"

#include <gtest/gtest.h>

namespace vivid::sync {
namespace {

TEST(WithoutSecrets, HidesPasswordsOfUrls) {
  const std::string url = "postgresql://bob:s3c%40ret@db/vividly?sslpassword=k3y";
  EXPECT_EQ(without_secrets("bad s3c%40ret, s3c@ret or k3y at db", url), "bad …, … or … at db");
  EXPECT_EQ(without_secrets("cannot read " + url, url), "cannot read …");
  EXPECT_EQ(without_secrets("x p@ss y", "postgresql://bob:p@ss@db/v"), "x … y");
  EXPECT_EQ(without_secrets("x p?ss y", "postgresql://bob:p?ss@db/v?x=1"), "x … y");
}

TEST(WithoutSecrets, HidesPasswordsOfKeywords) {
  EXPECT_EQ(without_secrets("x hunter2 y", "host=db password=hunter2 user=bob"), "x … y");
  EXPECT_EQ(without_secrets("x two words y", "password='two words' host=db"), "x … y");
}

TEST(WithoutSecrets, LeavesTextWithoutThemAlone) {
  EXPECT_EQ(without_secrets("no host db", "postgresql://bob@db/vividly"), "no host db");
  EXPECT_EQ(without_secrets("no host db", ""), "no host db");
}

}  // namespace
}  // namespace vivid::sync
