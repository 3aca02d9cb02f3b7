#include "sync/central/migrate/sql_text.h"

#include <gtest/gtest.h>

namespace vivid::sync {
namespace {

std::vector<std::string> texts_of(std::string_view sql) {
  std::vector<std::string> texts;
  const Result<std::vector<Statement>> statements = split_statements(sql);
  EXPECT_TRUE(statements) << (statements ? "" : statements.error().message);
  if (statements) {
    for (const Statement& statement : *statements) texts.push_back(statement.text);
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(SplitStatements, EndsThemAtSemicolons) {
  EXPECT_EQ(texts_of("SELECT 1;\n SELECT 2 ;;\n"), (Texts{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(texts_of("SELECT 1"), (Texts{"SELECT 1"}));
  EXPECT_TRUE(texts_of(" -- nothing\n").empty());
}

TEST(SplitStatements, LeavesQuotedSemicolonsAlone) {
  EXPECT_EQ(texts_of("SELECT ';', \"a;b\", 'it''s;'"), (Texts{"SELECT ';', \"a;b\", 'it''s;'"}));
  EXPECT_EQ(texts_of("DO $body$ BEGIN NULL; END $body$; SELECT $$;$$"),
            (Texts{"DO $body$ BEGIN NULL; END $body$", "SELECT $$;$$"}));
}

TEST(SplitStatements, DropsComments) {
  EXPECT_EQ(texts_of("SELECT -- it's ; gone\n 1 /* ; */ + 2"), (Texts{"SELECT   1   + 2"}));
}

TEST(SplitStatements, GivesBareWordsInUpperCaseOnly) {
  const auto statements = split_statements("select x from \"from\" where y = 'z' -- w\n and $1 = $b$ v $b$");
  ASSERT_TRUE(statements);
  EXPECT_EQ(statements->at(0).words, (Texts{"SELECT", "X", "FROM", "WHERE", "Y", "AND"}));
}

TEST(SplitStatements, RefusesASingleDollarAsQuote) {
  const auto statements =
      split_statements("CREATE FUNCTION f() RETURNS trigger AS $ BEGIN RETURN NEW; END $ LANGUAGE plpgsql");
  ASSERT_FALSE(statements);
  EXPECT_NE(statements.error().message.find("single $"), std::string::npos) << statements.error().message;
}

TEST(SplitStatements, RefusesQuotesWithoutEnd) {
  EXPECT_FALSE(split_statements("SELECT 'a"));
  EXPECT_FALSE(split_statements("SELECT \"a"));
  EXPECT_FALSE(split_statements("DO $body$ BEGIN END $other$"));
  EXPECT_FALSE(split_statements("SELECT 1 /* "));
}

}  // namespace
}  // namespace vivid::sync
