#include "render/spans/span_joint.h"

#include <cstring>
#include <string>

#include "render/encode/av.h"
#include "render/hold/bits.h"
#include "render/hold/nal.h"
#include "render/hold/parameter_sets.h"

namespace vivid::render {
namespace {

using h264::ByteView;
using h264::Nal;
using h264::NalType;

// user_data_unregistered (D.1.7): where encoders name themselves.
constexpr std::uint8_t kNote = 5;

bool is_note(const Nal& nal) { return nal.type() == NalType::sei && nal.bytes.size() > 1 && nal.bytes[1] == kNote; }

h264::Bytes without_notes(ByteView packet) {
  h264::Bytes bytes;
  for (const Nal& nal : h264::split_annex_b(packet)) {
    if (!is_note(nal)) h264::append_nal(nal, bytes);
  }
  return bytes;
}

Result<h264::SequenceParameters> sequence_of(ByteView headers) {
  for (const Nal& nal : h264::split_annex_b(headers)) {
    if (nal.type() == NalType::sequence_parameters) return h264::parse_sequence_parameters(h264::payload_of(nal));
  }
  return fail(ErrorCode::unsupported, "a span has no sequence parameters");
}

// idr_pic_id (7.3.3); none: the packet is no IDR picture.
Result<std::optional<std::uint32_t>> idr_number(ByteView packet, ByteView headers) {
  for (const Nal& nal : h264::split_annex_b(packet)) {
    if (nal.type() != NalType::idr_slice) continue;
    VIVID_ASSIGN(const h264::SequenceParameters sequence, sequence_of(headers));
    const h264::Bytes payload = h264::payload_of(nal);
    h264::BitReader reader(payload);
    for (int field = 0; field < 3; ++field) reader.ue();  // first_mb_in_slice, slice_type, pic_parameter_set_id
    reader.bits(sequence.frame_num_bits);
    const std::uint32_t number = reader.ue();
    if (!reader.ok()) return fail(ErrorCode::unsupported, "an IDR picture ends too early");
    return std::optional(number);
  }
  return std::optional<std::uint32_t>();
}

}  // namespace

Status SpanJoint::give(const EncodedSpan& span, const PacketSink& sink) {
  if (!fits(span)) return fail(ErrorCode::unsupported, "spans of one video have different parameter sets");
  if (span.packets.empty()) return fail(ErrorCode::unsupported, "a span holds no picture");
  const av::Packet packet = av::make_packet();
  std::size_t offset = 0;
  for (const SpanPacket& part : span.packets) {
    ByteView bytes = ByteView(span.bytes).subspan(offset, part.size_bytes);
    const bool is_first = offset == 0;
    offset += part.size_bytes;
    const bool is_last = offset == span.bytes.size();
    h264::Bytes shorter;
    if (is_first) {
      VIVID_ASSIGN(const auto number, idr_number(bytes, span.headers));
      if (!number) return fail(ErrorCode::unsupported, "a span does not begin with an IDR picture");
      if (number == last_idr_) return fail(ErrorCode::unsupported, "two spans meet in IDR pictures of one number");
      if (next_frame_ > 0) bytes = shorter = without_notes(bytes);
    }
    if (is_last) {
      VIVID_ASSIGN(last_idr_, idr_number(bytes, span.headers));
    }
    const int allocated = av_new_packet(packet.get(), static_cast<int>(bytes.size()));
    if (allocated < 0) return tl::make_unexpected(av::error(allocated, "join spans"));
    std::memcpy(packet->data, bytes.data(), bytes.size());
    packet->pts = next_frame_ + part.pts;
    packet->dts = next_frame_ + part.dts;
    packet->duration = 1;
    packet->flags = part.flags;
    const Status taken = sink(*packet);
    av_packet_unref(packet.get());
    VIVID_TRY(taken);
  }
  next_frame_ += span.frames;
  return {};
}

}  // namespace vivid::render
