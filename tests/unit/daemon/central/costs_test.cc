#include "daemon/central/costs.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/pipeline/job_plan.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {
namespace {

queue::StageView stage(std::string_view name, const render::StageResult& result) {
  queue::StageView view;
  view.name = name;
  view.state = queue::StageState::completed;
  view.result = render::to_json(result);
  return view;
}

// What docs/configuration.md calls the reference lesson.
queue::JobView reference_lesson() {
  queue::JobView job;
  queue::StageView script;
  script.name = kStageScriptGeneration;
  script.state = queue::StageState::skipped;
  render::StageResult speech;
  speech.characters_spoken = 2'500;
  speech.cpu_seconds = 12.25;
  render::StageResult video;
  video.gpu_seconds = 45.0;
  video.cpu_seconds = 47.75;
  render::StageResult upload;
  upload.files = {{"video.mp4", "video/mp4", 99'000'000, std::string(64, 'a'), "AAAAAA=="},
                  {"narration.m4a", "audio/mp4", 1'000'000, std::string(64, 'a'), "AAAAAA=="}};
  job.stages = {script, stage(render::kStageAudioSynthesis, speech), stage(render::kStageVideoGeneration, video),
                stage(kStageVideoProcessing, upload)};
  return job;
}

TEST(Costs, ReferenceLessonComesToTwentyCents) {
  const auto items = costs_of_job(reference_lesson(), "video", config::Prices());
  EXPECT_EQ(total_usd(items), "0.2");
  EXPECT_EQ(items.size(), 6U);
  for (const CostItem& item : items) EXPECT_EQ(item.modality, "video");
}

TEST(Costs, TextAloneComesToItsScriptAndSavesTheRest) {
  const auto items = costs_of_text(config::Prices(), config::Cost());
  EXPECT_EQ(total_usd(items), "0.017");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[1].entry, "saving");
  EXPECT_EQ(items[1].unit_price_usd, "0.183");
}

TEST(Costs, WhatWasNotUsedIsNotListed) {
  queue::JobView job = reference_lesson();
  job.stages.resize(2);
  job.summary.error_stage = render::kStageVideoGeneration;
  const auto items = costs_of_job(job, "video", config::Prices());
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].kind, "script");
  EXPECT_EQ(items[1].kind, "speech_characters");
  EXPECT_EQ(items[2].quantity, "12.25");
}

TEST(Costs, RefusedRequestCostsNothing) {
  queue::JobView job;
  job.summary.error_stage = kStageValidation;
  job.stages = {reference_lesson().stages[0]};
  EXPECT_TRUE(costs_of_job(job, "video", config::Prices()).empty());
}

TEST(Costs, SmallestPriceIsNotRounded) {
  config::Prices prices;
  prices.stored_byte_usd = "0.000000000001";
  prices.script_usd = "0";
  prices.speech_character_usd = "0";
  prices.gpu_second_usd = "0";
  prices.cpu_second_usd = "0";
  EXPECT_EQ(total_usd(costs_of_job(reference_lesson(), "video", prices)), "0.0001");
}

}  // namespace
}  // namespace vivid::daemon
