// What the encoder says about its stream: sequence and picture parameter sets (7.3.2.1, 7.3.2.2).
//
// Threads: pure functions over values. Errors: unsupported, with what was found, for whatever held pictures cannot be
// made for: fields, several colour planes, slice groups, a buffer model, and sets that end too early.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "render/hold/nal.h"

namespace vivid::render::h264 {

struct SequenceParameters {
  std::uint32_t id = 0;
  bool has_chroma = true;
  int frame_num_bits = 0;
  int order_count_type = 0;
  int order_count_bits = 0;  // of pic_order_cnt_lsb; 0 unless the type is 0
  std::uint32_t reference_frames = 0;
  std::uint32_t picture_macroblocks = 0;
  // How many pictures may come before one that is shown earlier; -1: the set does not say.
  int reorder_frames = -1;
  // Where pic_order_cnt_type begins in the payload, and where what belongs to it ends.
  std::size_t order_count_begin = 0;
  std::size_t order_count_end = 0;
  // The bit that promises a timing message with every picture; 0: no message is promised.
  std::size_t timing_promise = 0;
};

struct PictureParameters {
  std::uint32_t id = 0;
  std::uint32_t sequence_id = 0;
  bool cabac = false;
  bool bottom_order_count = false;
  std::uint32_t references_l0 = 1;  // used unless a slice says otherwise
  std::uint32_t references_l1 = 1;
  bool weighted_p = false;
  int weighted_b = 0;  // 1 explicit, 2 by distance
  int initial_qp = 26;
  bool deblocking_control = false;
  bool redundant_count = false;
};

Result<SequenceParameters> parse_sequence_parameters(ByteView payload);
Result<PictureParameters> parse_picture_parameters(ByteView payload);

// The same set without the promise of timing messages; as long as before.
Bytes without_timing_promise(Bytes payload, const SequenceParameters& parameters);

// The same set with an order count of type 0 whose field has `bits` bits (4 … 16).
Bytes with_order_count_bits(ByteView payload, const SequenceParameters& parameters, int bits);

}  // namespace vivid::render::h264
