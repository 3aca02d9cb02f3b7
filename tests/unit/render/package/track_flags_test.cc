#include "render/package/track_flags.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "tests/support/render/synthetic.h"

namespace vivid::render {
namespace {

std::string box(const std::string& type, const std::string& content) {
  const auto size = static_cast<unsigned>(content.size() + 8);
  std::string out;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(size >> shift & 0xffU);
  return out + type + content;
}

// A box whose length stands in eight bytes after its type.
std::string long_box(const std::string& type, const std::string& content) {
  return std::string("\0\0\0\1", 4) + type + std::string(7, '\0') + static_cast<char>(content.size() + 16) + content;
}

std::string track(char flags) { return box("trak", box("edts", "x") + box("tkhd", std::string("\0\0\0", 3) + flags)); }

std::string disabled(const synthetic::Folder& folder, const std::string& bytes, int index) {
  std::ofstream(folder / "a.mp4", std::ios::binary) << bytes;
  const Status done = disable_track(folder / "a.mp4", index);
  return done.has_value() ? *read_file(folder / "a.mp4", 1'000'000) : "failed: " + done.error().message;
}

TEST(TrackFlags, ClearsOneBitOfOneTrack) {
  const synthetic::Folder folder;
  const std::string before = box("ftyp", "isom") + long_box("free", "abc");
  const std::string media = box("mdat", "trak tkhd");
  EXPECT_EQ(disabled(folder, before + box("moov", box("mvhd", "y") + track('\7') + track('\3')) + media, 1),
            before + box("moov", box("mvhd", "y") + track('\7') + track('\2')) + media);
}

TEST(TrackFlags, RefusesWhatHasNoSuchTrack) {
  const synthetic::Folder folder;
  for (const std::string& bytes :
       {std::string(), std::string("moov"), box("moov", track('\3')), box("moov", {}), std::string(40, '\0'),
        std::string("\xff\xff\xff\xffmoov", 8), box("moov", track('\3')).substr(0, 30)}) {
    EXPECT_EQ(disabled(folder, bytes, 1).substr(0, 7), "failed:");
  }
  EXPECT_EQ(disable_track(folder / "absent.mp4", 0).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace vivid::render
