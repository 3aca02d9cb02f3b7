#include "render/hold/parameter_sets.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/check.h"
#include "render/hold/bits.h"

namespace vivid::render::h264 {
namespace {

// 36,864 macroblocks and 139,264: levels 5.2 and 6.2. Nothing larger is H.264.
constexpr std::uint32_t kMostMacroblocks = 139'264;
constexpr std::uint32_t kMostReferences = 16;
// The profiles whose sets go into colour formats and scaling lists (7.3.2.1.1).
constexpr std::array kProfilesWithFormats{100U, 110U, 122U, 244U, 44U, 83U, 86U, 118U, 128U, 138U, 139U, 134U, 135U};

tl::unexpected<Error> cannot(std::string what) {
  return fail(ErrorCode::unsupported, "the stream's parameters: " + std::move(what));
}

void skip_scaling_list(BitReader& in, int size) {
  int last = 8;
  int next = 8;
  for (int i = 0; i < size && in.ok() && next != 0; ++i) {
    next = (last + in.se_up_to(128)) & 0xff;
    if (next != 0) last = next;
  }
}

void skip_scaling_lists(BitReader& in, int count) {
  for (int i = 0; i < count; ++i) {
    if (in.flag()) skip_scaling_list(in, i < 6 ? 16 : 64);
  }
}

Status parse_formats(BitReader& in, SequenceParameters& to) {
  const std::uint32_t format = in.ue_up_to(3);
  to.has_chroma = format != 0;
  if (format == 3 && in.flag()) return cannot("colour planes are coded apart");
  in.ue_up_to(6);  // bit depths
  in.ue_up_to(6);
  in.flag();
  if (in.flag()) skip_scaling_lists(in, format == 3 ? 12 : 8);
  return {};
}

Status parse_order_count(BitReader& in, SequenceParameters& to) {
  to.order_count_begin = in.position();
  to.order_count_type = static_cast<int>(in.ue_up_to(2));
  if (to.order_count_type == 0) to.order_count_bits = static_cast<int>(in.ue_up_to(12)) + 4;
  if (to.order_count_type == 1) return cannot("the order count has type 1");
  to.order_count_end = in.position();
  return {};
}

Status parse_usability(BitReader& in, SequenceParameters& to) {
  if (in.flag() && in.bits(8) == 255) in.bits(32);  // aspect ratio
  if (in.flag()) in.flag();                         // overscan
  if (in.flag()) {                                  // video signal
    in.bits(4);
    if (in.flag()) in.bits(24);
  }
  if (in.flag()) {  // where chroma lies
    in.ue();
    in.ue();
  }
  if (in.flag()) {  // timing
    in.bits(32);
    in.bits(32);
    in.flag();
  }
  if (in.flag() || in.flag()) return cannot("they promise a buffer model");
  const std::size_t timing_promise = in.position();
  if (in.flag()) to.timing_promise = timing_promise;
  if (!in.flag()) return {};
  in.flag();
  for (int i = 0; i < 4; ++i) in.ue();
  to.reorder_frames = static_cast<int>(in.ue_up_to(kMostReferences));
  in.ue();
  return {};
}

Status parse_size(BitReader& in, SequenceParameters& to) {
  const std::uint64_t width = std::uint64_t{in.ue()} + 1;
  const std::uint64_t height = std::uint64_t{in.ue()} + 1;
  if (!in.ok()) return {};
  if (width > kMostMacroblocks || height > kMostMacroblocks || width * height > kMostMacroblocks) {
    return cannot("a picture has " + std::to_string(width) + " times " + std::to_string(height) + " macroblocks");
  }
  to.picture_macroblocks = static_cast<std::uint32_t>(width * height);
  if (!in.flag() && in.ok()) return cannot("pictures may be coded as fields");
  return {};
}

}  // namespace

Result<SequenceParameters> parse_sequence_parameters(ByteView payload) {
  BitReader in(payload);
  SequenceParameters to;
  const std::uint32_t profile = in.bits(8);
  in.bits(16);
  to.id = in.ue_up_to(31);
  if (std::find(kProfilesWithFormats.begin(), kProfilesWithFormats.end(), profile) != kProfilesWithFormats.end()) {
    VIVID_TRY(parse_formats(in, to));
  }
  to.frame_num_bits = static_cast<int>(in.ue_up_to(12)) + 4;
  VIVID_TRY(parse_order_count(in, to));
  to.reference_frames = in.ue_up_to(kMostReferences);
  in.flag();
  VIVID_TRY(parse_size(in, to));
  in.flag();
  if (in.flag()) {  // cropping
    for (int i = 0; i < 4; ++i) in.ue();
  }
  if (in.flag()) VIVID_TRY(parse_usability(in, to));
  if (!in.ok()) return cannot("the sequence's set is cut off or holds a value that is not allowed");
  if (to.reference_frames == 0) return cannot("no picture may refer to another");
  return to;
}

Result<PictureParameters> parse_picture_parameters(ByteView payload) {
  BitReader in(payload);
  PictureParameters to;
  to.id = in.ue_up_to(255);
  to.sequence_id = in.ue_up_to(31);
  to.cabac = in.flag();
  to.bottom_order_count = in.flag();
  if (in.ue() != 0 && in.ok()) return cannot("pictures have slice groups");
  to.references_l0 = in.ue_up_to(31) + 1;
  to.references_l1 = in.ue_up_to(31) + 1;
  to.weighted_p = in.flag();
  to.weighted_b = static_cast<int>(in.bits(2));
  to.initial_qp = 26 + in.se_up_to(62);
  in.se_up_to(62);
  in.se_up_to(12);
  to.deblocking_control = in.flag();
  in.flag();
  to.redundant_count = in.flag();
  if (!in.ok()) return cannot("the picture's set is cut off or holds a value that is not allowed");
  return to;
}

Bytes without_timing_promise(Bytes payload, const SequenceParameters& parameters) {
  const std::size_t bit = parameters.timing_promise;
  if (bit > 0) payload[bit / 8] = static_cast<std::uint8_t>(payload[bit / 8] & ~(0x80U >> bit % 8));
  return payload;
}

Bytes with_order_count_bits(ByteView payload, const SequenceParameters& parameters, int bits) {
  VIVID_CHECK(bits >= 4 && bits <= 16);
  BitWriter out;
  out.copy(payload, 0, parameters.order_count_begin);
  out.ue(0);
  out.ue(static_cast<std::uint32_t>(bits - 4));
  out.copy(payload, parameters.order_count_end, stop_bit_position(payload));
  out.stop();
  return out.take();
}

}  // namespace vivid::render::h264
