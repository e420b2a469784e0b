// Owns the call of OpenSSL for MD5.
#include "base/md5.h"

#include <openssl/evp.h>

#include "base/error.h"

namespace deltic {

Result<std::string> Md5Hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_md5(), nullptr) != 1) {
    return Unsupported("OpenSSL refuses MD5 here (is it in FIPS mode?)");
  }
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace deltic
