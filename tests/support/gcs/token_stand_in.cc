#include "tests/support/gcs/token_stand_in.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "base/uuid.h"

namespace vivid::test {

using nlohmann::json;

TokenStandIn::TokenStandIn() : server_([this](StandInExchange& exchange) { handle(exchange); }) {}

std::vector<std::string> TokenStandIn::tokens() const {
  const std::lock_guard lock(mutex_);
  return tokens_;
}

std::vector<std::string> TokenStandIn::bodies(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = bodies_.find(path);
  return found == bodies_.end() ? std::vector<std::string>() : found->second;
}

void TokenStandIn::handle(StandInExchange& exchange) {
  const std::string body = exchange.body();
  ++requests_;
  const std::string token = "ya29.planted-token-" + Uuid::random().to_text();
  {
    const std::lock_guard lock(mutex_);
    bodies_[exchange.request.path].push_back(body + exchange.request.header("authorization"));
    if (status_ == 200) tokens_.push_back(token);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms_));
  // As rude as some are: the answer repeats what it was asked.
  if (status_ != 200) {
    return exchange.respond(status_, json{{"error", "invalid_grant"}, {"error_description", body}}.dump());
  }
  const StandInExchange::Headers flavor = {{"Metadata-Flavor", "Google"}};
  if (exchange.request.path == "/subject") return exchange.respond(200, json{{"id_token", "subject-" + token}}.dump());
  if (exchange.request.path == "/impersonate") {
    const std::time_t expires = std::time(nullptr) + lifetime_seconds_;
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&expires));
    return exchange.respond(200, json{{"accessToken", token}, {"expireTime", text}}.dump());
  }
  if (exchange.request.path.starts_with("/computeMetadata") && exchange.request.header("metadata-flavor") != "Google") {
    return exchange.respond(403, "Metadata-Flavor is missing");
  }
  const int lifetime = lifetime_seconds_;
  exchange.respond(200, json{{"access_token", token}, {"expires_in", lifetime}, {"token_type", "Bearer"}}.dump(),
                   flavor);
}

std::string make_rsa_key() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  const std::string pem(text, static_cast<std::size_t>(length));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace vivid::test
