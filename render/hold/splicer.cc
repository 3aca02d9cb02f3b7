#include "render/hold/splicer.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "render/hold/messages.h"
#include "render/hold/mix_slice.h"
#include "render/hold/nal.h"
#include "render/hold/parameter_sets.h"
#include "render/hold/skip_slice.h"
#include "render/hold/slice_header.h"

namespace vivid::render {
namespace {

using h264::append_nal;
using h264::Bytes;
using h264::Nal;
using h264::NalType;
using h264::payload_of;

constexpr int kWidening = 8;
constexpr int kWidestOrderCount = 16;
// What a stream without an order count is given: whole bytes, so that the slices' data stay aligned.
constexpr int kNewOrderCount = 16;

tl::unexpected<Error> cannot(std::string what) {
  return fail(ErrorCode::unsupported, "frames cannot be held: " + std::move(what));
}

// The encoder's parameter sets, and those that the file gets.
struct Parameters {
  h264::SequenceParameters from;
  h264::SequenceParameters to;
  h264::PictureParameters picture;
  Bytes headers;
  std::vector<Bytes> sets;  // the encoder's, to know them again
};

Status widen(std::uint8_t header, const Bytes& payload, Parameters& parameters) {
  h264::SequenceParameters& to = parameters.to;
  const int bits = to.order_count_type == 0 ? to.order_count_bits + kWidening : kNewOrderCount;
  if (bits > kWidestOrderCount) {
    return cannot("the order count has " + std::to_string(to.order_count_bits) + " bits already");
  }
  if (to.order_count_type != 0 && to.reorder_frames < 0) return cannot("nothing says how pictures are reordered");
  to.order_count_type = 0;
  to.order_count_bits = bits;
  append_nal(header, h264::with_order_count_bits(payload, parameters.from, bits), parameters.headers);
  return {};
}

Result<Parameters> read_parameters(SpliceVariant variant, h264::ByteView global_header) {
  Parameters parameters;
  std::optional<Nal> sequence;
  std::optional<Nal> picture;
  const std::vector<Nal> units = h264::split_annex_b(global_header);
  for (const Nal& nal : units) {
    std::optional<Nal>* place = nal.type() == NalType::sequence_parameters  ? &sequence
                                : nal.type() == NalType::picture_parameters ? &picture
                                                                            : nullptr;
    if (place == nullptr) continue;
    if (place->has_value()) return cannot("there are several sets of parameters");
    *place = nal;
    parameters.sets.emplace_back(nal.bytes.begin(), nal.bytes.end());
  }
  if (!sequence || !picture) return cannot("the encoder gave no parameters beforehand");
  VIVID_ASSIGN(parameters.from, h264::parse_sequence_parameters(payload_of(*sequence)));
  VIVID_ASSIGN(parameters.picture, h264::parse_picture_parameters(payload_of(*picture)));
  if (parameters.picture.sequence_id != parameters.from.id) return cannot("the sets of parameters do not fit");
  parameters.to = parameters.from;
  const Bytes promised = h264::without_timing_promise(payload_of(*sequence), parameters.from);
  if (variant == SpliceVariant::continuous) {
    if (parameters.from.order_count_type != 0 && parameters.picture.bottom_order_count) {
      return cannot("fields have an order count of their own");
    }
    VIVID_TRY(widen(sequence->bytes[0], promised, parameters));
  } else {
    append_nal(sequence->bytes[0], promised, parameters.headers);
  }
  append_nal(*picture, parameters.headers);
  return parameters;
}

// One picture of the encoder, ready to be passed on.
struct Picture {
  Bytes bytes;
  Bytes slices;  // without messages: for giving it again
  bool idr = false;
  bool reference = false;
  bool b = false;
  bool weighed_by_distance = false;
  std::uint32_t frame_num = 0;
};

struct Expected {
  PlannedPicture plan;
  std::vector<int> shares;   // of the frames before it that mix it with the one before
  std::int64_t before = -1;  // index of that one
  bool is_out = false;
};

}  // namespace

struct Splicer::State {
  State(SpliceVariant which, Parameters read)
      : variant(which),
        parameters(std::move(read)),
        skip(parameters.to, parameters.picture),
        mix(parameters.to, parameters.picture) {
    if (mixes())
      parameters.headers.insert(parameters.headers.end(), mix.parameter_set().begin(), mix.parameter_set().end());
    const auto& to = parameters.to;
    delay = to.reorder_frames >= 0     ? to.reorder_frames
            : to.order_count_type == 2 ? 0
                                       : static_cast<std::int64_t>(to.reference_frames);
  }

  SpliceVariant variant;
  Parameters parameters;
  h264::SkipSlice skip;
  h264::MixSlice mix;
  std::int64_t delay = 0;
  std::deque<Expected> expected;  // in the order in which they are shown
  std::int64_t last_expected = -1;
  std::int64_t decoded = 0;  // packets given out
  std::int64_t base = -1;    // the frame from which the order count counts
  std::int64_t newest_reference = -1;
  bool held_between_references = false;  // between the two newest
  bool newest_is_held = false;
  std::uint32_t newest_number = 0;  // its frame_num
  bool held_since_start = false;
  Bytes repeatable;  // the newest picture that stands on its own, if it will be given again
  Bytes scratch;

  // Frames mixed of two pictures need both of them as references, and the later one first.
  bool mixes() const {
    const auto& to = parameters.to;
    return variant == SpliceVariant::continuous && to.reference_frames >= 2 && to.reorder_frames != 0;
  }
  std::uint32_t number_mask() const { return (1U << parameters.to.frame_num_bits) - 1; }
  std::uint32_t order_count(std::int64_t index) const { return static_cast<std::uint32_t>(2 * (index - base)); }

  Status read_slice(const Nal& nal, std::int64_t index, Picture& to);
  Result<Picture> read(h264::ByteView packet, std::int64_t index);
  Status check(const Picture& picture, const Expected& asked) const;
  Status give(Picture& picture, const PlannedPicture& plan, const SplicedSink& sink);
  Status give_mixes(const Expected& picture, const SplicedSink& sink);
  Status give_holds(const PlannedPicture& plan, const SplicedSink& sink);
  Status give_packet(SplicedPacket packet, const SplicedSink& sink);
};

Status Splicer::State::read_slice(const Nal& nal, std::int64_t index, Picture& to) {
  const Bytes payload = payload_of(nal);
  VIVID_ASSIGN(const auto header, h264::parse_slice_header(nal, payload, parameters.from, parameters.picture));
  to.idr = nal.type() == NalType::idr_slice;
  if (to.idr) base = index;
  if (base < 0) return cannot("the stream does not begin with an IDR picture");
  if (index < base) return cannot("a picture after an IDR picture is shown before it");
  to.reference = nal.ref_idc() != 0;
  to.b = to.b || header.type == h264::SliceType::b;
  if (header.weighed_by_distance && !header.nearest_references_only) return cannot("weights depend on far references");
  to.weighed_by_distance = to.weighed_by_distance || header.weighed_by_distance;
  to.frame_num = header.frame_num;
  if (variant == SpliceVariant::continuous) {
    const int bits = parameters.to.order_count_bits;
    append_nal(nal.bytes[0],
               h264::with_order_count(payload, header.order_count_begin, parameters.from.order_count_bits, bits,
                                      order_count(index) & ((1U << bits) - 1)),
               to.slices);
    return {};
  }
  if (parameters.from.order_count_type == 0) {
    const std::uint32_t mask = (1U << parameters.from.order_count_bits) - 1;
    if (header.order_count != (order_count(index) & mask)) return cannot("the encoder counts the order in another way");
  }
  append_nal(nal, to.slices);
  return {};
}

Result<Picture> Splicer::State::read(h264::ByteView packet, std::int64_t index) {
  Picture picture;
  bool any = false;
  for (const Nal& nal : h264::split_annex_b(packet)) {
    const bool known = std::any_of(parameters.sets.begin(), parameters.sets.end(), [&nal](const Bytes& set) {
      return std::equal(set.begin(), set.end(), nal.bytes.begin(), nal.bytes.end());
    });
    if (known) continue;
    if (nal.is_slice()) {
      any = true;
      VIVID_TRY(read_slice(nal, index, picture));
      continue;
    }
    const bool is_set = nal.type() == NalType::sequence_parameters || nal.type() == NalType::picture_parameters;
    if (is_set || (nal.type() >= NalType::partition_a && nal.type() <= NalType::partition_c)) {
      return cannot("the stream has a unit of type " + std::to_string(static_cast<int>(nal.type())));
    }
    // Messages come before the slices that they are about. Pictures that are held have no timing of their own, so none
    // has: it says nothing but that a picture is one whole frame.
    if (nal.type() == NalType::sei && parameters.from.timing_promise > 0) {
      const Bytes others = h264::without_timing_messages(payload_of(nal));
      if (!any && !others.empty()) append_nal(nal.bytes[0], others, picture.bytes);
      continue;
    }
    if (!any) append_nal(nal, picture.bytes);
  }
  if (!any) return cannot("a packet holds no picture");
  picture.bytes.insert(picture.bytes.end(), picture.slices.begin(), picture.slices.end());
  return picture;
}

Status Splicer::State::check(const Picture& picture, const Expected& asked) const {
  const PlannedPicture& plan = asked.plan;
  if (!asked.shares.empty() && (picture.idr || picture.b || !picture.reference || newest_reference != asked.before)) {
    return cannot("a picture to mix is no reference");
  }
  if (plan.kind == PictureKind::independent && !picture.idr) return cannot("the encoder made no IDR picture");
  if (plan.holds > 0 && (picture.b || !picture.reference)) return cannot("the picture to hold is no reference");
  if (picture.weighed_by_distance && (held_between_references || plan.index > newest_reference)) {
    return cannot("weights depend on how long a picture is held");
  }
  if (variant == SpliceVariant::closed && held_since_start && !picture.idr) {
    return cannot("the encoder went on where it had to start afresh");
  }
  return {};
}

Status Splicer::State::give_packet(SplicedPacket packet, const SplicedSink& sink) {
  packet.dts = decoded++ - delay;
  if (packet.dts > packet.pts) return cannot("pictures are reordered further than the stream says");
  return sink(packet);
}

Status Splicer::State::give(Picture& picture, const PlannedPicture& plan, const SplicedSink& sink) {
  if (picture.idr) {
    held_since_start = false;
    repeatable.clear();
    if (plan.repeat_every > 0) repeatable = std::move(picture.slices);
  }
  if (picture.reference) {
    held_between_references = newest_is_held;
    newest_is_held = plan.holds > 0;
    newest_reference = plan.index;
    newest_number = picture.frame_num;
  }
  SplicedPacket packet;
  packet.bytes = picture.bytes;
  packet.pts = plan.index;
  packet.sync = picture.idr;
  packet.disposable = !picture.reference;
  return give_packet(packet, sink);
}

Status Splicer::State::give_mixes(const Expected& picture, const SplicedSink& sink) {
  if (picture.shares.empty()) return {};
  held_between_references = true;
  std::int64_t index = picture.plan.begin();
  for (const int share : picture.shares) {
    SplicedPacket packet;
    packet.pts = index++;
    packet.disposable = true;
    packet.mixed = true;
    scratch.clear();
    mix.append(share, (newest_number + 1) & number_mask(), order_count(packet.pts), scratch);
    packet.bytes = scratch;
    VIVID_TRY(give_packet(packet, sink));
  }
  return {};
}

Status Splicer::State::give_holds(const PlannedPicture& plan, const SplicedSink& sink) {
  if (plan.holds == 0) return {};
  if (newest_reference != plan.index) return cannot("the picture to hold is not the newest reference");
  const bool reference = variant == SpliceVariant::closed;
  held_since_start = true;
  for (std::int64_t hold = 1; hold <= plan.holds; ++hold) {
    SplicedPacket packet;
    packet.pts = plan.index + hold;
    packet.held = true;
    if (plan.repeats_at(hold)) {
      base = packet.pts;
      newest_number = 0;
      packet.bytes = repeatable;
      packet.sync = true;
    } else {
      const std::uint32_t number = (newest_number + 1) & number_mask();
      scratch.clear();
      skip.append(reference, number, order_count(packet.pts), scratch);
      if (reference) newest_number = number;
      packet.bytes = scratch;
      packet.disposable = !reference;
    }
    VIVID_TRY(give_packet(packet, sink));
  }
  return {};
}

Splicer::Splicer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Splicer::~Splicer() = default;

Result<std::unique_ptr<Splicer>> Splicer::create(SpliceVariant variant, std::span<const std::uint8_t> global_header) {
  VIVID_ASSIGN(Parameters parameters, read_parameters(variant, global_header));
  return std::unique_ptr<Splicer>(new Splicer(std::make_unique<State>(variant, std::move(parameters))));
}

const std::vector<std::uint8_t>& Splicer::headers() const { return state_->parameters.headers; }

bool Splicer::mixes() const { return state_->mixes(); }

bool Splicer::by_distance() const { return state_->parameters.picture.weighted_b == 2; }

std::int64_t Splicer::longest_gap() const {
  // Two a frame; from one reference to the next less than half the field's range (8.2.1.1), and B pictures in between.
  constexpr std::int64_t kUnbounded = std::int64_t{1} << 40;
  const auto& to = state_->parameters.to;
  if (state_->variant == SpliceVariant::closed || to.order_count_type != 0) return kUnbounded;
  return (std::int64_t{1} << to.order_count_bits) / 4 - 32;
}

void Splicer::expect(const PlannedPicture& picture, std::vector<int> shares) {
  VIVID_CHECK(picture.holds >= 0 && picture.mixed_before == static_cast<std::int64_t>(shares.size()));
  VIVID_CHECK(state_->expected.empty() || state_->expected.back().plan.end() == picture.begin());
  VIVID_CHECK(shares.empty() || (state_->mixes() && state_->last_expected >= 0));
  state_->expected.push_back({picture, std::move(shares), std::exchange(state_->last_expected, picture.index)});
}

Status Splicer::take(std::span<const std::uint8_t> packet, std::int64_t index, const SplicedSink& sink) {
  State& state = *state_;
  const auto found = std::find_if(state.expected.begin(), state.expected.end(),
                                  [index](const Expected& picture) { return picture.plan.index == index; });
  if (found == state.expected.end() || found->is_out)
    return cannot("the encoder gave a picture that was not asked for");
  VIVID_ASSIGN(Picture picture, state.read(packet, index));
  VIVID_TRY(state.check(picture, *found));
  found->is_out = true;
  VIVID_TRY(state.give(picture, found->plan, sink));
  VIVID_TRY(state.give_mixes(*found, sink));
  while (!state.expected.empty() && state.expected.front().is_out) {
    const PlannedPicture plan = state.expected.front().plan;
    state.expected.pop_front();
    VIVID_TRY(state.give_holds(plan, sink));
  }
  return {};
}

Status Splicer::finish() const {
  if (!state_->expected.empty()) return cannot("the encoder kept pictures back");
  return {};
}

}  // namespace vivid::render
