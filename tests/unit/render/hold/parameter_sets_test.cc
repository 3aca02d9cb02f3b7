#include "render/hold/parameter_sets.h"

#include <gtest/gtest.h>

#include "render/hold/bits.h"
#include "render/hold/slice_header.h"

namespace vivid::render::h264 {
namespace {

// A set of the Main profile, as 7.3.2.1.1 lays it out.
struct SequenceSet {
  std::uint32_t profile = 77;
  std::uint32_t order_count_type = 0;
  std::uint32_t order_count_bits = 6;
  std::uint32_t references = 4;
  std::uint32_t width = 120;
  std::uint32_t height = 68;
  bool frames_only = true;
  bool buffer_model = false;
  bool timing_messages = false;

  Bytes write() const {
    BitWriter out;
    out.bits(profile, 8);
    out.bits(0, 8);
    out.bits(40, 8);
    out.ue(0);
    if (profile == 244) {
      out.ue(3);
      out.flag(true);  // colour planes apart
    }
    out.ue(0);  // frame numbers of four bits
    out.ue(order_count_type);
    if (order_count_type == 0) out.ue(order_count_bits - 4);
    out.ue(references);
    out.flag(false);
    out.ue(width - 1);
    out.ue(height - 1);
    out.flag(frames_only);
    if (!frames_only) out.flag(false);
    out.flag(true);
    out.flag(false);
    out.flag(true);  // usability
    out.bits(0, 5);  // no aspect ratio, overscan, video signal, chroma or timing
    out.flag(buffer_model);
    if (!buffer_model) out.flag(false);
    out.flag(timing_messages);
    out.flag(true);  // restrictions
    out.flag(true);
    for (const std::uint32_t value : {0U, 0U, 10U, 10U, 2U, 4U}) out.ue(value);
    out.stop();
    return out.take();
  }
};

TEST(ParameterSets, PromiseNoTimingMessagesWhereNoneWillCome) {
  SequenceSet set;
  const Bytes silent = set.write();
  EXPECT_EQ(without_timing_promise(silent, *parse_sequence_parameters(silent)), silent);
  set.timing_messages = true;
  const Bytes promising = set.write();
  ASSERT_NE(promising, silent);
  const auto read = parse_sequence_parameters(promising);
  ASSERT_TRUE(read.has_value()) << read.error().describe();
  EXPECT_EQ(without_timing_promise(promising, *read), silent);
}

TEST(ParameterSets, ReadWhatMatters) {
  const auto read = parse_sequence_parameters(SequenceSet{}.write());
  ASSERT_TRUE(read.has_value()) << read.error().describe();
  EXPECT_EQ(read->frame_num_bits, 4);
  EXPECT_EQ(read->order_count_type, 0);
  EXPECT_EQ(read->order_count_bits, 6);
  EXPECT_EQ(read->reference_frames, 4U);
  EXPECT_EQ(read->picture_macroblocks, 120U * 68U);
  EXPECT_EQ(read->reorder_frames, 2);
}

TEST(ParameterSets, WidenTheOrderCountAndNothingElse) {
  for (const std::uint32_t type : {0U, 2U}) {
    SequenceSet set;
    set.order_count_type = type;
    const Bytes payload = set.write();
    const auto read = parse_sequence_parameters(payload);
    ASSERT_TRUE(read.has_value()) << read.error().describe();
    SequenceSet wide;
    wide.order_count_bits = 14;
    EXPECT_EQ(with_order_count_bits(payload, *read, 14), wide.write()) << type;
  }
}

TEST(ParameterSets, SayWhatIsNotSupported) {
  const auto reason = [](const SequenceSet& set) {
    const auto read = parse_sequence_parameters(set.write());
    return read.has_value() ? std::string() : read.error().message;
  };
  SequenceSet set;
  set.frames_only = false;
  EXPECT_EQ(reason(set), "the stream's parameters: pictures may be coded as fields");
  set = {};
  set.order_count_type = 1;
  EXPECT_EQ(reason(set), "the stream's parameters: the order count has type 1");
  set = {};
  set.profile = 244;
  EXPECT_EQ(reason(set), "the stream's parameters: colour planes are coded apart");
  set = {};
  set.buffer_model = true;
  EXPECT_EQ(reason(set), "the stream's parameters: they promise a buffer model");
  set = {};
  set.references = 0;
  EXPECT_EQ(reason(set), "the stream's parameters: no picture may refer to another");
  set = {};
  set.width = 100'000;
  EXPECT_EQ(reason(set), "the stream's parameters: a picture has 100000 times 68 macroblocks");
}

TEST(ParameterSets, RefuseEverySetThatIsCutOff) {
  const Bytes whole = SequenceSet{}.write();
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    const auto read = parse_sequence_parameters(ByteView(whole).first(size));
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().code, ErrorCode::unsupported);
  }
}

TEST(SliceHeader, MovesWhatFollowsTheOrderCountByWholeBytes) {
  for (std::size_t begin = 0; begin < 20; ++begin) {
    BitWriter slice;
    slice.bits(0x5a5a5, static_cast<int>(begin));
    slice.bits(0b101101, 6);
    slice.bits(0x3e51, 14);
    slice.stop();
    BitWriter expected;
    expected.bits(0x5a5a5, static_cast<int>(begin));
    expected.bits(0x2bcd, 14);
    expected.bits(0x3e51, 14);
    expected.stop();
    EXPECT_EQ(with_order_count(slice.bytes(), begin, 6, 14, 0x2bcd), expected.bytes()) << begin;
  }
}

}  // namespace
}  // namespace vivid::render::h264
