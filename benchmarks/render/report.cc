#include "report.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace vivid::bench {
namespace {

constexpr double kKibInMib = 1024.0;

Spread spread(const Row& row, double (*value)(const Cost&)) {
  std::vector<double> values;
  for (const Cost& cost : row.costs) values.push_back(value(cost));
  return spread_of(values);
}

Spread wall(const Row& row) {
  return spread(row, [](const Cost& cost) { return cost.wall_seconds; });
}

void print_row(const Row& row, const Row& bare, std::int64_t frames) {
  const Spread walls = wall(row);
  const Spread cpu = spread(row, [](const Cost& cost) { return cost.cpu_seconds; });
  const Spread peak = spread(row, [](const Cost& cost) { return static_cast<double>(cost.peak_kib); });
  std::printf("| %-33s | %8.2f | %8.2f … %-8.2f | %8.2f | %8.1f | %8.1f | %10lld |", row.name.c_str(), walls.median,
              walls.least, walls.most, cpu.median, static_cast<double>(frames) / walls.median, peak.median / kKibInMib,
              static_cast<long long>(row.facts.bytes));
  if (row.quality) {
    std::printf(" %6.2f | %7.5f |", row.quality->psnr_y_db, row.quality->ssim_y);
  } else {
    std::printf(" %6s | %7s |", "-", "-");
  }
  std::printf(" %6.2f |\n", wall(bare).median / walls.median);
}

bool has_step(const OwnAccount& account, std::string_view name) {
  return std::any_of(account.steps.begin(), account.steps.end(),
                     [name](const auto& step) { return step.first == name; });
}

}  // namespace

void print_table(const Settings& settings, const Timeline& timeline, const std::vector<Row>& rows) {
  const std::int64_t frames = frame_count(timeline.reference);
  std::printf("\n%s: %lld frames, %zu of them differ from the one before; %s, %s, CRF %d, %d encoder threads\n\n",
              timeline.name.c_str(), static_cast<long long>(frames), timeline.reference.size(), settings.size().c_str(),
              settings.preset.c_str(), settings.crf, settings.threads);
  const auto pictures = [&](std::int64_t pixels) {
    return static_cast<double>(pixels) / settings.width_px / settings.height_px;
  };
  std::printf("Drawing it works on as many pixels as %.1f whole pictures copied, %.1f blended and %.1f filmed.\n\n",
              pictures(timeline.work.copied), pictures(timeline.work.blended), pictures(timeline.work.filmed));
  std::printf("| %-33s | %8s | %-19s | %8s | %8s | %8s | %10s | %6s | %7s | %6s |\n", "", "wall s", "least … most",
              "CPU s", "frames/s", "peak MiB", "bytes", "PSNR-Y", "SSIM-Y", "times");
  std::printf("|---|---|---|---|---|---|---|---|---|---|\n");
  for (const Row& row : rows) print_row(row, rows.front(), frames);
  for (const Row& row : rows) {
    if (row.facts.frames == frames) continue;
    std::printf("%s made %lld frames: it did not do the same work\n", row.name.c_str(),
                static_cast<long long>(row.facts.frames));
  }
  std::fflush(stdout);
}

void print_steps(const std::vector<OwnAccount>& accounts) {
  if (accounts.empty()) return;
  const OwnAccount& first = accounts.front();
  std::vector<double> walls;
  for (const OwnAccount& account : accounts) walls.push_back(account.video.wall_seconds);
  const double whole = spread_of(walls).median;
  std::printf("\nWhere vivid-render's time for the video goes (%lld pictures encoded):\n\n",
              static_cast<long long>(first.pictures_encoded));
  std::printf("| %-10s | %9s | %6s |\n|---|---|---|\n", "step", "seconds", "share");
  for (std::size_t i = 0; i < first.steps.size(); ++i) {
    std::vector<double> values;
    for (const OwnAccount& account : accounts) {
      if (i < account.steps.size()) values.push_back(account.steps[i].second);
    }
    const double median = spread_of(values).median;
    std::printf("| %-10s | %9.4f | %5.1f%% |\n", first.steps[i].first.c_str(), median, 100.0 * median / whole);
  }
  std::string missing;
  for (const char* part : {"raster", "convert", "blend", "splice"}) {
    if (!has_step(first, part)) missing += missing.empty() ? part : std::string(", ") + part;
  }
  std::printf("\nSteps are those that vivid-render times; 'sound' and 'mux' lie within 'encode'.%s%s\n",
              missing.empty() ? "" : " Not timed by themselves: ", missing.c_str());
  std::fflush(stdout);
}

}  // namespace vivid::bench
