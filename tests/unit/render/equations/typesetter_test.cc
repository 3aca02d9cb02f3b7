// The typesetter's side of the agreement with its child, which here is a script of the test's own.
#include "render/equations/typesetter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace vivid::render {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAnswer = R"({"svg":"<svg x></svg>","width":2.5,"height":1,"depth":0.25,"room":0.04})";

class TypesetterTest : public ::testing::Test {
 protected:
  TypesetterTest() {
    options_.command = (folder_.path() / "node").string();
    options_.package = folder_.path() / "tex";
    options_.cache = folder_.path() / "cache";
    options_.time_limit = std::chrono::milliseconds(60'000);
    put("tex/typeset.cjs", "driver");
    put("tex/node_modules/mathjax-full/package.json", "1");
    put("tex/node_modules/mhchemparser/package.json", "1");
  }

  void put(const std::string& name, const std::string& text) {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::trunc) << text;
  }

  void child(const std::string& script) {
    put("node", "#!/bin/sh\n" + script + "\n");
    fs::permissions(folder_.path() / "node", fs::perms::owner_all);
  }
  void answer_all() { child(std::string("while read -r line; do echo '") + kAnswer + "'; done"); }

  SetFormulas set(const std::vector<Formula>& formulas) { return set_formulas(formulas, 30.0, options_); }

  test::TemporaryFolder folder_;
  EquationOptions options_;
};

TEST_F(TypesetterTest, ReadsDrawings) {
  answer_all();
  const SetFormulas set_ones = set({{"a", true}, {"b", false}});
  EXPECT_TRUE(set_ones.problems.empty());
  const auto drawing = set_ones.book.find({"a", true});
  ASSERT_NE(drawing, nullptr);
  EXPECT_EQ(drawing->svg, "<svg x></svg>");
  EXPECT_EQ(drawing->width_em, 2.5);
  EXPECT_EQ(drawing->depth_em, 0.25);
  EXPECT_NE(set_ones.book.find({"b", false}), nullptr);
  EXPECT_EQ(set_ones.book.find({"b", true}), nullptr);
}

TEST_F(TypesetterTest, AsksOnceForWhatIsKept) {
  answer_all();
  ASSERT_TRUE(set({{"a", true}}).problems.empty());
  child("exit 9");
  const SetFormulas again = set({{"a", true}});
  EXPECT_TRUE(again.problems.empty());
  EXPECT_NE(again.book.find({"a", true}), nullptr);
  EXPECT_FALSE(set({{"b", true}}).problems.empty());
}

TEST_F(TypesetterTest, AsksAgainWithAnotherVersionOrWidth) {
  answer_all();
  ASSERT_TRUE(set({{"a", true}}).problems.empty());
  child("exit 9");
  EXPECT_FALSE(set_formulas({{"a", true}}, 20.0, options_).problems.empty());
  put("tex/node_modules/mathjax-full/package.json", "2");
  EXPECT_FALSE(set({{"a", true}}).problems.empty());
}

TEST_F(TypesetterTest, TellsWhatIsRefusedAndKeepsThatToo) {
  child("echo '{\"error\":\"Missing close brace\"}'");
  for (int i = 0; i < 2; ++i) {
    const SetFormulas wrong = set({{"{", true}});
    ASSERT_EQ(wrong.problems.size(), 1U);
    EXPECT_EQ(wrong.problems[0], "equation \"{\" is not set: Missing close brace");
    EXPECT_TRUE(wrong.book.empty());
    child("exit 9");
  }
}

TEST_F(TypesetterTest, DoesNotKeepWhatIsNoAnswer) {
  child("exec cat");
  ASSERT_EQ(set({{"a", true}}).problems.size(), 1U);
  answer_all();
  EXPECT_NE(set({{"a", true}}).book.find({"a", true}), nullptr);
}

TEST_F(TypesetterTest, KeepsWhatASlowChildHasDone) {
  child(std::string("read -r line; echo '") + kAnswer + "'; read -r line; printf '{\"svg\":'; exec sleep 1000");
  // The limit has to pass, and a shell has to answer within it on a machine that is busy.
  options_.time_limit = std::chrono::milliseconds(8'000);
  const SetFormulas some = set({{"a", true}, {"b", true}, {"c", true}});
  EXPECT_NE(some.book.find({"a", true}), nullptr);
  EXPECT_EQ(some.book.find({"b", true}), nullptr);
  ASSERT_EQ(some.problems.size(), 1U);
  EXPECT_EQ(some.problems[0], "2 equations are shown as text: the typesetter failed, it took longer than 8000 ms");
}

TEST_F(TypesetterTest, SaysWhatIsMissing) {
  answer_all();
  options_.command = "/no/such/node";
  ASSERT_EQ(set({{"a", true}}).problems.size(), 1U);
  EXPECT_NE(set({{"a", true}}).problems[0].find("/no/such/node"), std::string::npos);
  options_.command = (folder_.path() / "node").string();
  fs::remove_all(folder_.path() / "tex/node_modules");
  ASSERT_EQ(set({{"a", true}}).problems.size(), 1U);
  EXPECT_NE(set({{"a", true}}).problems[0].find((folder_.path() / "tex").string()), std::string::npos);
  options_.command = "";
  EXPECT_TRUE(set({{"a", true}}).problems.empty());
}

TEST_F(TypesetterTest, DrawsNothingThatLeadsElsewhere) {
  for (const char* svg : {"<svg ><a href=\\\"x\\\"/></svg>", "<svg ><script>1</script></svg>", "<svg ><image/></svg>",
                          "<!DOCTYPE x><svg ></svg>", "<svg fill=\\\"url(#a)\\\"></svg>", "nothing", ""}) {
    put("tex/typeset.cjs", svg);  // another version: nothing is kept
    child(std::string(R"(printf '%s\n' '{"svg":")") + svg + R"(","width":1,"height":1,"depth":0,"room":0}')");
    const SetFormulas refused = set({{"a", true}});
    EXPECT_TRUE(refused.book.empty()) << svg;
    EXPECT_EQ(refused.problems.size(), 1U) << svg;
  }
}

TEST_F(TypesetterTest, TakesNoSizesThatCannotBe) {
  for (const char* size :
       {R"("width":0,"height":1,"depth":0)", R"("width":1e9,"height":1,"depth":0)", R"("width":1,"height":1)",
        R"("width":"1","height":1,"depth":0)", R"("width":1,"height":1,"depth":-1)"}) {
    put("tex/typeset.cjs", size);
    child(std::string(R"(echo '{"svg":"<svg ></svg>","room":0,)") + size + "}'");
    EXPECT_TRUE(set({{"a", true}}).book.empty()) << size;
  }
}

TEST_F(TypesetterTest, BoundsWhatItAsksFor) {
  answer_all();
  std::vector<Formula> many;
  for (std::size_t i = 0; i <= kMostFormulas; ++i) many.push_back({"x_{" + std::to_string(i) + "}", false});
  many.insert(many.begin(), {std::string(kMostTexBytes + 1, 'x'), true});
  options_.cache.clear();
  const SetFormulas set_ones = set(many);
  EXPECT_NE(set_ones.book.find(many[1]), nullptr);
  EXPECT_EQ(set_ones.book.find(many.front()), nullptr);
  EXPECT_EQ(set_ones.book.find(many.back()), nullptr);
  EXPECT_EQ(set_ones.problems.size(), 2U);
}

}  // namespace
}  // namespace vivid::render
