#include "render/hold/slice_header.h"

#include <string>

#include "base/check.h"
#include "render/hold/bits.h"

namespace vivid::render::h264 {
namespace {

constexpr std::uint32_t kMostReferences = 32;

tl::unexpected<Error> cannot(std::string what) {
  return fail(ErrorCode::unsupported, "a slice of the stream: " + std::move(what));
}

// Whether there was one.
bool skip_list_modification(BitReader& in) {
  if (!in.flag()) return false;
  for (std::uint32_t i = 0; i <= kMostReferences; ++i) {
    if (in.ue_up_to(3) == 3) break;
    in.ue();
  }
  return true;
}

void skip_weights(BitReader& in, std::uint32_t references, bool has_chroma) {
  for (std::uint32_t i = 0; i < references && in.ok(); ++i) {
    if (in.flag()) {
      in.se_up_to(128);
      in.se_up_to(128);
    }
    if (!has_chroma || !in.flag()) continue;
    for (int value = 0; value < 4; ++value) in.se_up_to(128);
  }
}

// dec_ref_pic_marking, of a reference picture.
Status parse_marking(BitReader& in, bool idr) {
  if (idr) {
    in.flag();
    if (in.flag()) return cannot("a picture is kept as a reference for good");
    return {};
  }
  if (!in.flag()) return {};
  for (std::uint32_t i = 0; i <= 2 * kMostReferences && in.ok(); ++i) {
    const std::uint32_t operation = in.ue_up_to(6);
    if (operation == 0) return {};
    // 1 forgets a picture, which changes no number. The others keep pictures for good, or renumber all of them.
    if (operation != 1) return cannot("it marks references with operation " + std::to_string(operation));
    in.ue();
  }
  return {};
}

struct Context {
  const Nal& nal;
  const SequenceParameters& sequence;
  const PictureParameters& picture;
};

// From num_ref_idx_active_override_flag to the end of pred_weight_table.
void read_references(BitReader& in, const Context& context, SliceHeader& header) {
  const SliceType type = header.type;
  std::uint32_t l0 = context.picture.references_l0;
  std::uint32_t l1 = context.picture.references_l1;
  if (in.flag()) {
    l0 = in.ue_up_to(kMostReferences - 1) + 1;
    if (type == SliceType::b) l1 = in.ue_up_to(kMostReferences - 1) + 1;
  }
  bool modified = skip_list_modification(in);
  if (type == SliceType::b) modified = skip_list_modification(in) || modified;
  header.nearest_references_only = l0 == 1 && l1 == 1 && !modified;
  const bool weighted = type == SliceType::p ? context.picture.weighted_p : context.picture.weighted_b == 1;
  if (!weighted) return;
  in.ue_up_to(7);
  if (context.sequence.has_chroma) in.ue_up_to(7);
  skip_weights(in, l0, context.sequence.has_chroma);
  if (type == SliceType::b) skip_weights(in, l1, context.sequence.has_chroma);
}

Status parse_prediction(BitReader& in, const Context& context, SliceHeader& header) {
  if (header.type == SliceType::b) {
    if (!in.flag()) return cannot("motion is derived from the distance between pictures");
    header.weighed_by_distance = context.picture.weighted_b == 2;
    if (context.nal.ref_idc() != 0) return cannot("a B picture is a reference");
  }
  if (header.type != SliceType::i) read_references(in, context, header);
  if (context.nal.ref_idc() != 0) return parse_marking(in, context.nal.type() == NalType::idr_slice);
  return {};
}

}  // namespace

Result<SliceHeader> parse_slice_header(const Nal& nal, ByteView payload, const SequenceParameters& sequence,
                                       const PictureParameters& picture) {
  BitReader in(payload);
  SliceHeader header;
  header.first_of_picture = in.ue() == 0;
  switch (in.ue_up_to(9) % 5) {
    case 0:
      header.type = SliceType::p;
      break;
    case 1:
      header.type = SliceType::b;
      break;
    case 2:
      header.type = SliceType::i;
      break;
    default:
      return cannot("it is of a switching type");
  }
  if (in.ue() != picture.id && in.ok()) return cannot("it uses another set of parameters");
  header.frame_num = in.bits(sequence.frame_num_bits);
  const bool idr = nal.type() == NalType::idr_slice;
  if (idr) in.ue();
  header.order_count_begin = in.position();
  if (sequence.order_count_type == 0) {
    header.order_count = in.bits(sequence.order_count_bits);
    if (picture.bottom_order_count && in.ue() != 0) return cannot("its fields are shown apart");
  }
  if (picture.redundant_count && in.ue() != 0) return cannot("it is a redundant one");
  VIVID_TRY(parse_prediction(in, Context{nal, sequence, picture}, header));
  if (!in.ok()) return cannot("its header is cut off or holds a value that is not allowed");
  if (idr && (header.type != SliceType::i || nal.ref_idc() == 0)) return cannot("a fresh start is not self-contained");
  return header;
}

Bytes with_order_count(ByteView payload, std::size_t begin, int old_bits, int new_bits, std::uint32_t value) {
  VIVID_CHECK(new_bits >= old_bits && (new_bits - old_bits) % 8 == 0 && new_bits <= 16);
  VIVID_CHECK(begin + static_cast<std::size_t>(old_bits) <= payload.size() * 8);
  const std::size_t byte = begin / 8;
  const auto longer = static_cast<std::size_t>(new_bits - old_bits) / 8;
  Bytes out;
  out.reserve(payload.size() + longer);
  out.assign(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(byte));
  out.insert(out.end(), longer, 0);
  out.insert(out.end(), payload.begin() + static_cast<std::ptrdiff_t>(byte), payload.end());
  const auto put = [&out](std::size_t at, bool bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (at % 8));
    out[at / 8] = static_cast<std::uint8_t>(bit ? out[at / 8] | mask : out[at / 8] & ~mask);
  };
  for (std::size_t at = byte * 8; at < begin; ++at) put(at, (payload[byte] >> (7 - at % 8) & 1) != 0);
  for (int i = 0; i < new_bits; ++i) {
    put(begin + static_cast<std::size_t>(i), (value >> (new_bits - 1 - i) & 1U) != 0);
  }
  return out;
}

}  // namespace vivid::render::h264
