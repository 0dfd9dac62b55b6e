#include "lib/crypto/aes_cmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <string>

#include "lib/crypto/check.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
AesCmac::AesCmac(std::span<const uint8_t, 16> key)
    : context_(Made(EVP_MAC_CTX_new(OpenSslLibrary::Get().cmac()))) {
  std::string cipher = "AES-128-CBC";  // the name CMAC knows the block cipher by
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), cipher.size()),
      OSSL_PARAM_construct_end(),
  };
  Check(EVP_MAC_init(context_.get(), key.data(), key.size(), parameters));
}

std::array<uint8_t, 16> AesCmac::Compute(Parts parts) {
  // Without a key: the same key again, from the start of a message.
  Check(EVP_MAC_init(context_.get(), nullptr, 0, nullptr));
  for (const auto part : parts) {
    Check(EVP_MAC_update(context_.get(), part.data(), part.size()));
  }
  std::array<uint8_t, 16> out{};
  size_t size = 0;
  Check(EVP_MAC_final(context_.get(), out.data(), &size, out.size()));
  return out;
}

}  // namespace epa::crypto
