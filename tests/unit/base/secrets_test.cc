#include "base/secrets.h"

#include <gtest/gtest.h>

namespace vivid {
namespace {

TEST(WithoutPasswords, HidesEachOfAConnectionString) {
  EXPECT_EQ(without_passwords("postgresql://vivid:p@ss:w@db/vividly"), "postgresql://vivid:…@db/vividly");
  EXPECT_EQ(without_passwords("postgresql://vivid@db:5432/vividly"), "postgresql://vivid@db:5432/vividly");
  EXPECT_EQ(without_passwords("postgresql://db/v?password=secret&sslpassword=other&x=1"),
            "postgresql://db/v?password=…&sslpassword=…&x=1");
  EXPECT_EQ(without_passwords("postgresql://vivid:p?ss@db/v?x=1"), "postgresql://vivid:…@db/v?x=1");
  EXPECT_EQ(without_passwords("postgresql://db:5432/v?x=a@b"), "postgresql://db:5432/v?x=a@b");
  EXPECT_EQ(without_passwords("host=db password='a \\' b' user=u"), "host=db password=… user=u");
  EXPECT_EQ(without_passwords("host=db password = hush user=u"), "host=db password = … user=u");
  EXPECT_EQ(without_passwords("host=/run/postgresql dbname=v"), "host=/run/postgresql dbname=v");
  EXPECT_EQ(without_passwords(""), "");
}

TEST(WithoutSecrets, HidesPasswordsOfUrls) {
  const std::string url = "postgresql://bob:s3c%40ret@db/vividly?sslpassword=k3y";
  EXPECT_EQ(without_secrets("bad s3c%40ret, s3c@ret or k3y at db", url), "bad …, … or … at db");
  EXPECT_EQ(without_secrets("cannot read " + url, url), "cannot read …");
  EXPECT_EQ(without_secrets("x p@ss y", "postgresql://bob:p@ss@db/v"), "x … y");
  EXPECT_EQ(without_secrets("x p?ss y", "postgresql://bob:p?ss@db/v?x=1"), "x … y");
}

TEST(WithoutSecrets, HidesPasswordsOfKeywords) {
  EXPECT_EQ(without_secrets("x hunter2 y", "host=db password=hunter2 user=bob"), "x … y");
  EXPECT_EQ(without_secrets("x hunter2 y", "host=db password = hunter2 user=bob"), "x … y");
  EXPECT_EQ(without_secrets("x two words y", "password='two words' host=db"), "x … y");
  EXPECT_EQ(without_secrets("x it's y", "password='it\\'s' host=db"), "x … y");
}

TEST(WithoutSecrets, LeavesTextWithoutThemAlone) {
  EXPECT_EQ(without_secrets("no host db", "postgresql://bob@db/vividly"), "no host db");
  EXPECT_EQ(without_secrets("no host db", "host=db password= user=bob"), "no host db");
  EXPECT_EQ(without_secrets("no host db", ""), "no host db");
}

}  // namespace
}  // namespace vivid
