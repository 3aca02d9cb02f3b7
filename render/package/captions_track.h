// Captions as 3GPP timed text (3GPP TS 26.245), the text track that MP4 players show.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "render/speech/narration.h"

namespace vivid::render {

struct CaptionLook {
  int width_px = 0;  // of the picture
  int height_px = 0;
  double scale = 1.0;   // of the usual size of letters
  bool forced = false;  // players show them unasked (QuickTime File Format, subtitle sample description)
};

// The body of the tx3g sample entry: white on half-transparent black, centred at the bottom.
std::vector<std::uint8_t> timed_text_description(const CaptionLook& look);

// One sample: its length in two bytes, then the lines in UTF-8.
std::string timed_text_sample(const Caption& caption);

}  // namespace vivid::render
