#include "render/vivid_render/work_files.h"

#include <array>
#include <system_error>

#include "base/files.h"

namespace vivid::render {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxResultBytes = kMaxMessageBytes;

struct ContentType {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array kContentTypes{
    ContentType{".mp4", "video/mp4"},
    ContentType{".m4a", "audio/mp4"},
    ContentType{".wav", "audio/wav"},
    ContentType{".vtt", "text/vtt"},
    ContentType{".md", "text/markdown"},
    ContentType{".jpg", "image/jpeg"},
    ContentType{".png", "image/png"},
    ContentType{".json", "application/json"},
    ContentType{".mp3", "audio/mpeg"},
    ContentType{".webm", "video/webm"},
    ContentType{".srt", "application/x-subrip"},
    ContentType{".m3u8", "application/vnd.apple.mpegurl"},
};

std::string content_type_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  for (const ContentType& known : kContentTypes) {
    if (known.extension == extension) return std::string(known.type);
  }
  return "application/octet-stream";
}

fs::path result_path(const fs::path& directory, std::string_view stage) {
  return directory / ("." + std::string(stage) + ".json");
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<ProducedFile> describe_product(const fs::path& directory, const std::string& name) {
  VIVID_ASSIGN(const FileFacts facts, describe_file(directory / name));
  return ProducedFile{name, content_type_of(name), facts.size_bytes, facts.sha256, facts.crc32c};
}

bool is_for_readers(const ProducedFile& file) {
  return file.content_type != "audio/wav" && file.content_type != "application/json";
}

Status save_result(const fs::path& directory, std::string_view stage, const StageResult& result) {
  return write_file_durably(result_path(directory, stage), to_json(result));
}

Result<std::vector<std::pair<std::string, StageResult>>> load_results(const fs::path& directory) {
  std::vector<std::pair<std::string, StageResult>> results;
  for (const std::string_view stage :
       {kStageAudioSynthesis, kStageImageGeneration, kStageVideoGeneration, kStageFormatConversion}) {
    const fs::path path = result_path(directory, stage);
    if (!is_there(path)) continue;
    VIVID_ASSIGN(const std::string text, read_file(path, kMaxResultBytes));
    auto result = stage_result_from_json(text);
    if (!result.has_value()) {
      return fail(ErrorCode::data_corrupt, path.string() + ": " + result.error().message);
    }
    results.emplace_back(stage, std::move(*result));
  }
  return results;
}

}  // namespace vivid::render
