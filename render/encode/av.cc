#include "render/encode/av.h"

#include <array>
#include <cerrno>
#include <string>

#include "base/check.h"

namespace vivid::render::av {
namespace {

bool is_errno(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case ENOENT:
    case EACCES:
    case EPERM:
    case EROFS:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EFBIG:
    case EIO:
      return true;
    default:
      return false;
  }
}

}  // namespace

Error error(int number, std::string_view what) {
  if (is_errno(AVUNERROR(number))) return errno_error(AVUNERROR(number), what);
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(number, text.data(), text.size());
  return Error{number == AVERROR_INVALIDDATA ? ErrorCode::data_corrupt : ErrorCode::internal,
               std::string(what) + ": " + text.data()};
}

Frame make_frame() {
  Frame frame(av_frame_alloc());
  VIVID_CHECK(frame != nullptr);
  return frame;
}

Packet make_packet() {
  Packet packet(av_packet_alloc());
  VIVID_CHECK(packet != nullptr);
  return packet;
}

}  // namespace vivid::render::av
