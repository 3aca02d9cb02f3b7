#include "render/sound/loudness_meter.h"

#include <ebur128.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "render/sound/sound_source.h"
#include "render/sound/true_peak.h"

namespace vivid::render {
namespace {

struct Destroy {
  void operator()(ebur128_state* meter) const noexcept { ebur128_destroy(&meter); }
};

constexpr std::size_t kBlockFrames = kSoundRateHz * 4 / 10;
constexpr double kAbsoluteGateLufs = -70.0;

}  // namespace

struct LoudnessMeter::State {
  std::unique_ptr<ebur128_state, Destroy> meter;
  std::size_t frames = 0;
  std::optional<TruePeak> peaks;
  float highest = 0.0F;
};

LoudnessMeter::LoudnessMeter(std::unique_ptr<State> state) : state_(std::move(state)) {}
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;
LoudnessMeter::~LoudnessMeter() = default;

Result<LoudnessMeter> LoudnessMeter::create(int channels, bool with_peaks) {
  auto state = std::make_unique<State>();
  if (with_peaks) state->peaks.emplace(channels);
  state->meter.reset(ebur128_init(static_cast<unsigned>(channels), kSoundRateHz, EBUR128_MODE_I));
  if (state->meter == nullptr) return fail(ErrorCode::resource_exhausted, "no memory to measure loudness");
  if (channels == 1) ebur128_set_channel(state->meter.get(), 0, EBUR128_DUAL_MONO);
  return LoudnessMeter(std::move(state));
}

Status LoudnessMeter::add(std::span<const float> interleaved) {
  const std::size_t frames = interleaved.size() / state_->meter->channels;
  state_->frames += frames;
  if (state_->peaks) state_->peaks->add(interleaved);
  if (ebur128_add_frames_float(state_->meter.get(), interleaved.data(), frames) == EBUR128_SUCCESS) return {};
  return fail(ErrorCode::resource_exhausted, "no memory to measure loudness");
}

std::optional<double> LoudnessMeter::loudness_lufs() {
  if (state_->frames > 0 && state_->frames < kBlockFrames) {
    const std::vector<float> silence((kBlockFrames - state_->frames) * state_->meter->channels);
    if (!add(silence).has_value()) return std::nullopt;
  }
  double lufs = -std::numeric_limits<double>::infinity();
  const bool measured = ebur128_loudness_global(state_->meter.get(), &lufs) == EBUR128_SUCCESS;
  if (!measured || !(lufs > kAbsoluteGateLufs)) return std::nullopt;
  return lufs;
}

double LoudnessMeter::true_peak_dbtp() {
  if (state_->peaks) state_->highest = state_->peaks->finish();
  state_->peaks.reset();
  return 20.0 * std::log10(static_cast<double>(state_->highest));
}

}  // namespace vivid::render
