// Owns the calls to OpenSSL for RSA signatures; see the header.
#include "gcs/jwt.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "base/digest.h"
#include "base/error.h"

namespace deltic {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// A key that wants a passphrase gets none: OpenSSL would ask at the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

Result<std::string> SignSha256Rsa(std::string_view bytes, std::string_view pem) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<EVP_PKEY, FreeKey> key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr)
                                                   : nullptr);
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) {
    return InvalidArgument("the private key is no unencrypted RSA key in PEM (\"-----BEGIN PRIVATE KEY-----\")");
  }
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) != 1) {
    return Internal("OpenSSL could not sign with the private key");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data, bytes.size()) !=
      1) {
    return Internal("OpenSSL could not sign with the private key");
  }
  signature.resize(size);
  return signature;
}

}  // namespace

Result<std::string> SignJwt(const JwtParts& parts, std::string_view private_key_pem) {
  std::string token = Base64Url(parts.header) + "." + Base64Url(parts.claims);
  DELTIC_TRY(const std::string signature, SignSha256Rsa(token, private_key_pem));
  return token + "." + Base64Url(signature);
}

}  // namespace deltic
