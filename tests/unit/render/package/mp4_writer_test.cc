#include "render/package/mp4_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/files.h"
#include "render/encode/aac_encoder.h"
#include "render/encode/av.h"
#include "render/encode/av_log.h"
#include "render/package/audio_feed.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kFrames = 90;
constexpr int kFlashFrame = 45;
constexpr int kRateHz = SoundTrack::kSampleRateHz;

RenderOptions small() {
  RenderOptions options;
  options.width_px = 640;
  options.height_px = 360;
  return options;
}

void write_m4a(const std::filesystem::path& path, const std::vector<float>& mono) {
  auto encoder = AacEncoder::open(1);
  ASSERT_TRUE(encoder.has_value());
  Mp4Options options;
  options.path = path;
  options.chapters = {{seconds(0), seconds(3), "Una"}};
  auto writer = Mp4Writer::open(options, nullptr, **encoder);
  ASSERT_TRUE(writer.has_value());
  const PacketSink sink = [&](AVPacket& packet) { return (*writer)->write_audio(packet); };
  ASSERT_TRUE((*encoder)->encode(mono, sink).has_value());
  ASSERT_TRUE((*encoder)->finish(sink).has_value());
  ASSERT_TRUE((*writer)->finish().has_value());
}

// Three seconds, dark and silent but for one flash and one click, both at 1.5 s.
void write_flash(const synthetic::Folder& folder, const char* name, std::vector<Caption> captions,
                 bool captions_shown = false) {
  std::vector<float> sound(kRateHz * 3, 0.0F);
  for (int i = 0; i < 900; ++i) sound[static_cast<std::size_t>(kRateHz * 3 / 2 + i)] = i % 44 < 22 ? 0.6F : -0.6F;
  write_m4a(folder / "narration.m4a", sound);
  auto audio = AudioFeed::open(folder / "narration.m4a");
  ASSERT_TRUE(audio.has_value());
  auto encoder = VideoEncoder::open("libx264", small());
  ASSERT_TRUE(encoder.has_value());
  Mp4Options options;
  options.path = folder / name;
  options.title = "Flash";
  options.language = "es";
  options.chapters = {{seconds(0), milliseconds(1'500), "Antes"}, {milliseconds(1'500), seconds(3), "Después"}};
  options.captions = std::move(captions);
  options.caption_language = "pt-BR";
  options.captions_shown = captions_shown;
  auto writer = Mp4Writer::open(options, encoder->get(), audio->track());
  ASSERT_TRUE(writer.has_value()) << writer.error().describe();
  const PacketSink sink = [&](AVPacket& packet) -> Status {
    VIVID_TRY(audio->advance_to(std::chrono::microseconds(packet.dts * 1'000'000 / 30), **writer));
    return (*writer)->write_video(packet);
  };
  synthetic::Picture picture(640, 360);
  for (int i = 0; i < kFrames; ++i) {
    const ComposedFrame frame =
        picture.flat(i == kFlashFrame ? 230 : 20, i > 0 && i != kFlashFrame && i != kFlashFrame + 1);
    ASSERT_TRUE((*encoder)->encode(i, frame, sink).has_value());
  }
  ASSERT_TRUE((*encoder)->finish(sink).has_value());
  ASSERT_TRUE(audio->finish(**writer).has_value());
  const Status finished = (*writer)->finish();
  ASSERT_TRUE(finished.has_value()) << finished.error().describe();
}

struct CloseInput {
  void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
};
using Input = std::unique_ptr<AVFormatContext, CloseInput>;

Input open_input(const std::filesystem::path& path) {
  AVFormatContext* input = nullptr;
  if (avformat_open_input(&input, path.c_str(), nullptr, nullptr) < 0) return nullptr;
  avformat_find_stream_info(input, nullptr);
  return Input(input);
}

// When the loudest or brightest moment of the stream is presented.
double peak_seconds(AVFormatContext& input, AVMediaType type) {
  const int index = av_find_best_stream(&input, type, -1, -1, nullptr, 0);
  const AVStream& stream = *input.streams[index];
  av::Codec codec(avcodec_alloc_context3(avcodec_find_decoder(stream.codecpar->codec_id)));
  avcodec_parameters_to_context(codec.get(), stream.codecpar);
  codec->pkt_timebase = stream.time_base;
  EXPECT_GE(avcodec_open2(codec.get(), nullptr, nullptr), 0);
  double peak_time = -1;
  const av::Packet packet = av::make_packet();
  const av::Frame frame = av::make_frame();
  const auto drain = [&] {
    while (peak_time < 0 && avcodec_receive_frame(codec.get(), frame.get()) >= 0) {
      const double start = static_cast<double>(frame->best_effort_timestamp) * av_q2d(stream.time_base);
      if (type == AVMEDIA_TYPE_VIDEO && frame->data[0][0] > 150) peak_time = start;
      const auto* samples = reinterpret_cast<const float*>(frame->data[0]);
      for (int i = 0; type == AVMEDIA_TYPE_AUDIO && i < frame->nb_samples && peak_time < 0; ++i) {
        if (std::fabs(samples[i]) > 0.3F) peak_time = start + i / 48'000.0;
      }
    }
  };
  while (av_read_frame(&input, packet.get()) >= 0) {
    if (packet->stream_index == index && avcodec_send_packet(codec.get(), packet.get()) >= 0) drain();
    av_packet_unref(packet.get());
  }
  avcodec_send_packet(codec.get(), nullptr);
  drain();
  return peak_time;
}

TEST(Mp4Writer, KeepsSoundAndPictureTogether) {
  const synthetic::Folder folder;
  write_flash(folder, "a.mp4", {});
  const double seen = peak_seconds(*open_input(folder / "a.mp4"), AVMEDIA_TYPE_VIDEO);
  const double heard = peak_seconds(*open_input(folder / "a.mp4"), AVMEDIA_TYPE_AUDIO);
  EXPECT_NEAR(seen, 1.5, 0.0005);
  EXPECT_NEAR(heard, 1.5, 0.002);
}

TEST(Mp4Writer, GivesEveryTrackTheLengthOfTheNarration) {
  const synthetic::Folder folder;
  write_flash(folder, "a.mp4", {});
  const Input input = open_input(folder / "a.mp4");
  ASSERT_NE(input, nullptr);
  ASSERT_GE(input->nb_streams, 2U);
  for (unsigned i = 0; i < 2; ++i) {
    const AVStream& stream = *input->streams[i];
    EXPECT_NEAR(static_cast<double>(stream.duration) * av_q2d(stream.time_base), 3.0, 0.03) << i;
  }
  EXPECT_EQ(input->streams[0]->nb_frames, kFrames);
  EXPECT_NEAR(static_cast<double>(input->duration) / AV_TIME_BASE, 3.0, 0.001);
}

TEST(Mp4Writer, PutsTheIndexInFront) {
  const synthetic::Folder folder;
  write_flash(folder, "a.mp4", {});
  const auto bytes = read_file(folder / "a.mp4", 10'000'000);
  ASSERT_TRUE(bytes.has_value());
  EXPECT_LT(bytes->find("moov"), bytes->find("mdat"));
}

TEST(Mp4Writer, MakesChaptersAndACaptionTrackInTheLanguage) {
  const synthetic::Folder folder;
  write_flash(folder, "a.mp4",
              {{milliseconds(200), milliseconds(900), {"Uno"}},
               {milliseconds(900), milliseconds(1'400), {"dos", "tres"}},
               {milliseconds(2'000), milliseconds(2'800), {"cuatro"}}});
  const Input input = open_input(folder / "a.mp4");
  ASSERT_NE(input, nullptr);
  ASSERT_EQ(input->nb_chapters, 2U);
  EXPECT_STREQ(av_dict_get(input->chapters[1]->metadata, "title", nullptr, 0)->value, "Después");
  EXPECT_NEAR(static_cast<double>(input->chapters[1]->start) * av_q2d(input->chapters[1]->time_base), 1.5, 0.001);
  const int index = av_find_best_stream(input.get(), AVMEDIA_TYPE_SUBTITLE, -1, -1, nullptr, 0);
  ASSERT_GE(index, 0);
  EXPECT_STREQ(av_dict_get(input->streams[index]->metadata, "language", nullptr, 0)->value, "por");
  const int sound = av_find_best_stream(input.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  EXPECT_STREQ(av_dict_get(input->streams[sound]->metadata, "language", nullptr, 0)->value, "spa");
  std::map<int, std::string> shown;
  const av::Packet packet = av::make_packet();
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    if (packet->stream_index == index) {
      const double time = static_cast<double>(packet->pts) * av_q2d(input->streams[index]->time_base);
      shown[static_cast<int>(std::lround(time * 1'000))] =
          std::string(reinterpret_cast<const char*>(packet->data) + 2, static_cast<std::size_t>(packet->size) - 2);
    }
    av_packet_unref(packet.get());
  }
  // Empty samples clear the picture; the track ends with its last caption.
  const std::map<int, std::string> wanted{{0, ""}, {200, "Uno"}, {900, "dos\ntres"}, {1'400, ""}, {2'000, "cuatro"}};
  EXPECT_EQ(shown, wanted);
}

TEST(Mp4Writer, EnablesTheCaptionTrackOnlyWhereItIsToBeShown) {
  const synthetic::Folder folder;
  const std::vector<Caption> captions{{milliseconds(200), milliseconds(900), {"Uno"}}};
  for (const bool shown : {false, true}) {
    write_flash(folder, "a.mp4", captions, shown);
    const Input input = open_input(folder / "a.mp4");
    const int index = av_find_best_stream(input.get(), AVMEDIA_TYPE_SUBTITLE, -1, -1, nullptr, 0);
    ASSERT_GE(index, 0);
    EXPECT_EQ((input->streams[index]->disposition & AV_DISPOSITION_DEFAULT) != 0, shown);
  }
  write_flash(folder, "a.mp4", {}, true);
  EXPECT_LT(av_find_best_stream(open_input(folder / "a.mp4").get(), AVMEDIA_TYPE_SUBTITLE, -1, -1, nullptr, 0), 0);
}

TEST(Mp4Writer, GivesTheSameBytesTwice) {
  const synthetic::Folder folder;
  const std::vector<Caption> captions{{milliseconds(200), milliseconds(900), {"Uno"}}};
  write_flash(folder, "a.mp4", captions);
  write_flash(folder, "b.mp4", captions);
  EXPECT_EQ(describe_file(folder / "a.mp4")->sha256, describe_file(folder / "b.mp4")->sha256);
}

TEST(Mp4Writer, LeavesNothingWhenItIsNotFinished) {
  const synthetic::Folder folder;
  write_m4a(folder / "sound.m4a", std::vector<float>(100));
  const auto audio = AudioFeed::open(folder / "sound.m4a");
  ASSERT_TRUE(audio.has_value());
  std::filesystem::create_directory(folder / "out");
  {
    Mp4Options options;
    options.path = folder.path() / "out" / "narration.m4a";
    ASSERT_TRUE(Mp4Writer::open(options, nullptr, audio->track()).has_value());
    EXPECT_FALSE(std::filesystem::exists(options.path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder / "out"));
}

TEST(Mp4Writer, NamesTheFileThatCannotBeCreated) {
  const AvLogCapture quiet;
  const synthetic::Folder folder;
  write_m4a(folder / "sound.m4a", std::vector<float>(100));
  const auto audio = AudioFeed::open(folder / "sound.m4a");
  Mp4Options options;
  options.path = folder.path() / "absent" / "narration.m4a";
  const auto writer = Mp4Writer::open(options, nullptr, audio->track());
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().code, ErrorCode::not_found);
  EXPECT_NE(writer.error().message.find("narration.m4a"), std::string::npos);
}

}  // namespace
}  // namespace vivid::render
