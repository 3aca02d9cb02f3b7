#include "render/hold/splicer.h"

#include <gtest/gtest.h>

#include "tests/unit/render/hold/clip.h"

namespace vivid::render::testing_support {
namespace {

TEST(Splicer, First) {
  for (const char* preset : {"veryfast", "medium", "ultrafast"})
    for (const char* params : {"bframes=0", "bframes=3:weightb=0", "bframes=3:ref=1:weightb=1", "bframes=0:cabac=0",
                               "bframes=3:cabac=0:ref=1", "ref=4:bframes=2:weightp=2:weightb=0"})
      for (auto variant : {SpliceVariant::continuous, SpliceVariant::closed}) {
        ClipSettings settings;
        settings.preset = preset;
        settings.x264_params = params;
        settings.variant = variant;
        const auto clip =
            make_clip(settings, {0, 0, 0, 5, 0, 0, 0, 0, 3, 0, 0, 0, 120, 0, 0, 0, 0, 0, 45, 0, 0, 0, 10, 100, 3});
        ASSERT_TRUE(clip.has_value()) << clip.error().describe();
        EXPECT_EQ(find_fault(settings, *clip), "") << preset << " " << params << " " << static_cast<int>(variant);
      }
}

}  // namespace
}  // namespace vivid::render::testing_support
