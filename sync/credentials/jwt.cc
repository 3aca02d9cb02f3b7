#include "sync/credentials/jwt.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <span>
#include <vector>

namespace vivid::sync {
namespace {

// RFC 4648, section 5, without padding.
std::string base64url(std::span<const unsigned char> bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::string base64url(const std::string& text) {
  return base64url(std::span(reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Result<Key> read_key(const Secret& pem) {
  const std::string& text = pem.reveal();
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                      &BIO_free);
  // Without a callback OpenSSL would ask the terminal for the password of a key that has one.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr, &EVP_PKEY_free);
  ERR_clear_error();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return fail(ErrorCode::invalid_input, "private_key is no RSA key in PEM");
  }
  return key;
}

}  // namespace

Result<Secret> sign_jwt(const std::string& header, const std::string& claims, const Secret& private_key) {
  VIVID_ASSIGN(const Key key, read_key(private_key));
  const std::string statement = base64url(header) + "." + base64url(claims);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::size_t length = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(statement.data());
  bool good = context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &length, bytes, statement.size()) == 1;
  std::vector<unsigned char> signature(length);
  good = good && EVP_DigestSign(context.get(), signature.data(), &length, bytes, statement.size()) == 1;
  ERR_clear_error();
  if (!good) return fail(ErrorCode::invalid_input, "private_key cannot sign");
  signature.resize(length);
  return Secret(statement + "." + base64url(signature));
}

}  // namespace vivid::sync
