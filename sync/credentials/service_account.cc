#include <nlohmann/json.hpp>

#include "sync/credentials/jwt.h"
#include "sync/credentials/sources.h"
#include "sync/credentials/token_exchange.h"
#include "sync/http/url.h"

namespace vivid::sync {
namespace {

using nlohmann::json;
constexpr std::chrono::seconds kJwtLife{3600};
constexpr const char* kJwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

class ServiceAccount final : public TokenSource {
 public:
  struct Key {
    std::string email;
    std::string id;
    Secret pem;
    std::string token_uri;
  };
  ServiceAccount(Key key, SourceParts parts) : key_(std::move(key)), parts_(parts) {}

  Result<AccessToken> fetch() override {
    VIVID_ASSIGN(const Secret assertion, signed_assertion());
    const std::string what = "a token for " + key_.email;
    const HttpRequest request = token_request(
        key_.token_uri, what, Secret(form_encoded({{"grant_type", kJwtGrant}, {"assertion", assertion.reveal()}})));
    VIVID_ASSIGN(const HttpResponse answer, exchange_token(parts_.http, request));
    return parse_token(answer, what, parts_.clock);
  }

  Result<Secret> signed_assertion() const {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(parts_.clock.now().time_since_epoch());
    const json header = {{"alg", "RS256"}, {"typ", "JWT"}, {"kid", key_.id}};
    const json claims = {{"iss", key_.email},
                         {"scope", kCloudScope},
                         {"aud", key_.token_uri},
                         {"iat", now.count()},
                         {"exp", (now + kJwtLife).count()}};
    return sign_jwt(header.dump(), claims.dump(), key_.pem);
  }

  std::string describe() const override { return "service account " + key_.email; }

 private:
  const Key key_;
  const SourceParts parts_;
};

class AuthorizedUser final : public TokenSource {
 public:
  AuthorizedUser(Secret form, std::string token_uri, SourceParts parts)
      : form_(std::move(form)), token_uri_(std::move(token_uri)), parts_(parts) {}

  Result<AccessToken> fetch() override {
    VIVID_ASSIGN(const HttpResponse answer, exchange_token(parts_.http, token_request(token_uri_, kWhat, form_)));
    return parse_token(answer, kWhat, parts_.clock);
  }
  std::string describe() const override { return "a person's login of gcloud"; }

 private:
  static constexpr const char* kWhat = "a token for gcloud's login";

  const Secret form_;
  const std::string token_uri_;
  const SourceParts parts_;
};

}  // namespace

SourceResult make_service_account(const json& document, SourceParts parts) {
  ServiceAccount::Key key;
  VIVID_ASSIGN(key.email, required_text(document, "client_email"));
  VIVID_ASSIGN(key.id, required_text(document, "private_key_id"));
  VIVID_ASSIGN(std::string pem, required_text(document, "private_key"));
  key.pem = Secret(std::move(pem));
  key.token_uri = document.value("token_uri", kGoogleTokenUri);
  VIVID_TRY(check_secure_url("token_uri", key.token_uri));
  auto account = std::make_unique<ServiceAccount>(std::move(key), parts);
  // A key that cannot sign is found now, and not by the first upload.
  VIVID_TRY(account->signed_assertion());
  return std::unique_ptr<TokenSource>(std::move(account));
}

SourceResult make_authorized_user(const json& document, SourceParts parts) {
  VIVID_ASSIGN(const std::string client, required_text(document, "client_id"));
  VIVID_ASSIGN(const std::string client_secret, required_text(document, "client_secret"));
  VIVID_ASSIGN(const std::string refresh, required_text(document, "refresh_token"));
  std::string token_uri = document.value("token_uri", kGoogleTokenUri);
  VIVID_TRY(check_secure_url("token_uri", token_uri));
  Secret form(form_encoded({{"grant_type", "refresh_token"},
                            {"client_id", client},
                            {"client_secret", client_secret},
                            {"refresh_token", refresh}}));
  return std::unique_ptr<TokenSource>(std::make_unique<AuthorizedUser>(std::move(form), std::move(token_uri), parts));
}

}  // namespace vivid::sync
