#include "render/hold/mix_slice.h"

#include "base/check.h"
#include "render/hold/bits.h"
#include "render/hold/skip_slice.h"

namespace vivid::render::h264 {
namespace {

constexpr std::uint32_t kSliceTypeB = 6;  // and so are all others of the picture
constexpr std::uint32_t kInitialisation = 0;
constexpr std::uint32_t kDenominator = 6;  // of the weights: the sum of both is twice that power of two
constexpr std::uint8_t kSetHeader = 3U << 5 | static_cast<unsigned>(NalType::picture_parameters);
constexpr std::uint32_t kMostSets = 256;

void put_weights(BitWriter& out, int weight, bool has_chroma) {
  out.flag(true);
  out.se(weight);
  out.se(0);
  if (!has_chroma) return;
  out.flag(true);
  for (int plane = 0; plane < 2; ++plane) {
    out.se(weight);
    out.se(0);
  }
}

// The encoder's set with explicit weights for B pictures, one reference on each side, and no second transform.
Bytes make_set(const PictureParameters& picture) {
  BitWriter out;
  out.ue(picture.id);
  out.ue(picture.sequence_id);
  out.flag(picture.cabac);
  out.flag(false);  // no order count of fields
  out.ue(0);        // slice groups
  out.ue(0);
  out.ue(0);
  out.flag(false);
  out.bits(1, 2);  // weights of B pictures are spelled out
  out.se(picture.initial_qp - 26);
  out.se(0);
  out.se(0);
  out.flag(true);  // slices say how edges are smoothed
  out.flag(false);
  out.flag(false);
  out.stop();
  Bytes unit;
  append_nal(kSetHeader, out.take(), unit);
  return unit;
}

}  // namespace

MixSlice::MixSlice(const SequenceParameters& sequence, const PictureParameters& picture)
    : sequence_(sequence), picture_(picture) {
  picture_.id = (picture.id + 1) % kMostSets;
  set_ = make_set(picture_);
  if (picture.cabac) cabac_data_ = skipped_macroblocks_cabac(sequence.picture_macroblocks, SkipContext::b);
}

void MixSlice::append(int share, std::uint32_t frame_num, std::uint32_t order_count, Bytes& to) const {
  VIVID_CHECK(share > 0 && share < kWholeShare && sequence_.order_count_type == 0);
  BitWriter out;
  out.ue(0);
  out.ue(kSliceTypeB);
  out.ue(picture_.id);
  out.bits(frame_num, sequence_.frame_num_bits);
  out.bits(order_count, sequence_.order_count_bits);
  out.flag(true);   // motion follows from the neighbours
  out.flag(false);  // as many references as the set says
  out.flag(false);  // in the order in which they are shown
  out.flag(false);
  out.ue(kDenominator);
  if (sequence_.has_chroma) out.ue(kDenominator);
  put_weights(out, kWholeShare - share, sequence_.has_chroma);
  put_weights(out, share, sequence_.has_chroma);
  if (picture_.cabac) out.ue(kInitialisation);
  out.se(picture_.cabac ? kSkipQuantiser - picture_.initial_qp : 0);
  out.ue(1);  // no edge is smoothed
  if (picture_.cabac) {
    out.align(true);
  } else {
    out.ue(sequence_.picture_macroblocks);
    out.stop();
  }
  Bytes payload = out.take();
  payload.insert(payload.end(), cabac_data_.begin(), cabac_data_.end());
  append_nal(static_cast<std::uint8_t>(NalType::slice), payload, to);
}

}  // namespace vivid::render::h264
