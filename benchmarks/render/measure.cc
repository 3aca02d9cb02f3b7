#include "measure.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

namespace vivid::bench {
namespace {

double number_after(const std::string& text, const std::string& line, const std::string& key) {
  const std::size_t start = text.rfind(line);
  const std::size_t at = start == std::string::npos ? start : text.find(key, start);
  if (at == std::string::npos) give_up("ffmpeg does not say '" + line + " " + key + "'");
  return std::strtod(text.c_str() + at + key.size(), nullptr);
}

nlohmann::json own_stage(const Contender& contender, nlohmann::json& manifest) {
  manifest = nlohmann::json::parse(text_of(contender.encode.output), nullptr, false);
  if (manifest.is_object()) {
    for (const nlohmann::json& stage : manifest.value("stages", nlohmann::json::array())) {
      if (stage.value("stage", "") == "video_generation") return stage;
    }
  }
  give_up("vivid-render does not say how long the video took");
}

}  // namespace

VideoFacts facts_of(const Contender& contender) {
  const std::filesystem::path listing = contender.video.string() + ".packets";
  run({{"ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size", "-of", "csv=p=0",
        contender.video},
       contender.video.string() + ".log",
       listing});
  VideoFacts facts;
  std::istringstream lines(text_of(listing));
  for (std::string line; std::getline(lines, line); ++facts.frames) facts.bytes += std::atoll(line.c_str());
  return facts;
}

Quality quality_of(const Settings& settings, const Timeline& timeline, const Contender& contender) {
  const std::string ticks = "settb=1/" + std::to_string(settings.frames_per_second) + ",setpts=N,format=yuv420p,split";
  const std::string graph = "[0:v]" + ticks + "[a][b];[1:v]" + ticks + "[c][d];[c][a]psnr[p];[d][b]ssim[s]";
  const Command judge{{"ffmpeg",
                       "-hide_banner",
                       "-nostats",
                       "-f",
                       "rawvideo",
                       "-pixel_format",
                       "yuv420p",
                       "-video_size",
                       settings.size(),
                       "-framerate",
                       std::to_string(settings.frames_per_second),
                       "-i",
                       "pipe:0",
                       "-i",
                       contender.video,
                       "-lavfi",
                       graph,
                       "-map",
                       "[p]",
                       "-f",
                       "null",
                       "-",
                       "-map",
                       "[s]",
                       "-f",
                       "null",
                       "-"},
                      timeline.folder / "quality.log",
                      {}};
  run_piped(contender.uncompressed, judge);
  const std::string said = text_of(judge.log);
  return {number_after(said, "PSNR y:", "y:"), number_after(said, "SSIM Y:", "Y:")};
}

OwnAccount own_account(const Contender& contender, const Cost& whole) {
  nlohmann::json manifest;
  const nlohmann::json stage = own_stage(contender, manifest);
  OwnAccount account;
  account.pictures_encoded = manifest["video"].value("frames_encoded", std::int64_t{0});
  double sound = 0.0;
  for (const nlohmann::json& step : stage["steps"]) {
    const double took = step.value("seconds", 0.0);
    const std::string name = step.value("name", "");
    account.steps.emplace_back(name, took);
    // The last step is done once, when all others are: where it ends, so does the stage.
    account.video.wall_seconds = std::max(account.video.wall_seconds, step.value("start_seconds", 0.0) + took);
    if (name == "sound") sound = took;
  }
  account.video.wall_seconds -= sound;
  account.video.cpu_seconds = stage.value("cpu_seconds", 0.0);
  account.video.peak_kib = whole.peak_kib;
  return account;
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {(values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2, values.front(), values.back()};
}

}  // namespace vivid::bench
