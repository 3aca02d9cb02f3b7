#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/files.h"
#include "sync/credentials/sources.h"
#include "sync/credentials/token_exchange.h"
#include "sync/http/url.h"

namespace vivid::sync {
namespace {

using nlohmann::json;
constexpr std::uint64_t kMaxTokenBytes = 64 * 1024;
constexpr const char* kExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr const char* kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::chrono::seconds kImpersonatedLife{3600};

// Where the token of the other side comes from.
struct SubjectSource {
  std::string file;
  std::string url;
  HttpHeaders headers;  // of the URL
  std::string field;    // of a JSON document; empty: the text itself is the token
};

Result<SubjectSource> parse_subject_source(const json& document) {
  const auto found = document.find("credential_source");
  if (found == document.end() || !found->is_object()) {
    return fail(ErrorCode::invalid_input, "credential_source is missing");
  }
  SubjectSource source;
  source.file = found->value("file", "");
  source.url = found->value("url", "");
  if (source.file.empty() == source.url.empty()) {
    return fail(ErrorCode::unsupported, "credential_source is of another kind; allowed: file, url");
  }
  if (!source.url.empty()) VIVID_TRY(check_secure_url("credential_source.url", source.url));
  if (const auto headers = found->find("headers"); headers != found->end() && headers->is_object()) {
    for (const auto& [name, value] : headers->items()) {
      if (value.is_string()) source.headers.emplace_back(name, value.get<std::string>());
    }
  }
  if (const auto format = found->find("format"); format != found->end() && format->is_object()) {
    if (format->value("type", "text") == "json") {
      VIVID_ASSIGN(source.field, required_text(*format, "subject_token_field_name"));
    }
  }
  return source;
}

class ExternalAccount final : public TokenSource {
 public:
  struct Facts {
    std::string audience;
    std::string subject_type;
    std::string token_url;
    SubjectSource subject;
  };
  ExternalAccount(Facts facts, SourceParts parts) : facts_(std::move(facts)), parts_(parts) {}

  Result<AccessToken> fetch() override {
    VIVID_ASSIGN(const Secret subject, subject_token());
    const std::string what = "a token for " + facts_.audience;
    const HttpRequest request = token_request(facts_.token_url, what,
                                              Secret(form_encoded({{"grant_type", kExchangeGrant},
                                                                   {"audience", facts_.audience},
                                                                   {"scope", kCloudScope},
                                                                   {"requested_token_type", kAccessTokenType},
                                                                   {"subject_token_type", facts_.subject_type},
                                                                   {"subject_token", subject.reveal()}})));
    VIVID_ASSIGN(const HttpResponse answer, exchange_token(parts_.http, request));
    return parse_token(answer, what, parts_.clock);
  }

  std::string describe() const override { return "workload identity " + facts_.audience; }

 private:
  Result<Secret> subject_token() const {
    std::string text;
    if (!facts_.subject.file.empty()) {
      VIVID_ASSIGN(text, read_file(facts_.subject.file, kMaxTokenBytes));
    } else {
      HttpRequest request;
      request.url = facts_.subject.url;
      request.what = "the subject token of " + facts_.audience;
      request.headers = facts_.subject.headers;
      request.limits.total = std::chrono::seconds(10);
      VIVID_ASSIGN(HttpResponse answer, exchange_token(parts_.http, request));
      text = std::move(answer.body);
    }
    if (!facts_.subject.field.empty()) {
      const json document = json::parse(text, nullptr, false);
      const auto found = document.is_object() ? document.find(facts_.subject.field) : document.end();
      if (!document.is_object() || found == document.end() || !found->is_string()) {
        return fail(ErrorCode::permission_denied,
                    "the subject token of " + facts_.audience + " has no field " + facts_.subject.field);
      }
      text = found->get<std::string>();
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty())
      return fail(ErrorCode::permission_denied, "the subject token of " + facts_.audience + " is empty");
    return Secret(std::move(text));
  }

  const Facts facts_;
  const SourceParts parts_;
};

// "2026-11-21T04:05:06Z", with or without a fraction.
std::optional<WallTime> parse_time(const std::string& text) {
  std::tm time{};
  const int read = std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d", &time.tm_year, &time.tm_mon, &time.tm_mday,
                               &time.tm_hour, &time.tm_min, &time.tm_sec);
  if (read != 6 || !text.ends_with('Z')) return std::nullopt;
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return WallTime(std::chrono::seconds(::timegm(&time)));
}

class Impersonation final : public TokenSource {
 public:
  Impersonation(std::string url, std::unique_ptr<TokenSource> inner, SourceParts parts)
      : url_(std::move(url)), inner_(std::move(inner)), parts_(parts) {}

  Result<AccessToken> fetch() override {
    VIVID_ASSIGN(const AccessToken own, inner_->fetch());
    HttpRequest request;
    request.method = "POST";
    request.url = url_;
    request.what = "a token for the impersonated service account";
    request.headers = {{"Content-Type", "application/json"}};
    request.bearer = own.text;
    request.body = json{{"scope", {kCloudScope}}, {"lifetime", std::to_string(kImpersonatedLife.count()) + "s"}}.dump();
    request.limits.total = std::chrono::seconds(20);
    VIVID_ASSIGN(const HttpResponse answer, exchange_token(parts_.http, request));
    const json document = json::parse(answer.body, nullptr, false);
    if (!document.is_object()) return fail(ErrorCode::unavailable, request.what + ": the answer is no JSON object");
    auto token = required_text(document, "accessToken");
    const auto expires = parse_time(required_text(document, "expireTime").value_or(""));
    if (!token || !expires) {
      return fail(ErrorCode::unavailable, request.what + ": the answer holds no accessToken or no expireTime");
    }
    const auto life = std::min<WallTime::duration>(*expires - parts_.clock.now(), kImpersonatedLife);
    return AccessToken{Secret(std::move(*token)), parts_.clock.steady_now() + life};
  }

  std::string describe() const override {
    const std::size_t slash = url_.rfind('/');
    return inner_->describe() + " as " + url_.substr(slash + 1, url_.find(':', slash) - slash - 1);
  }

 private:
  const std::string url_;
  const std::unique_ptr<TokenSource> inner_;
  const SourceParts parts_;
};

}  // namespace

SourceResult make_impersonation(const std::string& url, std::unique_ptr<TokenSource> inner, SourceParts parts) {
  VIVID_TRY(check_secure_url("service_account_impersonation_url", url));
  return std::unique_ptr<TokenSource>(std::make_unique<Impersonation>(url, std::move(inner), parts));
}

SourceResult make_external_account(const json& document, SourceParts parts) {
  ExternalAccount::Facts facts;
  VIVID_ASSIGN(facts.audience, required_text(document, "audience"));
  VIVID_ASSIGN(facts.subject_type, required_text(document, "subject_token_type"));
  VIVID_ASSIGN(facts.token_url, required_text(document, "token_url"));
  VIVID_TRY(check_secure_url("token_url", facts.token_url));
  VIVID_ASSIGN(facts.subject, parse_subject_source(document));
  std::unique_ptr<TokenSource> account = std::make_unique<ExternalAccount>(std::move(facts), parts);
  const std::string impersonated = document.value("service_account_impersonation_url", "");
  if (impersonated.empty()) return account;
  return make_impersonation(impersonated, std::move(account), parts);
}

}  // namespace vivid::sync
