#include "render/compose/kernels.h"

// This file is compiled once for each kind of vector unit: Highway includes it again and again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "render/compose/kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vivid::render::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A sample of 8 bits takes 16 while it is worked on.
using Wide = hn::ScalableTag<std::int16_t>;
using WideUnsigned = hn::Rebind<std::uint16_t, Wide>;
using Narrow = hn::Rebind<std::uint8_t, Wide>;

void Mix(const std::uint8_t* HWY_RESTRICT from, const std::uint8_t* HWY_RESTRICT into, int weight_256,
         std::uint8_t* HWY_RESTRICT to, std::size_t count) {
  const WideUnsigned wide;
  const Narrow narrow;
  const auto weight = hn::Set(wide, static_cast<std::uint16_t>(weight_256));
  const auto rest = hn::Set(wide, static_cast<std::uint16_t>(256 - weight_256));
  const auto half = hn::Set(wide, std::uint16_t{128});
  std::size_t i = 0;
  for (; i + hn::Lanes(wide) <= count; i += hn::Lanes(wide)) {
    const auto a = hn::PromoteTo(wide, hn::LoadU(narrow, from + i));
    const auto b = hn::PromoteTo(wide, hn::LoadU(narrow, into + i));
    const auto sum = hn::Add(hn::Add(hn::Mul(a, rest), hn::Mul(b, weight)), half);
    const auto rounded = hn::BitCast(Wide(), hn::ShiftRight<8>(sum));
    hn::StoreU(hn::DemoteTo(narrow, rounded), narrow, to + i);
  }
  plain::mix(from + i, into + i, weight_256, to + i, count - i);
}

void MixBy(const std::uint8_t* HWY_RESTRICT from, const std::uint8_t* HWY_RESTRICT into,
           const std::uint16_t* HWY_RESTRICT weights_256, std::uint8_t* HWY_RESTRICT to, std::size_t count) {
  const WideUnsigned wide;
  const Narrow narrow;
  const auto whole = hn::Set(wide, std::uint16_t{256});
  const auto half = hn::Set(wide, std::uint16_t{128});
  std::size_t i = 0;
  for (; i + hn::Lanes(wide) <= count; i += hn::Lanes(wide)) {
    const auto a = hn::PromoteTo(wide, hn::LoadU(narrow, from + i));
    const auto b = hn::PromoteTo(wide, hn::LoadU(narrow, into + i));
    const auto weight = hn::LoadU(wide, weights_256 + i);
    const auto sum = hn::Add(hn::Add(hn::Mul(a, hn::Sub(whole, weight)), hn::Mul(b, weight)), half);
    const auto rounded = hn::BitCast(Wide(), hn::ShiftRight<8>(sum));
    hn::StoreU(hn::DemoteTo(narrow, rounded), narrow, to + i);
  }
  plain::mix_by(from + i, into + i, weights_256 + i, to + i, count - i);
}

void Over(const std::int16_t* HWY_RESTRICT color, const std::int16_t* HWY_RESTRICT alpha, int opacity,
          std::uint8_t* HWY_RESTRICT to, std::size_t count) {
  const Wide wide;
  const Narrow narrow;
  const auto share = hn::Set(wide, static_cast<std::int16_t>(opacity));
  const auto whole = hn::Set(wide, static_cast<std::int16_t>(kWhole));
  const auto half = hn::Set(wide, static_cast<std::int16_t>(1 << (kColorBits - 1)));
  std::size_t i = 0;
  for (; i + hn::Lanes(wide) <= count; i += hn::Lanes(wide)) {
    const auto rest = hn::Sub(whole, hn::MulFixedPoint15(hn::LoadU(wide, alpha + i), share));
    const auto under = hn::ShiftLeft<kColorBits>(hn::PromoteTo(wide, hn::LoadU(narrow, to + i)));
    const auto above = hn::MulFixedPoint15(hn::LoadU(wide, color + i), share);
    // The sum is at most 256 samples' worth: saturation keeps it from turning negative.
    const auto sum = hn::SaturatedAdd(hn::SaturatedAdd(above, hn::MulFixedPoint15(under, rest)), half);
    hn::StoreU(hn::DemoteTo(narrow, hn::ShiftRight<kColorBits>(sum)), narrow, to + i);
  }
  plain::over(color + i, alpha + i, opacity, to + i, count - i);
}

void FilterColumns(const ColumnTaps& taps, std::int16_t* HWY_RESTRICT to, std::size_t count) {
  const Wide wide;
  std::size_t i = 0;
  for (; i + hn::Lanes(wide) <= count; i += hn::Lanes(wide)) {
    auto sum = hn::Zero(wide);
    for (int k = 0; k < kTaps; ++k) {
      const auto weight = hn::Set(wide, taps.weights[k]);
      sum = hn::Add(sum, hn::MulFixedPoint15(hn::LoadU(wide, taps.rows[k] + i), weight));
    }
    hn::StoreU(sum, wide, to + i);
  }
  ColumnTaps last = taps;
  for (const std::int16_t*& row : last.rows) row += i;
  plain::filter_columns(last, to + i, count - i);
}

void FilterRow(const std::int16_t* HWY_RESTRICT row, const RowTaps& taps, std::uint8_t* HWY_RESTRICT to,
               std::size_t count) {
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<std::int16_t, kBlock> wide;
  const hn::FixedTag<std::uint8_t, 2 * kBlock> bytes;
  const hn::FixedTag<std::uint8_t, kBlock> narrow;
  const auto low = hn::Set(wide, static_cast<std::int16_t>(taps.low));
  const auto high = hn::Set(wide, static_cast<std::int16_t>(taps.high));
  for (; taps.lookups != nullptr && i + kBlock <= count; i += kBlock) {
    const auto in_first = hn::LoadU(bytes, taps.lookups + kBlockLookups / kBlock * i);
    const auto in_second = hn::LoadU(bytes, taps.lookups + kBlockLookups / kBlock * i + 2 * kBlock);
    const std::int16_t* window = row + taps.starts[i];
    auto sum = hn::Set(wide, std::int16_t{1 << (kSourceBits - 1)});
    for (int k = 0; k < kTaps; ++k) {
      const auto first = hn::BitCast(bytes, hn::LoadU(wide, window + k));
      const auto second = hn::BitCast(bytes, hn::LoadU(wide, window + k + kBlock));
      const auto samples = hn::Or(hn::TableLookupBytesOr0(first, in_first), hn::TableLookupBytesOr0(second, in_second));
      sum = hn::Add(sum, hn::MulFixedPoint15(hn::BitCast(wide, samples), hn::LoadU(wide, taps.weights[k] + i)));
    }
    const auto kept = hn::Min(hn::Max(hn::ShiftRight<kSourceBits>(sum), low), high);
    hn::StoreU(hn::DemoteTo(narrow, kept), narrow, to + i);
  }
#endif
  RowTaps last = taps;
  last.starts += i;
  for (const std::int16_t*& weights : last.weights) weights += i;
  plain::filter_row(row, last, to + i, count - i);
}

}  // namespace HWY_NAMESPACE
}  // namespace vivid::render::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vivid::render::kernels {

HWY_EXPORT(Mix);
HWY_EXPORT(MixBy);
HWY_EXPORT(Over);
HWY_EXPORT(FilterColumns);
HWY_EXPORT(FilterRow);

void mix(const std::uint8_t* from, const std::uint8_t* into, int weight_256, std::uint8_t* to, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(Mix)(from, into, weight_256, to, count);
}

void mix_by(const std::uint8_t* from, const std::uint8_t* into, const std::uint16_t* weights_256, std::uint8_t* to,
            std::size_t count) {
  HWY_DYNAMIC_DISPATCH(MixBy)(from, into, weights_256, to, count);
}

void over(const std::int16_t* color, const std::int16_t* alpha, int opacity, std::uint8_t* to, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(Over)(color, alpha, opacity, to, count);
}

void filter_columns(const ColumnTaps& taps, std::int16_t* to, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(FilterColumns)(taps, to, count);
}

void filter_row(const std::int16_t* row, const RowTaps& taps, std::uint8_t* to, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(FilterRow)(row, taps, to, count);
}

}  // namespace vivid::render::kernels
#endif
