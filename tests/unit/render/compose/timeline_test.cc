#include "render/compose/timeline.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace vivid::render {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::narration_of;
using testing::scene_of;
using testing::speak_bullets;
using testing::storyboard_of;

Page page_of(std::vector<Step> steps) {
  Page page;
  page.steps = std::move(steps);
  return page;
}

void expect_gapless(const std::vector<Span>& spans, std::int64_t total) {
  std::int64_t next = 0;
  for (const Span& span : spans) {
    EXPECT_EQ(span.first, next);
    EXPECT_GT(span.count, 0);
    EXPECT_LE(span.blend_frames, span.count);
    next = span.end();
  }
  EXPECT_EQ(next, total);
}

TEST(Timeline, RoundsTimesToTheNearestFrame) {
  EXPECT_EQ(frame_at(microseconds(0), 30), 0);
  EXPECT_EQ(frame_at(microseconds(16'666), 30), 0);
  EXPECT_EQ(frame_at(microseconds(16'667), 30), 1);
  EXPECT_EQ(frame_at(std::chrono::hours(10), 60), 10 * 3600 * 60);
}

TEST(Timeline, CountsAPartOfAFrameAsOne) {
  EXPECT_EQ(frames_covering(microseconds(0), 30), 0);
  EXPECT_EQ(frames_covering(microseconds(1), 30), 1);
  EXPECT_EQ(frames_covering(milliseconds(1'000), 30), 30);
  EXPECT_EQ(frames_covering(microseconds(1'000'001), 30), 31);
}

TEST(Timeline, FollowsTheScenesOfTheNarration) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::title, "A"), scene_of(SceneKind::text, "B")});
  storyboard.scenes[0].planned_duration = milliseconds(1'500);
  storyboard.scenes[1].planned_duration = milliseconds(2'017);
  storyboard.scenes[1].transition = Transition::slide;
  const auto spans = make_timeline(storyboard, {{Page{}}, {Page{}}}, narration_of(storyboard), 30);
  ASSERT_EQ(spans.size(), 2U);
  expect_gapless(spans, 106);
  EXPECT_EQ(spans[1].first, 45);
  EXPECT_EQ(spans[0].blend, Blend::none);
  EXPECT_EQ(spans[1].blend, Blend::slide);
  EXPECT_EQ(spans[1].blend_frames, 15);
}

TEST(Timeline, ShowsABulletWhenItIsSpoken) {
  Scene scene =
      scene_of(SceneKind::takeaways, "Three points are made", {}, {"The first of them", "The second of them"});
  speak_bullets(scene);
  const Storyboard storyboard = storyboard_of({scene});
  const Narration narration = narration_of(storyboard);
  const auto spans = make_timeline(storyboard, {{page_of({{-1, 0, 1}, {0, 0, 1}, {1, 0, 1}})}}, narration, 30);
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[1].first, frame_at(narration.utterances[1].start, 30));
  EXPECT_EQ(spans[2].first, frame_at(narration.utterances[2].start, 30));
  EXPECT_EQ(spans[1].blend_frames, 9);
}

TEST(Timeline, ShowsAllBulletsAtOnceIfNoneIsSpoken) {
  const Storyboard storyboard = storyboard_of({scene_of(SceneKind::bullets, "T", {}, {"a", "b"})});
  const auto spans =
      make_timeline(storyboard, {{page_of({{-1, 0, 1}, {0, 0, 1}, {1, 0, 1}})}}, narration_of(storyboard), 30);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].step, 2);
}

TEST(Timeline, TurnsThePageAtTheWordItBeginsWith) {
  Scene scene = scene_of(SceneKind::text, "T", "One two three four five six seven eight nine ten eleven twelve");
  scene.narration = {{scene.body, milliseconds(0), -1}};
  const Storyboard storyboard = storyboard_of({scene});
  const Narration narration = narration_of(storyboard);
  const std::size_t offset = scene.body.find("seven");
  const auto spans = make_timeline(storyboard, {{page_of({{-1, 0, 1}}), page_of({{-1, offset, 1}})}}, narration, 30);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[1].first, frame_at(narration.utterances[0].words[6].start, 30));
}

TEST(Timeline, SharesTheTimeByTextIfNobodySpeaksOfThePages) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::text, "T")});
  storyboard.scenes[0].planned_duration = milliseconds(10'000);
  const auto spans =
      make_timeline(storyboard, {{page_of({{-1, 0, 3}}), page_of({{-1, 0, 1}})}}, narration_of(storyboard), 30);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[1].first, 225);
}

TEST(Timeline, ShortensTransitionsThatDoNotFit) {
  Storyboard storyboard = storyboard_of({scene_of(SceneKind::text, "A"), scene_of(SceneKind::text, "B")});
  storyboard.scenes[1].planned_duration = milliseconds(100);
  const auto spans = make_timeline(storyboard, {{Page{}}, {Page{}}}, narration_of(storyboard), 30);
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[1].blend_frames, 3);
}

}  // namespace
}  // namespace vivid::render
