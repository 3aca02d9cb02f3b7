#include "tests/unit/render/hold/stream_check.h"

#include <algorithm>

#include "render/hold/bits.h"
#include "render/hold/slice_header.h"

namespace vivid::render::testing_support {
namespace {

using h264::Nal;
using h264::NalType;

struct Picture {
  bool idr = false;
  bool reference = false;
  std::int64_t number = 0;
  std::int64_t order_lsb = 0;
  std::uint32_t idr_id = 0;
};

// The decoding process of frame numbers and order counts.
class Checker {
 public:
  Checker(const h264::SequenceParameters& sequence, const std::vector<h264::PictureParameters>& parameters)
      : sequence_(sequence), parameters_(parameters), most_numbers_(std::int64_t{1} << sequence.frame_num_bits) {}

  std::string check(const ClipPacket& packet) {
    Picture picture;
    if (std::string fault = read(packet, picture); !fault.empty()) return fault;
    if (picture.idr != packet.sync) return "the mark of a place to start is wrong";
    if (picture.reference == packet.disposable) return "the mark of a picture that is not needed is wrong";
    if (std::string fault = check_number(picture); !fault.empty()) return fault;
    if (picture.idr) start_ = packet.pts;
    const std::int64_t order = derive_order(picture);
    if (order != 2 * (packet.pts - start_)) {
      return "the order count is " + std::to_string(order) + " instead of " + std::to_string(2 * (packet.pts - start_));
    }
    before_ = picture;
    if (picture.reference) before_number_ = picture.number;
    any_ = true;
    return {};
  }

 private:
  std::string read(const ClipPacket& packet, Picture& to) const {
    for (const Nal& nal : h264::split_annex_b(packet.bytes)) {
      if (!nal.is_slice()) continue;
      const Bytes payload = payload_of(nal);
      h264::BitReader start(payload);
      start.ue();
      start.ue();
      const std::uint32_t id = start.ue();
      const auto parameters =
          std::find_if(parameters_.begin(), parameters_.end(), [id](const auto& set) { return set.id == id; });
      if (parameters == parameters_.end()) return "there is no set of parameters " + std::to_string(id);
      const auto header = h264::parse_slice_header(nal, payload, sequence_, *parameters);
      if (!header.has_value()) return header.error().message;
      to.idr = nal.type() == NalType::idr_slice;
      to.reference = nal.ref_idc() != 0;
      to.number = header->frame_num;
      to.order_lsb = header->order_count;
      h264::BitReader in(payload);
      for (int i = 0; i < 3; ++i) in.ue();
      in.bits(sequence_.frame_num_bits);
      if (to.idr) to.idr_id = in.ue();
    }
    return {};
  }

  std::string check_number(const Picture& picture) const {
    if (picture.idr) {
      if (picture.number != 0) return "an IDR picture has a number";
      if (any_ && before_.idr && before_.idr_id == picture.idr_id) return "two IDR pictures have the same id";
      return {};
    }
    if (!any_) return "the stream does not begin with an IDR picture";
    if (picture.number != (before_number_ + 1) % most_numbers_) {
      return "number " + std::to_string(picture.number) + " comes after " + std::to_string(before_number_);
    }
    return {};
  }

  std::int64_t derive_order(const Picture& picture) {
    if (sequence_.order_count_type == 2) {
      if (picture.idr) {
        number_offset_ = 0;
      } else if (before_.number > picture.number) {
        number_offset_ += most_numbers_;
      }
      const bool forbidden = any_ && !picture.reference && !before_.reference;
      return forbidden ? -1 : 2 * (number_offset_ + picture.number) - (picture.reference ? 0 : 1);
    }
    const std::int64_t most = std::int64_t{1} << sequence_.order_count_bits;
    if (picture.idr) order_high_ = order_low_ = 0;
    std::int64_t high = order_high_;
    if (picture.order_lsb < order_low_ && order_low_ - picture.order_lsb >= most / 2) high += most;
    if (picture.order_lsb > order_low_ && picture.order_lsb - order_low_ > most / 2) high -= most;
    if (picture.reference) {
      order_high_ = high;
      order_low_ = picture.order_lsb;
    }
    return high + picture.order_lsb;
  }

  h264::SequenceParameters sequence_;
  std::vector<h264::PictureParameters> parameters_;
  std::int64_t most_numbers_;
  bool any_ = false;
  Picture before_;
  std::int64_t before_number_ = 0;
  std::int64_t start_ = 0;
  std::int64_t number_offset_ = 0;
  std::int64_t order_high_ = 0;
  std::int64_t order_low_ = 0;
};

}  // namespace

std::string find_stream_fault(const Bytes& header, const std::vector<ClipPacket>& packets) {
  h264::SequenceParameters sequence;
  std::vector<h264::PictureParameters> parameters;
  for (const Nal& nal : h264::split_annex_b(header)) {
    if (nal.type() == NalType::sequence_parameters) sequence = h264::parse_sequence_parameters(payload_of(nal)).value();
    if (nal.type() == NalType::picture_parameters) {
      parameters.push_back(h264::parse_picture_parameters(payload_of(nal)).value());
    }
  }
  Checker checker(sequence, parameters);
  for (const ClipPacket& packet : packets) {
    const std::string fault = checker.check(packet);
    if (!fault.empty()) return "frame " + std::to_string(packet.pts) + ": " + fault;
  }
  return {};
}

}  // namespace vivid::render::testing_support
