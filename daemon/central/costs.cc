#include "daemon/central/costs.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/pipeline/job_plan.h"
#include "render/protocol/messages.h"

namespace vivid::daemon {
namespace {

using nlohmann::json;
__extension__ typedef __int128 Wide;

constexpr int kQuantityDecimals = 6;
constexpr int kPriceDecimals = 12;
constexpr double kMicro = 1e6;
constexpr double kPico = 1e12;

// "12.5" as 12500000 for six decimals; further ones do not occur.
Wide scaled(const std::string& text, int decimals) {
  Wide value = 0;
  int seen = -1;  // decimals so far; -1: before the point
  for (const char c : text) {
    if (c == '.') {
      seen = 0;
    } else if (seen < decimals) {
      value = value * 10 + (c - '0');
      if (seen >= 0) ++seen;
    }
  }
  for (int i = std::max(seen, 0); i < decimals; ++i) value *= 10;
  return value;
}

std::string decimal_text(Wide value, int decimals) {
  std::string digits;
  for (; value > 0; value /= 10) digits += static_cast<char>('0' + static_cast<int>(value % 10));
  while (digits.size() <= static_cast<std::size_t>(decimals)) digits += '0';
  std::reverse(digits.begin(), digits.end());
  const std::size_t point = digits.size() - static_cast<std::size_t>(decimals);
  const std::size_t end = digits.find_last_not_of('0');
  if (end == std::string::npos || end < point) return digits.substr(0, point);
  return digits.substr(0, point) + '.' + digits.substr(point, end + 1 - point);
}

std::string micro_text(double value) {
  return decimal_text(static_cast<Wide>(std::llround(std::max(0.0, value) * kMicro)), kQuantityDecimals);
}

class Items {
 public:
  explicit Items(std::string modality) : modality_(std::move(modality)) {}

  void add(const char* kind, const std::string& stage, std::string quantity, const char* unit,
           const std::string& price_usd) {
    if (quantity == "0") return;
    items_.push_back({"cost", kind, stage, modality_, std::move(quantity), unit, price_usd});
  }
  std::vector<CostItem> take() { return std::move(items_); }

 private:
  std::string modality_;
  std::vector<CostItem> items_;
};

}  // namespace

std::vector<CostItem> costs_of_job(const queue::JobView& job, const std::string& modality,
                                   const config::Prices& prices) {
  Items items(modality);
  for (const queue::StageView& stage : job.stages) {
    // There is a script once it was checked, or written.
    const bool has_script = stage.name == kStageScriptGeneration &&
                            (stage.state == queue::StageState::completed || stage.state == queue::StageState::skipped);
    if (has_script && job.summary.error_stage != kStageValidation) {
      items.add("script", stage.name, "1", "request", prices.script_usd);
    }
    if (stage.result.empty()) continue;
    const auto result = render::stage_result_from_json(stage.result);
    if (!result) continue;
    items.add("speech_characters", stage.name, std::to_string(result->characters_spoken), "character",
              prices.speech_character_usd);
    items.add("gpu_seconds", stage.name, micro_text(result->gpu_seconds), "second", prices.gpu_second_usd);
    items.add("cpu_seconds", stage.name, micro_text(result->cpu_seconds), "second", prices.cpu_second_usd);
    if (stage.name != kStageVideoProcessing) continue;
    std::uint64_t bytes = 0;
    for (const render::ProducedFile& file : result->files) bytes += file.size_bytes;
    items.add("bytes_stored", stage.name, std::to_string(bytes), "byte", prices.stored_byte_usd);
  }
  return items.take();
}

CostItem script_cost(const config::Prices& prices, std::string_view modality) {
  return {"cost",    "script",         std::string(kStageScriptGeneration), std::string(modality), "1",
          "request", prices.script_usd};
}

std::vector<CostItem> costs_of_text(const config::Prices& prices, const config::Cost& whole) {
  std::vector<CostItem> items{script_cost(prices, "text")};
  if (std::string saved = saved_by_text(whole); saved != "0") {
    items.push_back({"saving", "media_not_made", "", "text", "1", "request", std::move(saved)});
  }
  return items;
}

std::string saved_by_text(const config::Cost& whole) {
  const auto video = std::llround(whole.video_request_usd * kPico);
  const auto text = std::llround(whole.text_request_usd * kPico);
  return decimal_text(std::max(0LL, video - text), kPriceDecimals);
}

std::string total_usd(const std::vector<CostItem>& items) {
  Wide total = 0;
  for (const CostItem& item : items) {
    if (item.entry != "cost") continue;
    total += scaled(item.quantity, kQuantityDecimals) * scaled(item.unit_price_usd, kPriceDecimals);
  }
  return decimal_text(total, kQuantityDecimals + kPriceDecimals);
}

json to_json(const std::vector<CostItem>& items) {
  json list = json::array();
  for (const CostItem& item : items) {
    list.push_back({{"entry", item.entry},
                    {"kind", item.kind},
                    {"stage", item.stage},
                    {"modality", item.modality},
                    {"quantity", item.quantity},
                    {"unit", item.unit},
                    {"unit_price_usd", item.unit_price_usd}});
  }
  return list;
}

}  // namespace vivid::daemon
