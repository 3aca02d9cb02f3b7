#include "render/compose/kernels.h"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <functional>
#include <random>
#include <vector>

namespace vivid::render::kernels {
namespace {

// Of every length around the width of a vector, so that the last samples are seen too.
constexpr std::size_t kCounts[] = {0, 1, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 129, 1'000};

// Runs `body` once with each kind of vector unit that this machine has, and says with how many.
int on_every_target(const std::function<void(const char*)>& body) {
  int targets = 0;
  for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    body(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(0);
    ++targets;
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return targets;
}

template <typename T>
std::vector<T> random_samples(std::size_t count, int low, int high, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> any(low, high);
  std::vector<T> samples(count);
  for (T& sample : samples) sample = static_cast<T>(any(random));
  return samples;
}

TEST(Kernels, MixTheSameOnEveryTarget) {
  const int targets = on_every_target([](const char* target) {
    for (const std::size_t count : kCounts) {
      const auto from = random_samples<std::uint8_t>(count, 0, 255, 1);
      const auto into = random_samples<std::uint8_t>(count, 0, 255, 2);
      const auto weights = random_samples<std::uint16_t>(count, 0, 256, 3);
      for (const int weight : {0, 1, 100, 128, 255, 256}) {
        std::vector<std::uint8_t> expected(count);
        std::vector<std::uint8_t> got(count);
        plain::mix(from.data(), into.data(), weight, expected.data(), count);
        mix(from.data(), into.data(), weight, got.data(), count);
        ASSERT_EQ(got, expected) << target << ", " << count << " samples, weight " << weight;
        plain::mix_by(from.data(), into.data(), weights.data(), expected.data(), count);
        mix_by(from.data(), into.data(), weights.data(), got.data(), count);
        ASSERT_EQ(got, expected) << target << ", " << count << " samples";
      }
    }
  });
  EXPECT_GE(targets, 2);
}

TEST(Kernels, PutLayersTheSameOnEveryTarget) {
  on_every_target([](const char* target) {
    for (const std::size_t count : kCounts) {
      const auto alpha = random_samples<std::int16_t>(count, 0, kWhole, 1);
      const auto color = random_samples<std::int16_t>(count, 0, 255 << kColorBits, 2);
      const auto under = random_samples<std::uint8_t>(count, 0, 255, 3);
      for (const int opacity : {1, 5'000, kWhole}) {
        auto expected = under;
        auto got = under;
        plain::over(color.data(), alpha.data(), opacity, expected.data(), count);
        over(color.data(), alpha.data(), opacity, got.data(), count);
        ASSERT_EQ(got, expected) << target << ", " << count << " samples, opacity " << opacity;
      }
    }
  });
}

TEST(Kernels, FilterTheSameOnEveryTarget) {
  on_every_target([](const char* target) {
    for (const std::size_t count : kCounts) {
      const auto samples = random_samples<std::int16_t>(4 * count + 64, -8'000, 24'000, 1);
      const auto weights = random_samples<std::int16_t>(4 * count + 4, 0, 8'192, 2);
      const auto steps = random_samples<std::int32_t>(count, 0, 2, 3);
      std::vector<std::int32_t> starts;
      for (const std::int32_t step : steps) starts.push_back((starts.empty() ? 0 : starts.back()) + step);
      std::vector<std::uint8_t> lookups(count / kBlock * kBlockLookups, 128);
      for (std::size_t i = 0; i < count / kBlock * kBlock; ++i) {
        const int place = starts[i] - starts[i / kBlock * kBlock];
        std::uint8_t* half = lookups.data() + i / kBlock * kBlockLookups + (place < kBlock ? 0 : 2 * kBlock);
        half[2 * (i % kBlock)] = static_cast<std::uint8_t>(2 * (place % kBlock));
        half[2 * (i % kBlock) + 1] = static_cast<std::uint8_t>(2 * (place % kBlock) + 1);
      }
      ColumnTaps columns;
      RowTaps rows{starts.data(), lookups.data(), {}, 16, 235};
      for (std::size_t k = 0; k < kTaps; ++k) {
        columns.rows[k] = samples.data() + k * count;
        columns.weights[k] = static_cast<std::int16_t>(k == 1 ? 20'000 : 4'256);
        rows.weights[k] = weights.data() + k * count;
      }
      std::vector<std::int16_t> expected(count);
      std::vector<std::int16_t> got(count);
      plain::filter_columns(columns, expected.data(), count);
      filter_columns(columns, got.data(), count);
      ASSERT_EQ(got, expected) << target << ", " << count << " samples";
      std::vector<std::uint8_t> expected_row(count);
      std::vector<std::uint8_t> got_row(count);
      plain::filter_row(samples.data(), rows, expected_row.data(), count);
      filter_row(samples.data(), rows, got_row.data(), count);
      ASSERT_EQ(got_row, expected_row) << target << ", " << count << " samples";
    }
  });
}

TEST(Kernels, LeaveWhatALayerDoesNotCover) {
  for (int under = 0; under < 256; ++under) {
    auto sample = static_cast<std::uint8_t>(under);
    const std::int16_t nothing = 0;
    plain::over(&nothing, &nothing, kWhole, &sample, 1);
    EXPECT_EQ(sample, under);
    for (int above = 0; above < 256; above += 5) {
      const auto color = static_cast<std::int16_t>(above << kColorBits);
      const auto whole = static_cast<std::int16_t>(kWhole);
      sample = static_cast<std::uint8_t>(under);
      plain::over(&color, &whole, kWhole, &sample, 1);
      EXPECT_EQ(sample, above);
    }
  }
}

}  // namespace
}  // namespace vivid::render::kernels
