// An object store in a folder, laid out as a bucket would be: directory/bucket/name. Content type and metadata lie
// beside it in directory/bucket/.meta/, as .name.json in the folders of the name.
//
// Threads, errors: as ObjectStore. Ownership: the folder may be shared by processes; the last writer of a name wins.
#pragma once

#include <filesystem>
#include <string>

#include "sync/storage/object_store.h"

namespace vivid::sync {

class LocalObjectStore final : public ObjectStore {
 public:
  // `directory` is absolute, and made when first needed.
  explicit LocalObjectStore(std::filesystem::path directory);

  Result<ObjectFacts> put(const PutRequest& request, const PutProgress& progress = {}) override;
  Result<std::string> read(const std::string& bucket, const std::string& name, std::uint64_t limit_bytes) override;
  Result<std::uint64_t> remove(const std::string& bucket, const std::string& name) override;

 private:
  std::filesystem::path object_path(const std::string& bucket, const std::string& name) const;
  std::filesystem::path metadata_path(const std::string& bucket, const std::string& name) const;

  std::filesystem::path directory_;
};

}  // namespace vivid::sync
