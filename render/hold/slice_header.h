// The header of a slice (7.3.3), as far as it decides whether and how pictures can be held after it.
//
// Threads: pure functions over values. Errors: unsupported, with what was found.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "render/hold/nal.h"
#include "render/hold/parameter_sets.h"

namespace vivid::render::h264 {

enum class SliceType { p, b, i };

struct SliceHeader {
  SliceType type = SliceType::p;
  bool first_of_picture = false;
  std::uint32_t frame_num = 0;
  std::uint32_t order_count = 0;  // pic_order_cnt_lsb; 0 where the stream has none
  // How much two references weigh follows from how far away they are.
  bool weighed_by_distance = false;
  // Of the references there are, only the nearest on each side are used.
  bool nearest_references_only = false;
  // Where pic_order_cnt_lsb is in the payload, or would be.
  std::size_t order_count_begin = 0;
};

// `nal` is a slice and `payload` what it says. Refused besides what cannot be read: motion that depends on the distance
// between pictures, references that are B pictures, and operations that renumber pictures.
Result<SliceHeader> parse_slice_header(const Nal& nal, ByteView payload, const SequenceParameters& sequence,
                                       const PictureParameters& picture);

// The slice with pic_order_cnt_lsb = `value`, `new_bits` wide instead of `old_bits` (which may be 0). The widths differ
// by whole bytes, so that nothing behind the field moves within its byte.
Bytes with_order_count(ByteView payload, std::size_t begin, int old_bits, int new_bits, std::uint32_t value);

}  // namespace vivid::render::h264
