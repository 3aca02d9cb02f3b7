// Every kind of credential against a token endpoint over real HTTP, and what is made of a bad one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "sync/credentials/credentials.h"
#include "sync/credentials/find_credentials.h"
#include "sync/credentials/google_client.h"
#include "tests/support/gcs/gcs_stand_in.h"
#include "tests/support/gcs/token_stand_in.h"
#include "tests/support/temporary_folder.h"

namespace vivid::sync {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    options_.environment = [this](const std::string& name) { return environment_[name]; };
  }

  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  json service_account() const {
    return {{"type", "service_account"},
            {"client_email", "lessons@p.iam.gserviceaccount.com"},
            {"private_key_id", "key-1"},
            {"private_key", key_},
            {"token_uri", tokens_.url() + "/token"}};
  }
  Result<std::unique_ptr<TokenSource>> find() { return find_credentials(options_, *http_, system_clock()); }
  // The token that this document's credential gets.
  std::string token_of(const json& document) {
    options_.file = write("credential.json", document.dump());
    auto source = find();
    EXPECT_TRUE(source) << source.error().message;
    if (!source) return "";
    Credentials credentials(std::move(*source), system_clock());
    const auto token = credentials.token();
    EXPECT_TRUE(token) << token.error().message;
    return token ? token->reveal() : "";
  }

  void expect_newest(const std::string& token) {
    ASSERT_FALSE(tokens_.tokens().empty());
    EXPECT_EQ(token, tokens_.tokens().back());
  }

  test::TemporaryFolder folder_;
  test::TokenStandIn tokens_;
  std::unique_ptr<HttpClient> http_ = HttpClient::start({}).value();
  std::map<std::string, std::string> environment_;
  CredentialOptions options_;
  const std::string key_ = test::make_rsa_key();
};

TEST_F(CredentialsTest, ServiceAccountSignsForItsToken) {
  expect_newest(token_of(service_account()));
  const std::string form = tokens_.bodies("/token").at(0);
  EXPECT_THAT(form, HasSubstr("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey"));
}

TEST_F(CredentialsTest, MetadataServerIsAskedWhenNothingElseIsThere) {
  environment_["GCE_METADATA_HOST"] = tokens_.host();
  auto source = find();
  ASSERT_TRUE(source);
  Credentials credentials(std::move(*source), system_clock());
  expect_newest(credentials.token().value().reveal());
}

TEST_F(CredentialsTest, ExternalAccountBringsATokenFromAFile) {
  write("subject", "somebody-elses-token\n");
  const json document = {{"type", "external_account"},
                         {"audience", "//iam.googleapis.com/pool"},
                         {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                         {"token_url", tokens_.url() + "/sts"},
                         {"credential_source", {{"file", (folder_ / "subject").string()}}}};
  expect_newest(token_of(document));
  EXPECT_THAT(tokens_.bodies("/sts").at(0), HasSubstr("subject_token=somebody-elses-token"));
}

TEST_F(CredentialsTest, ExternalAccountBringsATokenFromAUrlAndTakesAnAccountsPart) {
  const json document = {{"type", "external_account"},
                         {"audience", "//iam.googleapis.com/pool"},
                         {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                         {"token_url", tokens_.url() + "/sts"},
                         {"service_account_impersonation_url", tokens_.url() + "/impersonate"},
                         {"credential_source",
                          {{"url", tokens_.url() + "/subject"},
                           {"headers", {{"Metadata", "yes"}}},
                           {"format", {{"type", "json"}, {"subject_token_field_name", "id_token"}}}}}};
  expect_newest(token_of(document));
  EXPECT_THAT(tokens_.bodies("/sts").at(0), HasSubstr("subject_token=subject-" + tokens_.tokens().at(0)));
  EXPECT_THAT(tokens_.bodies("/impersonate").at(0), HasSubstr("Bearer " + tokens_.tokens().at(1)));
}

TEST_F(CredentialsTest, PlacesAreLookedAtInOrder) {
  json document = service_account();
  const auto named = [&](const std::string& name) {
    document["client_email"] = name;
    return document.dump();
  };
  const auto found = [&] {
    auto source = find();
    return source ? (*source)->describe() : source.error().message;
  };
  EXPECT_EQ(found(), "the metadata server metadata.google.internal");
  environment_["CLOUDSDK_CONFIG"] = folder_.path().string();
  write("application_default_credentials.json", named("gcloud"));
  EXPECT_EQ(found(), "service account gcloud");
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] = write("variable.json", named("variable"));
  EXPECT_EQ(found(), "service account variable");
  environment_["CREDENTIALS_DIRECTORY"] = folder_.path().string();
  write("google-credentials", named("systemd"), 0400);
  EXPECT_EQ(found(), "service account systemd");
  options_.file = write("explicit.json", named("explicit"));
  EXPECT_EQ(found(), "service account explicit");
}

TEST_F(CredentialsTest, FileThatOthersCanReadIsRefused) {
  for (const mode_t mode : {0644, 0604, 0660, 0602}) {
    options_.file = write("credential.json", service_account().dump(), mode);
    const auto source = find();
    ASSERT_FALSE(source) << std::oct << mode;
    EXPECT_EQ(source.error().code, ErrorCode::permission_denied);
    EXPECT_THAT(source.error().message, HasSubstr("allowed: 0400, 0440, 0600, 0640"));
  }
}

TEST_F(CredentialsTest, BadFilesAreNamedAndNotQuoted) {
  const json good = service_account();
  json no_key = good;
  no_key["private_key"] = "-----BEGIN PRIVATE KEY-----\nplanted-secret\n-----END PRIVATE KEY-----\n";
  json wrong_type = good;
  wrong_type["token_uri"] = {"planted-secret"};
  json plain_http = good;
  plain_http["token_uri"] = "http://planted-secret.example/token";
  for (const std::string& text : {no_key.dump(), wrong_type.dump(), plain_http.dump(), std::string("planted-secret"),
                                  json{{"type", "aws"}, {"private_key", "planted-secret"}}.dump()}) {
    options_.file = write("credential.json", text);
    const auto source = find();
    ASSERT_FALSE(source) << text;
    EXPECT_THAT(source.error().message, HasSubstr("credential.json"));
    EXPECT_THAT(source.error().message, Not(HasSubstr("planted-secret")));
  }
}

TEST_F(CredentialsTest, RefusalIsPermanentAndDoesNotRepeatTheSecret) {
  options_.file = write("credential.json", service_account().dump());
  tokens_.set_status(400);
  Credentials credentials(find().value(), system_clock());
  const auto token = credentials.token();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, ErrorCode::permission_denied);
  EXPECT_THAT(token.error().message, HasSubstr("invalid_grant"));
  const std::string form = tokens_.bodies("/token").at(0);
  EXPECT_THAT(token.error().message, Not(HasSubstr(form.substr(form.find("assertion=") + 10))));
}

TEST_F(CredentialsTest, ManyWhoAskAtOnceGetOneToken) {
  tokens_.set_delay_ms(200);
  options_.file = write("credential.json", service_account().dump());
  Credentials credentials(find().value(), system_clock());
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) threads.emplace_back([&] { EXPECT_TRUE(credentials.token()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tokens_.requests(), 1);
}

TEST_F(CredentialsTest, TokenIsRenewedBeforeItRunsOutAndServesOnWhenThatFails) {
  tokens_.set_lifetime(200);  // less than the five minutes before its end
  options_.file = write("credential.json", service_account().dump());
  Credentials credentials(find().value(), system_clock());
  const Secret first = credentials.token().value();
  EXPECT_NE(credentials.token().value(), first);
  tokens_.set_status(403);
  const auto last = credentials.token();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->reveal(), tokens_.tokens().back());
}

TEST_F(CredentialsTest, RefusedTokenIsRenewedOnce) {
  options_.file = write("credential.json", service_account().dump());
  Credentials credentials(find().value(), system_clock());
  GoogleClient client(*http_, credentials, system_clock(), {});
  test::GcsStandIn::Options bucket_options;
  bucket_options.tokens = {"another"};
  test::GcsStandIn bucket(bucket_options);
  HttpRequest request;
  request.url = bucket.url() + "/storage/v1/b/lessons/o";
  request.what = "a list";
  const auto refused = client.once(request);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(tokens_.requests(), 2);
  // The service had quoted the token.
  EXPECT_THAT(refused->body, Not(HasSubstr(tokens_.tokens().back())));
  bucket.accept_token(tokens_.tokens().back());
  EXPECT_EQ(client.once(request)->status, 200);
  EXPECT_EQ(tokens_.requests(), 2);
}

}  // namespace
}  // namespace vivid::sync
