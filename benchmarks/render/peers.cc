// What someone who knows them well would ask of ffmpeg and melt. Slides: each picture that stays is decoded and
// converted once, and nothing but the dissolves from one to the next is ever blended, which is less work than laying
// every bullet over every frame. Moving pictures: zoompan and affine.
#include <cstdio>

#include "contender.h"

namespace vivid::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kZoom = 0.14;                // of a whole scene
constexpr std::int64_t kSceneBlendMs = 500;   // vivid-render's
constexpr std::int64_t kPictureSeconds = 10;  // each of them, in the timeline with moving pictures

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6f", value);
  return text;
}

// One picture of the peers' slide show, and the dissolve into it.
struct Slide {
  fs::path file;
  std::int64_t first = 0;  // frame in which the dissolve into it begins
  std::int64_t blend = 0;  // frames of that
  std::int64_t end = 0;    // where it is gone
  std::int64_t count() const { return end - first; }
};

fs::path still_file(const Timeline& timeline, std::size_t index) {
  return timeline.folder / ("still-" + std::to_string(index) + ".png");
}

std::vector<Slide> moving_slides(const Settings& settings, const Timeline& timeline) {
  const std::int64_t length = kPictureSeconds * settings.frames_per_second;
  const std::int64_t blend = kSceneBlendMs * settings.frames_per_second / 1'000;
  std::vector<Slide> slides;
  for (int i = 0; i < timeline.scenes; ++i) {
    const bool last = i + 1 == timeline.scenes;
    slides.push_back({timeline.assets / ("picture-" + std::to_string(i + 1) + ".png"), i * length, i == 0 ? 0 : blend,
                      (i + 1) * length + (last ? 0 : blend)});
  }
  return slides;
}

std::vector<Slide> still_slides(const Timeline& timeline) {
  const std::vector<Still> stills = stills_of(timeline.reference);
  std::vector<Slide> slides;
  for (std::size_t i = 0; i < stills.size(); ++i) {
    Slide slide;
    slide.file = still_file(timeline, i);
    slide.first = i == 0 ? 0 : stills[i - 1].end;
    slide.blend = i == 0 ? 0 : stills[i].first - slide.first;
    slide.end = i + 1 == stills.size() ? frame_count(timeline.reference) : stills[i + 1].first;
    slides.push_back(slide);
  }
  return slides;
}

std::vector<Slide> slides_of(const Settings& settings, const Timeline& timeline) {
  return timeline.moves ? moving_slides(settings, timeline) : still_slides(timeline);
}

// How a stretch of a slide, from frame `from` of its own on, becomes frames. `finer`: how many times as large as the
// video the picture is when it is zoomed, since zoompan moves it by whole pixels.
std::string stretch(const Settings& settings, const Timeline& timeline, const Slide& slide, std::int64_t from,
                    std::int64_t count, const char* pixels, int finer) {
  const std::string rate = std::to_string(settings.frames_per_second);
  const std::string frames = std::to_string(count);
  std::string filters = "scale=out_color_matrix=bt709:out_range=tv";
  if (finer > 1) filters += ":w=" + std::to_string(finer * settings.width_px) + ":h=-2:flags=bicubic";
  filters += std::string(",format=") + pixels + ",";
  if (timeline.moves) {
    filters += "zoompan=z='1+" + number(kZoom) + "*(on+" + std::to_string(from) + ")/" + std::to_string(slide.count()) +
               "':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d=" + frames + ":fps=" + rate + ":s=" + settings.size();
  } else {
    filters += "loop=loop=-1:size=1,trim=end_frame=" + frames;
  }
  return filters + ",settb=1/" + rate + ",setpts=N,setsar=1";
}

// The slides one after another, dissolves between them. xfade works on 4:4:4 alone: so only the dissolves go through
// it.
class Graph {
 public:
  Graph(const Settings& settings, const Timeline& timeline, const std::vector<Slide>& slides, int finer)
      : settings_(settings), timeline_(timeline), slides_(slides), finer_(finer) {}

  std::string text() {
    for (std::size_t k = 0; k < slides_.size(); ++k) add_input(k);
    for (std::size_t k = 0; k < slides_.size(); ++k) {
      if (k > 0) add_dissolve(k);
      add_part(stretch_of(k, "yuv420p", slides_[k].blend, steady(k)), "[" + name("in", k) + "]");
    }
    return graph_ + parts_ + "concat=n=" + std::to_string(count_) + ":v=1:a=0[out]";
  }

 private:
  static std::string name(const char* what, std::size_t k) { return what + std::to_string(k); }
  std::int64_t blend_after(std::size_t k) const { return k + 1 < slides_.size() ? slides_[k + 1].blend : 0; }
  std::int64_t steady(std::size_t k) const { return slides_[k].count() - slides_[k].blend - blend_after(k); }

  std::string stretch_of(std::size_t k, const char* pixels, std::int64_t from, std::int64_t count) const {
    return stretch(settings_, timeline_, slides_[k], from, count, pixels, finer_);
  }

  // Each picture is read once and used for the dissolves on both sides too.
  void add_input(std::size_t k) {
    const bool comes = k > 0;
    const bool goes = k + 1 < slides_.size();
    graph_ += "[" + std::to_string(k) + ":v]split=" + std::to_string(1 + (comes ? 1 : 0) + (goes ? 1 : 0)) + "[" +
              name("in", k) + "]";
    if (comes) graph_ += "[" + name("come", k) + "]";
    if (goes) graph_ += "[" + name("go", k) + "]";
    graph_ += ";";
  }

  void add_dissolve(std::size_t k) {
    const std::int64_t blend = slides_[k].blend;
    const std::int64_t left = slides_[k - 1].count() - blend;
    graph_ +=
        "[" + name("go", k - 1) + "]" + stretch_of(k - 1, "yuv444p", left, blend + 1) + "[" + name("old", k) + "];";
    graph_ += "[" + name("come", k) + "]" + stretch_of(k, "yuv444p", 0, blend + 1) + "[" + name("new", k) + "];";
    const double seconds = static_cast<double>(blend) / settings_.frames_per_second;
    add_part("xfade=transition=fade:offset=0:duration=" + number(seconds) + ",trim=end_frame=" + std::to_string(blend) +
                 ",format=yuv420p",
             "[" + name("old", k) + "][" + name("new", k) + "]");
  }

  void add_part(const std::string& filters, const std::string& from) {
    const std::string part = "[part" + std::to_string(count_++) + "]";
    graph_ += from + filters + part + ";";
    parts_ += part;
  }

  const Settings& settings_;
  const Timeline& timeline_;
  const std::vector<Slide>& slides_;
  int finer_;
  int count_ = 0;
  std::string graph_;
  std::string parts_;
};

std::vector<std::string> ffmpeg_inputs(const Settings& settings, const std::vector<Slide>& slides,
                                       const std::string& graph) {
  std::vector<std::string> arguments{"ffmpeg", "-hide_banner", "-nostdin", "-y"};
  for (const Slide& slide : slides) {
    arguments.insert(arguments.end(), {"-framerate", std::to_string(settings.frames_per_second), "-threads", "1", "-i",
                                       slide.file.string()});
  }
  arguments.insert(arguments.end(), {"-filter_complex", graph, "-map", "[out]"});
  return arguments;
}

Contender ffmpeg(const Settings& settings, const Timeline& timeline, const std::string& name, const std::string& file,
                 int finer) {
  const std::vector<Slide> slides = slides_of(settings, timeline);
  const std::string graph = Graph(settings, timeline, slides, finer).text();
  Contender contender;
  contender.name = name;
  contender.video = timeline.folder / (file + ".mp4");
  contender.encode.arguments = ffmpeg_inputs(settings, slides, graph);
  contender.encode.arguments.insert(contender.encode.arguments.end(), {"-c:v",
                                                                       "libx264",
                                                                       "-preset",
                                                                       settings.preset,
                                                                       "-crf",
                                                                       std::to_string(settings.crf),
                                                                       "-threads",
                                                                       std::to_string(settings.threads),
                                                                       "-g",
                                                                       std::to_string(settings.longest_gap()),
                                                                       "-profile:v",
                                                                       "high",
                                                                       "-colorspace",
                                                                       "bt709",
                                                                       "-color_primaries",
                                                                       "bt709",
                                                                       "-color_trc",
                                                                       "bt709",
                                                                       "-color_range",
                                                                       "tv",
                                                                       "-movflags",
                                                                       "+faststart",
                                                                       contender.video});
  contender.encode.log = timeline.folder / (file + ".log");
  contender.uncompressed = {ffmpeg_inputs(settings, slides, graph), timeline.folder / (file + "-raw.log"), {}};
  contender.uncompressed.arguments.insert(contender.uncompressed.arguments.end(),
                                          {"-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"});
  return contender;
}

std::string melt_profile(const Settings& settings) {
  if (settings.height_px == 720) return "atsc_720p_30";
  return settings.height_px == 1080 ? "atsc_1080p_30" : "uhd_2160p_30";
}

// From the whole picture to one that is larger than the frame on all sides.
std::string melt_camera(const Settings& settings, std::int64_t last) {
  const double zoom = 1.0 + kZoom;
  const double width = settings.width_px;
  const double height = settings.height_px;
  return "transition.rect=0=0 0 " + number(width) + " " + number(height) + " 1;" + std::to_string(last) + "=" +
         number(-width * kZoom / 2) + " " + number(-height * kZoom / 2) + " " + number(width * zoom) + " " +
         number(height * zoom) + " 1";
}

std::vector<std::string> melt_playlist(const Settings& settings, const Timeline& timeline) {
  std::vector<std::string> arguments{"melt", "-silent", "-profile", melt_profile(settings)};
  for (const Slide& slide : slides_of(settings, timeline)) {
    arguments.insert(arguments.end(), {"pixbuf:" + slide.file.string(), "out=" + std::to_string(slide.count() - 1)});
    if (timeline.moves) {
      arguments.insert(arguments.end(), {"-attach-cut", "affine", melt_camera(settings, slide.count() - 1)});
    }
    if (slide.blend > 0) {
      arguments.insert(arguments.end(), {"-mix", std::to_string(slide.blend), "-mixer", "luma"});
    }
  }
  return arguments;
}

}  // namespace

void write_stills(const Settings& settings, const Timeline& timeline) {
  if (timeline.moves) return;
  const std::vector<Still> stills = stills_of(timeline.reference);
  for (std::size_t i = 0; i < stills.size(); ++i) {
    run({{"ffmpeg",
          "-v",
          "error",
          "-nostdin",
          "-y",
          "-f",
          "rawvideo",
          "-pixel_format",
          "yuv420p",
          "-video_size",
          settings.size(),
          "-skip_initial_bytes",
          std::to_string(stills[i].picture * settings.frame_bytes()),
          "-i",
          timeline.folder / "frames.yuv",
          "-frames:v",
          "1",
          "-vf",
          "scale=in_color_matrix=bt709:in_range=tv,format=rgb24",
          still_file(timeline, i)},
         timeline.folder / "stills.log",
         {}});
  }
}

std::vector<Contender> ffmpeg_graphs(const Settings& settings, const Timeline& timeline) {
  if (!timeline.moves) return {ffmpeg(settings, timeline, "ffmpeg", "ffmpeg", 1)};
  // From a picture four times as wide the steps are small enough not to be seen.
  return {ffmpeg(settings, timeline, "ffmpeg zoompan", "ffmpeg", 1),
          ffmpeg(settings, timeline, "ffmpeg zoompan 4x", "ffmpeg-4x", 4)};
}

Contender melt(const Settings& settings, const Timeline& timeline) {
  Contender contender;
  contender.name = "melt";
  contender.video = timeline.folder / "melt.mp4";
  contender.encode.arguments = melt_playlist(settings, timeline);
  contender.encode.arguments.insert(
      contender.encode.arguments.end(),
      {"-consumer", "avformat:" + contender.video.string(), "real_time=-1", "an=1", "vcodec=libx264",
       "preset=" + settings.preset, "crf=" + std::to_string(settings.crf),
       "threads=" + std::to_string(settings.threads), "g=" + std::to_string(settings.longest_gap()), "pix_fmt=yuv420p",
       "movflags=+faststart"});
  contender.encode.log = timeline.folder / "melt.log";
  contender.uncompressed = {melt_playlist(settings, timeline), timeline.folder / "melt-raw.log", {}};
  contender.uncompressed.arguments.insert(contender.uncompressed.arguments.end(),
                                          {"-consumer", "avformat:/dev/stdout", "real_time=-1", "an=1", "f=rawvideo",
                                           "vcodec=rawvideo", "pix_fmt=yuv420p"});
  return contender;
}

}  // namespace vivid::bench
