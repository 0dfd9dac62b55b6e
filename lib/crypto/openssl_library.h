// The library's own OpenSSL context and the algorithms it uses, fetched once.
#ifndef EPA_LIB_CRYPTO_OPENSSL_LIBRARY_H_
#define EPA_LIB_CRYPTO_OPENSSL_LIBRARY_H_

#include <openssl/evp.h>

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace epa::crypto {

// One private OSSL_LIB_CTX with the default and the legacy provider. The application's own
// OpenSSL context is not touched. Made on first use, kept for the life of the process.
class OpenSslLibrary {
 public:
  static const OpenSslLibrary& Get();

  // Null where this OpenSSL does not have it; RequireNtlm says so in words.
  const EVP_MD* md4() const { return md4_; }
  const EVP_MD* md5() const { return md5_; }
  const EVP_CIPHER* rc4() const { return rc4_; }
  // RequireSmb says in words which of these is missing.
  const EVP_MD* sha256() const { return sha256_; }
  const EVP_MD* sha512() const { return sha512_; }
  EVP_MAC* cmac() const { return cmac_; }
  const EVP_CIPHER* aes128_ccm() const { return aes128_ccm_; }
  const EVP_CIPHER* aes128_gcm() const { return aes128_gcm_; }
  const EVP_CIPHER* aes256_ccm() const { return aes256_ccm_; }
  const EVP_CIPHER* aes256_gcm() const { return aes256_gcm_; }

  // has_kerberos says whether all of these are there.
  EVP_MAC* hmac() const { return hmac_; }
  const EVP_CIPHER* aes128_cbc() const { return aes128_cbc_; }
  const EVP_CIPHER* aes256_cbc() const { return aes256_cbc_; }

  // Unavailable, with the cause, where MD5 cannot be had (channel-binding tokens need it).
  absl::Status RequireMd5() const;
  // Unavailable, with the cause, where NTLM's algorithms (MD4, RC4: the legacy provider; MD5)
  // cannot be had: no legacy.so, or a FIPS host. Kerberos does not need them.
  absl::Status RequireNtlm() const;
  // Unavailable where SHA-2, AES-CMAC, AES-CCM or AES-GCM cannot be had (SMB needs them).
  absl::Status RequireSmb() const;

  // Whether HMAC over SHA-1 and SHA-2, AES in CBC mode with and without stealing, and Kerberos' key
  // derivation can be had. libkrb5 does without.
  bool has_kerberos() const;

  // A digest of the default provider by its OpenSSL name, such as "SHA384"; null if unknown.
  // Fetched once for SHA-2; the caller does not own it.
  const EVP_MD* Digest(std::string_view name) const;

  OSSL_LIB_CTX* context() const { return context_; }

 private:
  OpenSslLibrary();

  OSSL_LIB_CTX* context_ = nullptr;
  EVP_MD* md4_ = nullptr;
  EVP_MD* md5_ = nullptr;
  EVP_MD* sha1_ = nullptr;
  EVP_MD* sha224_ = nullptr;
  EVP_MD* sha256_ = nullptr;
  EVP_MD* sha384_ = nullptr;
  EVP_MD* sha512_ = nullptr;
  EVP_CIPHER* rc4_ = nullptr;
  EVP_MAC* cmac_ = nullptr;
  EVP_MAC* hmac_ = nullptr;
  EVP_CIPHER* aes128_cbc_ = nullptr;
  EVP_CIPHER* aes256_cbc_ = nullptr;
  EVP_CIPHER* aes128_ccm_ = nullptr;
  EVP_CIPHER* aes128_gcm_ = nullptr;
  EVP_CIPHER* aes256_ccm_ = nullptr;
  EVP_CIPHER* aes256_gcm_ = nullptr;
};

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_OPENSSL_LIBRARY_H_
