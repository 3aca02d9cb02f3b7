#include "render/formats/mp3.h"

#include "base/check.h"
#include "render/formats/coded_sound.h"
#include "render/formats/media_output.h"

namespace vivid::render {

Status write_mp3(const Mp3Options& options, const SavedMaster& master, const std::function<bool()>& keep_going) {
  VIVID_ASSIGN(const auto sound, CodedSound::make(master, kMp3, keep_going));
  VIVID_ASSIGN(const auto output, MediaOutput::create("mp3", options.path));
  const av::Parameters parameters(avcodec_parameters_alloc());
  VIVID_CHECK(parameters != nullptr);
  VIVID_TRY(sound->describe(*parameters));
  constexpr AVRational kTimeBase{1, CodedSound::kSampleRateHz};
  VIVID_ASSIGN(const AVStream* const track, output->add(*parameters, kTimeBase));
  if (!options.title.empty()) av_dict_set(&output->muxer().metadata, "title", options.title.c_str(), 0);
  av::Dictionary settings;
  VIVID_TRY(output->begin(settings));
  VIVID_TRY(sound->advance_to(std::chrono::microseconds::max(),
                              [&](AVPacket& packet) { return output->write(packet, *track, kTimeBase); }));
  VIVID_TRY(output->finish());
  return output->publish();
}

}  // namespace vivid::render
