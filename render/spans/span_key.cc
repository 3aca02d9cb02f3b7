#include "render/spans/span_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <sstream>
#include <system_error>

#include "base/digest.h"
#include "base/files.h"
#include "render/encode/library_versions.h"
#include "render/encode/video_encoder.h"

namespace vivid::render {
namespace {

// Of what is kept: raised when the form of an encoded span changes.
constexpr int kForm = 1;

std::string digest_of(std::string_view text) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(text)));
  return digest.finish_hex();
}

// The program itself: whatever of its code has a say in the bytes, another build is another program.
Result<std::string> digest_of_program() {
  // Opened through the link: an upgrade may have put another program at its path, or none.
  const UniqueFd fd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    return fail(ErrorCode::unsupported, "the program cannot be read: " + std::generic_category().message(errno));
  }
  Sha256 digest;
  std::array<char, 1 << 16> chunk;
  while (true) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return fail(ErrorCode::unsupported, "the program cannot be read: " + std::generic_category().message(errno));
    }
    if (got == 0) return digest.finish_hex();
    digest.update(std::as_bytes(std::span(chunk.data(), static_cast<std::size_t>(got))));
  }
}

Result<std::string> find_makers() {
  VIVID_ASSIGN(const std::string program, digest_of_program());
  std::ostringstream text;
  text << "program " << program << '\n';
  for (const auto& [name, version] : library_versions()) text << name << ' ' << version << '\n';
  return std::move(text).str();
}

// Once in a process: none of it changes under a program that runs.
const Result<std::string>& makers() {
  static const Result<std::string> found = find_makers();
  return found;
}

}  // namespace

Result<std::string> keyed_by_program(std::string_view what) {
  VIVID_ASSIGN(const std::string by, makers());
  return digest_of("form " + std::to_string(kForm) + '\n' + by + std::string(what));
}

Result<std::string> span_key(const SpanFacts& facts) {
  const EncoderKind* kind = find_encoder(facts.encoder);
  if (kind == nullptr || kind->hardware) {
    return fail(ErrorCode::unsupported, "what a device makes of the same pictures is not known to be the same");
  }
  const RenderOptions& options = facts.options;
  std::ostringstream text;
  text << "span\nframes " << facts.frames << '\n'
       << facts.span.frames() << ' ' << facts.span.pictures << '\n'
       << "encoder " << facts.encoder << '\n'
       << "size " << options.width_px << 'x' << options.height_px << '\n'
       << "rate " << options.frames_per_second << '\n'
       << "preset " << options.preset << '\n'
       << "crf " << options.crf << '\n'
       << "keyframe_seconds " << options.keyframe_seconds << '\n'
       << "hold_still_frames " << options.hold_still_frames << '\n'
       << "threads " << options.encoder_threads << '\n'
       << "headers " << facts.headers.size() << '\n';
  text.write(reinterpret_cast<const char*>(facts.headers.data()), static_cast<std::streamsize>(facts.headers.size()));
  return keyed_by_program(std::move(text).str());
}

}  // namespace vivid::render
