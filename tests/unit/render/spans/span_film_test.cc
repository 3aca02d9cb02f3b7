#include "render/spans/span_film.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "render/encode/av.h"
#include "render/spans/span_key.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/render/compose/samples.h"

namespace vivid::render {
namespace {

namespace fs = std::filesystem;

RenderOptions small() {
  RenderOptions options;
  options.width_px = 160;
  options.height_px = 90;
  options.preset = "veryfast";
  options.keyframe_seconds = 1;
  return options;
}

std::vector<Scene> lesson(const std::string& changed = "Scene 3") {
  std::vector<Scene> scenes;
  for (int i = 0; i < 6; ++i) {
    const std::string title = i == 3 ? changed : "Scene " + std::to_string(i);
    scenes.push_back(testing::scene_of(SceneKind::text, title, "What is said about it."));
    scenes.back().planned_duration = std::chrono::milliseconds(2'500);
  }
  return scenes;
}

struct Packet {
  std::vector<std::uint8_t> bytes;
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  int flags = 0;
  bool operator==(const Packet&) const = default;
};

struct Film {
  Status status;
  SpanFilmed filmed;
  std::vector<Packet> packets;
  std::vector<std::uint8_t> headers;
  SpanCacheCounts counts;
};

Film film(
    const std::vector<Scene>& scenes, const SpanBudget& budget, const fs::path& cache_folder = {},
    const RenderOptions& options = small(), const std::function<bool()>& cancelled = [] { return false; }) {
  Film film;
  const Storyboard storyboard = testing::storyboard_of(scenes);
  const auto composer = Composer::create(storyboard, testing::narration_of(storyboard), options);
  const auto encoder = VideoEncoder::open("libx264", options);
  EXPECT_TRUE(composer.has_value() && encoder.has_value());
  std::unique_ptr<SpanCache> cache;
  if (!cache_folder.empty()) cache = std::move(*SpanCache::open({cache_folder, std::uint64_t{1} << 30, 0}));
  const PacketSink sink = [&film](AVPacket& packet) -> Status {
    film.packets.push_back({{packet.data, packet.data + packet.size}, packet.pts, packet.dts, packet.flags});
    return {};
  };
  film.headers = *headers_of(**encoder);
  film.status = film_in_spans(
      {**composer, **encoder, options, budget, cache.get(), system_clock(), cancelled, [](std::int64_t) {}}, sink,
      film.filmed);
  EXPECT_TRUE(film.status.has_value() || film.status.error().code == ErrorCode::cancelled)
      << film.status.error().describe();
  if (cache) film.counts = cache->counts();
  return film;
}

// Frames by their numbers; ends at the first thing the decoder does not like.
std::vector<std::vector<std::uint8_t>> decode(const std::vector<std::uint8_t>& headers,
                                              const std::vector<Packet>& packets) {
  const AVCodec* decoder = avcodec_find_decoder(AV_CODEC_ID_H264);
  const av::Codec codec(avcodec_alloc_context3(decoder));
  codec->extradata = static_cast<std::uint8_t*>(av_mallocz(headers.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  std::copy(headers.begin(), headers.end(), codec->extradata);
  codec->extradata_size = static_cast<int>(headers.size());
  codec->err_recognition = AV_EF_EXPLODE | AV_EF_BITSTREAM | AV_EF_BUFFER;
  codec->thread_count = 1;
  EXPECT_EQ(avcodec_open2(codec.get(), decoder, nullptr), 0);
  const av::Frame frame = av::make_frame();
  std::vector<std::vector<std::uint8_t>> frames;
  const auto receive = [&] {
    while (avcodec_receive_frame(codec.get(), frame.get()) == 0) {
      std::vector<std::uint8_t> bytes;
      for (int plane = 0; plane < 3; ++plane) {
        const int shift = plane == 0 ? 0 : 1;
        for (int y = 0; y < frame->height >> shift; ++y) {
          const std::uint8_t* row = frame->data[plane] + static_cast<std::ptrdiff_t>(y) * frame->linesize[plane];
          bytes.insert(bytes.end(), row, row + (frame->width >> shift));
        }
      }
      EXPECT_EQ(frame->pts, packets.front().pts + static_cast<std::int64_t>(frames.size()));
      frames.push_back(std::move(bytes));
      av_frame_unref(frame.get());
    }
  };
  for (const Packet& packet : packets) {
    const av::Packet sent = av::make_packet();
    EXPECT_EQ(av_new_packet(sent.get(), static_cast<int>(packet.bytes.size())), 0);
    std::copy(packet.bytes.begin(), packet.bytes.end(), sent->data);
    sent->pts = packet.pts;
    sent->dts = packet.dts;
    EXPECT_EQ(avcodec_send_packet(codec.get(), sent.get()), 0);
    receive();
  }
  EXPECT_EQ(avcodec_send_packet(codec.get(), nullptr), 0);
  receive();
  return frames;
}

TEST(SpanFilm, MakesTheSameBytesWhateverRunsSideBySide) {
  const Film one = film(lesson(), {1, 0});
  EXPECT_GT(one.filmed.spans, 6);
  EXPECT_EQ(one.filmed.side_by_side, 1);
  for (const SpanBudget budget : {SpanBudget{3, 0}, SpanBudget{8, 0}, SpanBudget{8, 1}}) {
    const Film many = film(lesson(), budget);
    EXPECT_EQ(many.packets, one.packets);
    EXPECT_LE(many.filmed.side_by_side, budget.memory_bytes == 1 ? 1 : budget.spans);
  }
}

TEST(SpanFilm, MakesTheSameBytesFromAColdAndAWarmCache) {
  const test::TemporaryFolder folder;
  const Film without = film(lesson(), {2, 0});
  const Film cold = film(lesson(), {2, 0}, folder / "cache");
  const Film warm = film(lesson(), {2, 0}, folder / "cache");
  EXPECT_EQ(cold.packets, without.packets);
  EXPECT_EQ(warm.packets, without.packets);
  EXPECT_EQ(cold.counts.misses, cold.filmed.spans);
  EXPECT_EQ(warm.filmed.reused, warm.filmed.spans);
  EXPECT_EQ(warm.counts.hits, warm.filmed.spans);
  EXPECT_EQ(warm.filmed.pictures, cold.filmed.pictures);
}

TEST(SpanFilm, EncodesOnlyWhatAnEditChanges) {
  const test::TemporaryFolder folder;
  film(lesson(), {2, 0}, folder / "cache");
  const Film edited = film(lesson("Another"), {2, 0}, folder / "cache");
  EXPECT_EQ(edited.packets, film(lesson("Another"), {2, 0}).packets);
  EXPECT_GT(edited.filmed.reused, edited.filmed.spans / 2);
  EXPECT_LT(edited.filmed.reused, edited.filmed.spans);
  // A scene that has moved is the same scene.
  std::vector<Scene> longer = lesson();
  longer.insert(longer.begin(), lesson("New")[3]);
  const Film moved = film(longer, {2, 0}, folder / "cache");
  EXPECT_EQ(moved.packets, film(longer, {2, 0}).packets);
  EXPECT_GT(moved.filmed.reused, moved.filmed.spans / 2);
}

TEST(SpanFilm, TakesNothingThatWasMadeInAnotherWay) {
  const test::TemporaryFolder folder;
  film(lesson(), {2, 0}, folder / "cache");
  RenderOptions other = small();
  other.crf = 21;
  EXPECT_EQ(film(lesson(), {2, 0}, folder / "cache", other).filmed.reused, 0);
  other = small();
  other.preset = "superfast";
  EXPECT_EQ(film(lesson(), {2, 0}, folder / "cache", other).filmed.reused, 0);
  other = small();
  other.frames_per_second = 25;
  EXPECT_EQ(film(lesson(), {2, 0}, folder / "cache", other).filmed.reused, 0);
}

TEST(SpanFilm, EncodesAgainWhatTheDiskForgot) {
  const test::TemporaryFolder folder;
  const Film cold = film(lesson(), {2, 0}, folder / "cache");
  std::int64_t spoilt = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "cache")) {
    if (!entry.is_regular_file() || entry.path().filename() == ".total") continue;
    if (++spoilt % 2 != 0) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put('\x55');
  }
  const Film again = film(lesson(), {2, 0}, folder / "cache");
  EXPECT_EQ(again.packets, cold.packets);
  EXPECT_GT(again.counts.corrupt, 0);
  EXPECT_EQ(film(lesson(), {2, 0}, folder / "cache").counts.corrupt, 0);
}

TEST(SpanFilm, DecodesToWhatEachSpanDecodesToAlone) {
  const Film whole = film(lesson(), {4, 0});
  std::vector<std::vector<std::uint8_t>> alone;
  std::vector<Packet> span;
  const Storyboard storyboard = testing::storyboard_of(lesson());
  const auto composer = Composer::create(storyboard, testing::narration_of(storyboard), small());
  ASSERT_TRUE(composer.has_value());
  std::size_t next = 0;
  for (const Span& cut : plan_spans(shown_pictures(**composer), SpanRules{30})) {
    const auto count = static_cast<std::size_t>(cut.frames());
    const std::vector<Packet> part(whole.packets.begin() + static_cast<std::ptrdiff_t>(next),
                                   whole.packets.begin() + static_cast<std::ptrdiff_t>(next + count));
    EXPECT_NE(part.front().flags & AV_PKT_FLAG_KEY, 0);
    EXPECT_EQ(part.front().pts, cut.first);
    for (auto& frame : decode(whole.headers, part)) alone.push_back(std::move(frame));
    next += count;
  }
  EXPECT_EQ(decode(whole.headers, whole.packets), alone);
  EXPECT_EQ(static_cast<std::int64_t>(alone.size()), (*composer)->frame_count());
}

TEST(SpanFilm, StopsWhenItIsToldTo) {
  int asked = 0;
  const Film stopped = film(lesson(), {2, 0}, {}, small(), [&asked] { return ++asked > 2; });
  ASSERT_FALSE(stopped.status.has_value());
  EXPECT_EQ(stopped.status.error().code, ErrorCode::cancelled);
}

TEST(SpanKey, HoldsNothingOfADevice) {
  EXPECT_FALSE(span_key({"frames", {0, 10, 1}, "h264_nvenc", small(), {}}).has_value());
}

// As after an upgrade under a worker that runs: a copy of this program removes itself, and asks.
TEST(SpanKey, IsKnownOfAProgramThatIsGone) {
  constexpr const char* kIsCopy = "VIVID_TEST_PROGRAM_IS_A_COPY";
  if (std::getenv(kIsCopy) != nullptr) {
    ASSERT_TRUE(fs::remove(fs::read_symlink("/proc/self/exe")));
    const auto key = keyed_by_program("what");
    EXPECT_TRUE(key.has_value()) << key.error().describe();
    return;
  }
  const test::TemporaryFolder folder;
  const fs::path copy = folder / "program";
  fs::copy_file("/proc/self/exe", copy);
  const std::string command = std::string("env -u GTEST_OUTPUT ") + kIsCopy + "=1 '" + copy.string() +
                              "' --gtest_filter=SpanKey.IsKnownOfAProgramThatIsGone";
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_FALSE(fs::exists(copy));
}

}  // namespace
}  // namespace vivid::render
