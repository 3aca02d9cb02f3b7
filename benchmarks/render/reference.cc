#include "reference.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/files.h"
#include "render/compose/composer.h"
#include "render/speech/narration.h"
#include "render/storyboard/storyboard.h"

namespace vivid::bench {
namespace {

namespace fs = std::filesystem;

// Shorter ones are steps of a transition.
constexpr std::int64_t kShortestStill = 6;

render::RenderOptions options_from(const Settings& settings, const fs::path& assets) {
  render::RenderOptions options;
  options.width_px = settings.width_px;
  options.height_px = settings.height_px;
  options.frames_per_second = settings.frames_per_second;
  options.asset_root = assets;
  options.speech = "none";
  options.words_per_minute = kWordsPerMinute;
  return options;
}

void write_picture(std::ofstream& file, const render::YuvView& picture) {
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? picture.width_px : picture.width_px / 2;
    const int height = plane == 0 ? picture.height_px : picture.height_px / 2;
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* row = picture.planes[plane] + std::ptrdiff_t{y} * picture.strides_bytes[plane];
      file.write(reinterpret_cast<const char*>(row), width);
    }
  }
}

// Gigabytes that the disk has still to write would slow down whoever is measured first.
void settle(const fs::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file || ::fdatasync(file.get()) != 0) give_up("cannot write " + path.string());
}

}  // namespace

void compose_reference(const Settings& settings, const fs::path& storyboard_file, const fs::path& assets,
                       const fs::path& folder) {
  const std::string text = need(read_file(storyboard_file, render::kMaxInputBytes));
  const render::Storyboard storyboard = need(render::parse_storyboard(text));
  render::SpeechOptions speech;
  speech.engine = "none";
  speech.words_per_minute = kWordsPerMinute;
  const auto engine = need(render::make_speech_engine(speech));
  const render::Narration narration = need(render::narrate(storyboard, *engine, folder, {}));
  const auto composer = need(render::Composer::create(storyboard, narration, options_from(settings, assets)));
  std::ofstream pictures(folder / "frames.yuv", std::ios::binary);
  Reference reference;
  for (std::int64_t i = 0; i < composer->frame_count(); ++i) {
    const render::ComposedFrame frame = need(composer->frame(i));
    if (!frame.held) {
      write_picture(pictures, frame.picture);
      reference.push_back(0);
    }
    ++reference.back();
  }
  pictures.close();
  if (!pictures) give_up("cannot write the composition to " + folder.string());
  settle(folder / "frames.yuv");
  std::ofstream counts(folder / "frames.txt");
  for (const std::int64_t count : reference) counts << count << "\n";
  const render::PixelWork& work = composer->work();
  std::ofstream(folder / "work.txt") << work.copied << " " << work.blended << " " << work.filmed << "\n";
}

Reference load_reference(const fs::path& folder) {
  std::ifstream counts(folder / "frames.txt");
  Reference reference;
  for (std::int64_t count = 0; counts >> count;) reference.push_back(count);
  if (reference.empty()) give_up("no composition in " + folder.string());
  return reference;
}

render::PixelWork load_work(const fs::path& folder) {
  std::ifstream counts(folder / "work.txt");
  render::PixelWork work;
  if (!(counts >> work.copied >> work.blended >> work.filmed)) give_up("no count of pixels in " + folder.string());
  return work;
}

std::int64_t frame_count(const Reference& reference) {
  std::int64_t sum = 0;
  for (const std::int64_t count : reference) sum += count;
  return sum;
}

void play_reference(const Settings& settings, const fs::path& folder) {
  std::ifstream pictures(folder / "frames.yuv", std::ios::binary);
  std::string picture(static_cast<std::size_t>(settings.frame_bytes()), '\0');
  for (const std::int64_t count : load_reference(folder)) {
    pictures.read(picture.data(), settings.frame_bytes());
    if (!pictures) give_up("the composition in " + folder.string() + " is too short");
    for (std::int64_t i = 0; i < count; ++i) need(write_all(STDOUT_FILENO, picture, "standard output"));
  }
}

std::vector<Still> stills_of(const Reference& reference) {
  std::vector<Still> stills;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const std::int64_t end = first + reference[i];
    if (reference[i] >= kShortestStill) stills.push_back({static_cast<std::int64_t>(i), first, end});
    first = end;
  }
  return stills;
}

}  // namespace vivid::bench
