#include <gtest/gtest.h>

#include "render/storyboard/storyboard.h"

namespace vivid::render {
namespace {

std::string problem_of(std::string_view text) {
  const auto board = parse_storyboard(text);
  EXPECT_FALSE(board.has_value()) << text.substr(0, 200);
  return board.has_value() ? std::string() : board.error().message;
}

Storyboard parsed(std::string_view text) {
  auto board = parse_storyboard(text);
  EXPECT_TRUE(board.has_value()) << board.error().message;
  return board.value_or(Storyboard{});
}

std::string script_with(const std::string& members) {
  return R"({"title":"T","sections":[{"title":"S","content":"C."}])" + members + "}";
}

TEST(ParseStoryboard, ReportsAllProblemsTogether) {
  EXPECT_EQ(problem_of(R"({"title":"  ","language":"English","hook":7,
      "sections":[{"content":"C"},{"title":"A","content":"B","duration_seconds":-5,"visuals":["ok",{"x":1}]},"no"],
      "key_takeaways":"one"})"),
            "the script has 8 problems:\n"
            "  /title: \"  \" is empty; a text is required\n"
            "  /language: \"English\" is not allowed; a BCP 47 tag such as en or pt-BR is\n"
            "  /hook: 7 is not allowed; a text is\n"
            "  /sections/0/title: is missing; a text is required\n"
            "  /sections/1/visuals/1: an object is not allowed; a text is\n"
            "  /sections/1/duration_seconds: -5 is not allowed; a number from 0 to 3600 is\n"
            "  /sections/2: \"no\" is not allowed; an object is\n"
            "  /key_takeaways: \"one\" is not allowed; an array is");
}

TEST(ParseStoryboard, KeepsTheFirstTwentyProblemsAndCountsTheRest) {
  std::string sections;
  for (int i = 0; i < 25; ++i) sections += std::string(i > 0 ? "," : "") + "1";
  const std::string problem = problem_of(R"({"title":"T","sections":[)" + sections + "]}");
  EXPECT_TRUE(problem.starts_with("the script has 25 problems:"));
  EXPECT_NE(problem.find("/sections/19:"), std::string::npos);
  EXPECT_EQ(problem.find("/sections/20:"), std::string::npos);
  EXPECT_TRUE(problem.ends_with("\n  and 5 more"));
}

TEST(ParseStoryboard, NamesGivenTwiceAreProblems) {
  EXPECT_EQ(problem_of(R"({"title":"T","sections":[{"title":"S","content":"a","content":"b"}],"title":"U"})"),
            "the script has 2 problems:\n"
            "  /sections/0/content: is given twice; once is allowed\n"
            "  /title: is given twice; once is allowed");
}

TEST(ParseStoryboard, NullIsAbsent) {
  const Storyboard board = parsed(script_with(R"(,"hook":null,"language":null,"key_takeaways":null)"));
  EXPECT_EQ(board.language, "en");
  EXPECT_EQ(board.scenes.size(), 2U);
  EXPECT_TRUE(board.scenes[0].narration.empty());
  EXPECT_EQ(board.scenes[0].planned_duration.count(), 3'000);
}

TEST(ParseStoryboard, InputThatNamesNoLanguageIsInTheOneGiven) {
  const std::string script = script_with(R"(,"key_takeaways":["K"])");
  const auto spanish = parse_storyboard(script, "es");
  ASSERT_TRUE(spanish.has_value());
  EXPECT_EQ(spanish->language, "es");
  EXPECT_EQ(spanish->scenes.back().title, "Puntos clave");
  EXPECT_EQ(parse_storyboard(R"({"scenes":[{"narration":"N."}]})", "es")->language, "es");
  EXPECT_EQ(parse_storyboard(R"({"metadata":{},"scenes":[{"narration":"N."}]})", "es")->language, "es");
}

TEST(ParseStoryboard, LanguageThatAnInputNamesWins) {
  EXPECT_EQ(parse_storyboard(script_with(R"(,"language":"de")"), "es")->language, "de");
  EXPECT_EQ(parse_storyboard(R"({"metadata":{"language":"de"},"scenes":[{"narration":"N."}]})", "es")->language, "de");
}

TEST(ParseStoryboard, WhatIsNeitherScriptNorStoryboardSaysSo) {
  EXPECT_EQ(problem_of(R"({"title":"T"})"),
            "the input has 1 problem:\n"
            "  /: neither a script nor a storyboard; an array named sections or scenes is required");
  EXPECT_EQ(problem_of("I cannot help with that."),
            "no JSON object in it; a script or a storyboard is expected: 'I cannot help with that.'");
  EXPECT_EQ(problem_of(""), "no JSON object in it; a script or a storyboard is expected: ''");
}

TEST(ParseStoryboard, CutOffInputSaysWhereItBreaks) {
  const std::string problem = problem_of("```json\n{\"title\": \"T\", \"sections\": [{\"title\": \"S\"");
  EXPECT_TRUE(problem.starts_with("not JSON: parse error at line 1, column")) << problem;
}

TEST(ParseStoryboard, NotANumberAndHugeNumbersAreNotJson) {
  EXPECT_TRUE(problem_of(script_with(R"(,"duration_estimate_seconds":NaN)")).starts_with("not JSON: parse error"));
  EXPECT_TRUE(problem_of(script_with(R"(,"duration_estimate_seconds":1e999)")).starts_with("not JSON: "));
  EXPECT_NE(problem_of(script_with(R"(,"duration_estimate_seconds":1e300)")).find("a number from 0 to 86400 is"),
            std::string::npos);
}

TEST(ParseStoryboard, BytesThatAreNotUtf8AreRefused) {
  EXPECT_TRUE(problem_of("{\"title\":\"\xff\",\"sections\":[]}").starts_with("not JSON: "));
  EXPECT_TRUE(problem_of("{\"title\":\"\\ud800\",\"sections\":[]}").starts_with("not JSON: "));
}

TEST(ParseStoryboard, DeepNestingIsRefused) {
  std::string deep = R"({"sections":)";
  deep.append(100'000, '[');
  deep.append(100'000, ']');
  EXPECT_EQ(problem_of(deep + "}"), "not JSON: nesting is deeper than 64 levels");
}

TEST(ParseStoryboard, InputBeyondTheLimitIsTooLarge) {
  const auto board = parse_storyboard(std::string(kMaxInputBytes + 1, '{'));
  ASSERT_FALSE(board.has_value());
  EXPECT_EQ(board.error().code, ErrorCode::too_large);
}

TEST(ParseStoryboard, TooManyScenesAndOverlongTextsAreProblems) {
  std::string scenes = "{}";
  for (std::size_t i = 0; i < kMaxScenes; ++i) scenes += ",{}";
  EXPECT_EQ(problem_of(R"({"scenes":[)" + scenes + "]}"),
            "the storyboard has 1 problem:\n  /scenes: has 501 items; at most 500 are allowed");
  const std::string text(kMaxTextBytes + 1, 'a');
  EXPECT_NE(problem_of(script_with(",\"hook\":\"" + text + "\"")).find("/hook: has 65537 bytes; at most 65536"),
            std::string::npos);
}

TEST(ParseStoryboard, ControlCharactersAreLeftOutWithAWarning) {
  const Storyboard board = parsed(script_with(R"(,"hook":"A\u0000B\u0007 C\tD\r\nE")"));
  EXPECT_EQ(board.scenes[0].body, "AB C D\nE");
  ASSERT_EQ(board.warnings.size(), 1U);
  EXPECT_EQ(board.warnings[0], "/hook: 2 control character(s) left out");
}

TEST(ParseStoryboard, UnknownLooksFallBackAndSayWhere) {
  const Storyboard board = parsed(R"({"metadata":{"topic_title":"T"},"mood":1,"scenes":[
      {"visual_type":"hologram","background":"moon","motion":"spin","transition":"spiral","narration":"Here we are.",
       "annotations":[{"type":"sparkle","label":"x"},{"type":"arrow","color":"#12"}],"image":"/etc/passwd"}]})");
  const Scene& scene = board.scenes[0];
  EXPECT_EQ(scene.kind, SceneKind::diagram);
  EXPECT_EQ(scene.background, "");
  EXPECT_EQ(scene.image, "");
  EXPECT_EQ(scene.motion, Motion::none);
  EXPECT_EQ(scene.transition, Transition::crossfade);
  EXPECT_EQ(scene.annotations.size(), 1U);
  EXPECT_EQ(board.warnings.size(), 7U);
}

TEST(ParseStoryboard, KnowsEveryTransition) {
  for (const auto& [name, transition] :
       {std::pair{"cut", Transition::cut}, std::pair{"crossfade", Transition::crossfade},
        std::pair{"slide", Transition::slide}, std::pair{"wipe", Transition::wipe},
        std::pair{"dissolve", Transition::dissolve}}) {
    const Storyboard board = parsed(R"({"metadata":{"topic_title":"T"},"scenes":[{"narration":"N","transition":")" +
                                    std::string(name) + "\"}]}");
    EXPECT_EQ(board.scenes[0].transition, transition) << name;
    EXPECT_TRUE(board.warnings.empty()) << name;
  }
}

TEST(ParseStoryboard, NamesThatLeaveTheAssetRootAreNotShown) {
  for (const char* name : {"../secret.png", "a/../../b.png", "/abs.png", "asset:../x.png", "file:///etc/x.png", ".."}) {
    const Storyboard board = parsed(R"({"metadata":{"topic_title":"T"},"scenes":[{"narration":"N","background":")" +
                                    std::string(name) + R"(","image":")" + name + "\"}]}");
    EXPECT_EQ(board.scenes[0].background, "") << name;
    EXPECT_EQ(board.scenes[0].image, "") << name;
    EXPECT_EQ(board.warnings.size(), 2U) << name;
  }
}

TEST(ParseStoryboard, SceneWithNothingToShowShowsWhatItSays) {
  const Storyboard board = parsed(R"({"metadata":{"topic_title":"T"},"scenes":[
      {"visual_type":"image","narration":"A picture was meant here."},{"duration_seconds":2.5}]})");
  EXPECT_EQ(board.scenes[0].kind, SceneKind::text);
  EXPECT_EQ(board.scenes[0].body, "A picture was meant here.");
  EXPECT_EQ(board.scenes[1].planned_duration.count(), 2'500);
  EXPECT_EQ(board.warnings.size(), 1U);
}

TEST(ParseStoryboard, PositionsInPixelsAreRefused) {
  EXPECT_EQ(problem_of(R"({"metadata":{"topic_title":"T"},
      "scenes":[{"annotations":[{"type":"arrow","from":[960,540],"to":[0.5,0.5]}]}]})"),
            "the storyboard has 1 problem:\n"
            "  /scenes/0/annotations/0/from: [960,540] is not allowed; two fractions of the frame, each from 0 to 1, "
            "are");
}

TEST(ParseStoryboard, BackslashesLostToJsonEscapesComeBackInEquations) {
  const Storyboard board = parsed(R"({"metadata":{"topic_title":"T"},"scenes":[
      {"equations":["\frac{a}{b} \times \beta","x = 1"]}]})");
  EXPECT_EQ(board.scenes[0].kind, SceneKind::equation);
  EXPECT_EQ(board.scenes[0].equations, (std::vector<std::string>{"\\frac{a}{b} \\times \\beta", "x = 1"}));
  EXPECT_EQ(board.warnings.size(), 1U);
}

TEST(ParseStoryboard, BulletsAreLinkedOnlyWhenEachHasItsSentence) {
  const Storyboard board = parsed(R"({"metadata":{"topic_title":"T"},"scenes":[
      {"bullets":["Equal strength","Opposite direction"],
       "narration":"Look closely. They have equal strength. And the opposite direction, of course."},
      {"bullets":["Equal strength","Something else"],"narration":"They have equal strength. Done."}]})");
  std::vector<int> linked;
  for (const Utterance& utterance : board.scenes[0].narration) linked.push_back(utterance.bullet);
  EXPECT_EQ(linked, (std::vector<int>{-1, 0, 1}));
  EXPECT_EQ(board.scenes[1].narration[0].bullet, -1);
}

TEST(ParseStoryboard, LessonWithoutTitleIsCalledBySomething) {
  EXPECT_EQ(parsed(R"({"scenes":[{"text_overlay":"Waves"}]})").title, "Waves");
  const Storyboard board = parsed(R"({"metadata":{"topic_id":"phys_1"},"scenes":[{"narration":"N"}]})");
  EXPECT_EQ(board.title, "phys_1");
  EXPECT_EQ(board.warnings.size(), 1U);
}

TEST(ExtractJsonObject, FindsTheLessonAmidProse) {
  const auto found = [](std::string_view text) { return extract_json_object(text).value_or("none"); };
  EXPECT_EQ(found("Set {x} and {\"a\":1}, then:\n~~~\n{\"scenes\":[\"}{\"]}\n~~~ done }"), "{\"scenes\":[\"}{\"]}");
  EXPECT_EQ(found("\xef\xbb\xbf  {\"sections\":[]}"), "{\"sections\":[]}");
  EXPECT_EQ(found("He said \"{\" and then {\"sections\":[\"\\\"}\"]}"), "{\"sections\":[\"\\\"}\"]}");
  EXPECT_EQ(found("{\"a\":1} {\"b\":2}"), "{\"a\":1}");
  EXPECT_EQ(found("{'sections': []}"), "none");
}

TEST(ExtractJsonObject, ManyBracesAreGivenUpSoon) {
  std::string text;
  while (text.size() < kMaxInputBytes - 8) text += "{\"";
  EXPECT_FALSE(extract_json_object(text).has_value());
}

}  // namespace
}  // namespace vivid::render
