// The units an H.264 stream is cut into (Annex B), and the bytes that keep start codes from showing up inside them.
//
// Threads: pure functions. Ownership: a Nal borrows its bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vivid::render::h264 {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// nal_unit_type (Table 7-1), as far as anything here asks for it.
enum class NalType : std::uint8_t {
  slice = 1,
  partition_a = 2,
  partition_c = 4,
  idr_slice = 5,
  sei = 6,
  sequence_parameters = 7,
  picture_parameters = 8,
};

struct Nal {
  ByteView bytes;  // without a start code; never empty

  NalType type() const { return static_cast<NalType>(bytes[0] & 0x1f); }
  int ref_idc() const { return bytes[0] >> 5 & 3; }
  bool is_slice() const { return type() == NalType::slice || type() == NalType::idr_slice; }
};

// The units of a stream with start codes. What stands before the first start code is left out.
std::vector<Nal> split_annex_b(ByteView stream);

// What a unit says: without its header byte, and without the bytes against start codes (7.4.1).
Bytes payload_of(const Nal& nal);

// Appends a unit with its start code.
void append_nal(std::uint8_t header, ByteView payload, Bytes& to);
void append_nal(const Nal& nal, Bytes& to);

}  // namespace vivid::render::h264
