#include "render/hold/skip_slice.h"

#include <array>

#include "render/hold/bits.h"

namespace vivid::render::h264 {
namespace {

constexpr std::uint32_t kInitialisation = 2;
constexpr std::uint32_t kSliceTypeP = 5;  // and so are all others of the picture

// mb_skip_flag's first context, of P slices under cabac_init_idc 2: m 29, n 16 (Table 9-13), of B slices under 0: m 18,
// n 64 (Table 9-14). At quantiser 51 these are states 44 and 57 with "skipped" as the likely value (9.3.1.1). It only
// becomes likelier, so that these rows of Table 9-44 are enough.
constexpr int kFirstState = (29 * kSkipQuantiser / 16 + 16) - 64;
constexpr int kFirstStateB = (18 * kSkipQuantiser / 16 + 64) - 64;
constexpr int kLastState = 62;
constexpr std::array<std::array<std::uint8_t, 4>, kLastState - kFirstState + 1> kUnlikelyRange{{
    {14, 18, 21, 24}, {14, 17, 20, 23}, {13, 16, 19, 22}, {12, 15, 18, 21}, {12, 14, 17, 20},
    {11, 14, 16, 19}, {11, 13, 15, 18}, {10, 12, 15, 17}, {10, 12, 14, 16}, {9, 11, 13, 15},
    {9, 11, 12, 14},  {8, 10, 12, 14},  {8, 9, 11, 13},   {7, 9, 11, 12},   {7, 9, 10, 12},
    {7, 8, 10, 11},   {6, 8, 9, 11},    {6, 7, 9, 10},    {6, 7, 8, 9},
}};
static_assert(kFirstState == 44 && kFirstStateB == 57);

// The arithmetic coder of 9.3.4.2, for the two decisions that are needed.
class SkipCoder {
 public:
  explicit SkipCoder(int state) : state_(state) {}
  void skipped() {
    const std::size_t row = static_cast<std::size_t>(state_ - kFirstState);
    range_ -= kUnlikelyRange[row][range_ >> 6 & 3];
    if (state_ < kLastState) ++state_;
    renormalise();
  }
  void not_the_end() {
    range_ -= 2;
    renormalise();
  }
  // The last bit it writes is the stop bit.
  Bytes end() {
    low_ += range_ - 2;
    range_ = 2;
    renormalise();
    put(low_ >> 9 & 1);
    out_.bits((low_ >> 7 & 3) | 1, 2);
    out_.align(false);
    return out_.take();
  }

 private:
  void renormalise() {
    for (; range_ < 256; range_ <<= 1, low_ <<= 1) {
      if (low_ < 256) {
        put(0);
      } else if (low_ >= 512) {
        low_ -= 512;
        put(1);
      } else {
        low_ -= 256;
        ++outstanding_;
      }
    }
  }
  void put(std::uint32_t bit) {
    if (!first_) out_.bits(bit, 1);
    first_ = false;
    for (; outstanding_ > 0; --outstanding_) out_.bits(1 - bit, 1);
  }

  BitWriter out_;
  std::uint32_t low_ = 0;
  std::uint32_t range_ = 510;
  std::uint32_t outstanding_ = 0;
  int state_;
  bool first_ = true;
};

}  // namespace

Bytes skipped_macroblocks_cabac(std::uint32_t macroblocks, SkipContext context) {
  SkipCoder coder(context == SkipContext::p ? kFirstState : kFirstStateB);
  for (std::uint32_t i = 0; i < macroblocks; ++i) {
    if (i > 0) coder.not_the_end();
    coder.skipped();
  }
  return coder.end();
}

SkipSlice::SkipSlice(const SequenceParameters& sequence, const PictureParameters& picture)
    : sequence_(sequence), picture_(picture) {
  if (picture.cabac) cabac_data_ = skipped_macroblocks_cabac(sequence.picture_macroblocks, SkipContext::p);
}

void SkipSlice::append(bool reference, std::uint32_t frame_num, std::uint32_t order_count, Bytes& to) const {
  BitWriter out;
  out.ue(0);
  out.ue(kSliceTypeP);
  out.ue(picture_.id);
  out.bits(frame_num, sequence_.frame_num_bits);
  if (sequence_.order_count_type == 0) {
    out.bits(order_count, sequence_.order_count_bits);
    if (picture_.bottom_order_count) out.se(0);
  }
  if (picture_.redundant_count) out.ue(0);
  const bool override_count = picture_.references_l0 != 1;
  out.flag(override_count);
  if (override_count) out.ue(0);
  out.flag(false);  // the list is as it comes: the newest reference first
  if (picture_.weighted_p) {
    out.ue(0);
    if (sequence_.has_chroma) out.ue(0);
    out.flag(false);
    if (sequence_.has_chroma) out.flag(false);
  }
  if (reference) out.flag(false);  // the oldest reference leaves
  if (picture_.cabac) out.ue(kInitialisation);
  out.se(picture_.cabac ? kSkipQuantiser - picture_.initial_qp : 0);
  if (picture_.deblocking_control) out.ue(1);
  if (picture_.cabac) {
    out.align(true);
  } else {
    out.ue(sequence_.picture_macroblocks);
    out.stop();
  }
  Bytes payload = out.take();
  payload.insert(payload.end(), cabac_data_.begin(), cabac_data_.end());
  const auto header = static_cast<std::uint8_t>((reference ? 1U << 5 : 0U) | static_cast<unsigned>(NalType::slice));
  append_nal(header, payload, to);
}

}  // namespace vivid::render::h264
