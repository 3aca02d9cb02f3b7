#include "sync/credentials/sources.h"
#include "sync/credentials/token_exchange.h"

namespace vivid::sync {
namespace {

constexpr std::chrono::milliseconds kLimit{3'000};
constexpr const char* kTokenPath = "/computeMetadata/v1/instance/service-accounts/default/token";

class MetadataServer final : public TokenSource {
 public:
  MetadataServer(std::string host, SourceParts parts) : host_(std::move(host)), parts_(parts) {}

  Result<AccessToken> fetch() override {
    HttpRequest request;
    request.url = "http://" + host_ + kTokenPath;
    request.what = "a token of the metadata server " + host_;
    request.headers = {{"Metadata-Flavor", "Google"}};
    request.limits.connect = kLimit;
    request.limits.total = kLimit;
    request.direct = true;
    auto answer = exchange_token(parts_.http, request);
    if (!answer) {
      answer.error().message += " (no other credential was found; see google.credentials)";
      return tl::make_unexpected(std::move(answer).error());
    }
    // Whoever answers on this address without it is somebody else.
    const std::string* flavor = answer->header("Metadata-Flavor");
    if (flavor == nullptr || *flavor != "Google") {
      return fail(ErrorCode::unavailable, request.what + ": whoever answers is no metadata server");
    }
    return parse_token(*answer, request.what, parts_.clock);
  }

  std::string describe() const override { return "the metadata server " + host_; }

 private:
  const std::string host_;
  const SourceParts parts_;
};

}  // namespace

SourceResult make_metadata_server(const std::string& host, SourceParts parts) {
  return std::unique_ptr<TokenSource>(std::make_unique<MetadataServer>(host, parts));
}

}  // namespace vivid::sync
