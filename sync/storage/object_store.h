// Where finished files go: named objects in buckets, whole or not there at all.
//
// Threads: every method may be called from any thread, also for different objects at once; all of them block on disk or
// network, so never call them on an event loop. Errors: invalid_input (a name), not_found (the local file),
// data_corrupt (the bytes are not those expected), already_exists (a folder or file of the store is in the way),
// cancelled, disk_full, io_error, permission_denied, unavailable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace vivid::sync {

struct PutRequest {
  std::string bucket;
  std::string name;  // "requests/<id>/video.mp4"; see object_name.h
  std::filesystem::path file;
  std::string content_type;                     // "video/mp4"
  std::string cache_control;                    // "private, max-age=3600"; a folder has no use for it
  std::map<std::string, std::string> metadata;  // kept with the object
  // What the file must be, from the manifest; anything else is data_corrupt. Unset: whatever it is.
  std::optional<std::uint64_t> expected_size_bytes;
  std::optional<std::string> expected_crc32c;  // base64, big-endian, as in FileFacts
};

struct ObjectFacts {
  std::string url;   // file:///… or gs://…
  std::string name;  // in the bucket: that of the request, below the store's prefix if it has one
  std::uint64_t size_bytes = 0;
  std::string sha256;  // hex; empty when the store does not say
  std::string crc32c;  // base64, big-endian
};

// Called on the calling thread, with the bytes that are on their way or safe: fewer than before when some have to be
// sent again, the same again while nothing moves. False stops the transfer with `cancelled`.
using PutProgress = std::function<bool(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Returns once the object would survive a power cut. Readers see the old object or the new one, never a part. The
  // same bytes again are fine and change nothing.
  virtual Result<ObjectFacts> put(const PutRequest& request, const PutProgress& progress = {}) = 0;

  // The content of a small object; not_found when there is none, too_large beyond the limit.
  virtual Result<std::string> read(const std::string& bucket, const std::string& name, std::uint64_t limit_bytes) = 0;

  // Removes the object of this name, what is left of uploads that did not end, and all whose names begin with the name
  // and "/". Returns how many objects there were; none is fine.
  virtual Result<std::uint64_t> remove(const std::string& bucket, const std::string& name) = 0;
};

}  // namespace vivid::sync
