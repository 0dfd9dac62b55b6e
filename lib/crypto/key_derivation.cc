#include "lib/crypto/key_derivation.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <string>

#include "lib/base/endian.h"
#include "lib/crypto/check.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
SecretBytes DeriveKey(HmacDigest digest, std::span<const uint8_t> key,
                      std::span<const uint8_t> label, std::span<const uint8_t> context,
                      size_t size) {
  static constexpr std::array<uint8_t, 1> kSeparator = {0};
  const auto bits = BigEndian(static_cast<uint32_t>(8 * size));
  Hmac hmac(digest, key);
  SecretBytes out(size);
  std::span<uint8_t> rest = out.ExposeMutable();
  for (uint32_t counter = 1; !rest.empty(); ++counter) {
    const auto block = rest.first(std::min(rest.size(), HmacSize(digest)));
    hmac.Compute({BigEndian(counter), label, kSeparator, context, bits}, block);
    rest = rest.subspan(block.size());
  }
  return out;
}

SecretBytes DeriveKerberosKey(std::span<const uint8_t> key, std::span<const uint8_t> constant) {
  std::string cipher = key.size() == 32 ? "AES-256-CBC" : "AES-128-CBC";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, cipher.data(), cipher.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<uint8_t*>(key.data()),
                                        key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_CONSTANT,
                                        const_cast<uint8_t*>(constant.data()), constant.size()),
      OSSL_PARAM_construct_end(),
  };
  SecretBytes out(key.size());
  EVP_KDF_CTX* const context = EVP_KDF_CTX_new(OpenSslLibrary::Get().krb5_kdf());
  const bool derived = context != nullptr && EVP_KDF_derive(context, out.ExposeMutable().data(),
                                                            out.size(), parameters) == 1;
  EVP_KDF_CTX_free(context);
  Check(derived);
  return out;
}

}  // namespace epa::crypto
