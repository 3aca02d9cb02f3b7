#include "render/formats/mp3.h"

#include "base/check.h"
#include "render/formats/media_output.h"
#include "render/formats/transcoded_sound.h"

namespace vivid::render {
namespace {

constexpr std::chrono::seconds kPiece{1};

}  // namespace

Status write_mp3(const Mp3Options& options, const std::function<bool()>& keep_going) {
  VIVID_ASSIGN(const auto sound, TranscodedSound::open(options.sound, kMp3));
  VIVID_ASSIGN(const auto output, MediaOutput::create("mp3", options.path));
  const av::Parameters parameters(avcodec_parameters_alloc());
  VIVID_CHECK(parameters != nullptr);
  VIVID_TRY(sound->describe(*parameters));
  constexpr AVRational kTimeBase{1, TranscodedSound::kSampleRateHz};
  VIVID_ASSIGN(const AVStream* const track, output->add(*parameters, kTimeBase));
  if (!options.title.empty()) av_dict_set(&output->muxer().metadata, "title", options.title.c_str(), 0);
  av::Dictionary settings;
  VIVID_TRY(output->begin(settings));
  const PacketSink sink = [&](AVPacket& packet) { return output->write(packet, *track, kTimeBase); };
  for (std::chrono::microseconds time = kPiece;; time += kPiece) {
    if (!keep_going()) return fail(ErrorCode::cancelled, "stopped while encoding the sound");
    VIVID_ASSIGN(const bool more, sound->advance_to(time, sink));
    if (!more) break;
  }
  VIVID_TRY(output->finish());
  return output->publish();
}

}  // namespace vivid::render
