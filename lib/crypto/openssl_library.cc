#include "lib/crypto/openssl_library.h"

#include <openssl/provider.h>

#include <string>

#include "lib/crypto/error_queue.h"

namespace epa::crypto {

const OpenSslLibrary& OpenSslLibrary::Get() {
  // Never destroyed: other threads may use it while the process ends.
  static const auto& library = *new OpenSslLibrary();
  return library;
}

OpenSslLibrary::OpenSslLibrary() {
  const ErrorQueueGuard errors;
  context_ = OSSL_LIB_CTX_new();
  if (context_ == nullptr || OSSL_PROVIDER_load(context_, "default") == nullptr) {
    return;
  }
  OSSL_PROVIDER_load(context_, "legacy");
  md4_ = EVP_MD_fetch(context_, "MD4", nullptr);
  md5_ = EVP_MD_fetch(context_, "MD5", nullptr);
  sha1_ = EVP_MD_fetch(context_, "SHA1", nullptr);
  sha224_ = EVP_MD_fetch(context_, "SHA224", nullptr);
  sha256_ = EVP_MD_fetch(context_, "SHA256", nullptr);
  sha384_ = EVP_MD_fetch(context_, "SHA384", nullptr);
  sha512_ = EVP_MD_fetch(context_, "SHA512", nullptr);
  rc4_ = EVP_CIPHER_fetch(context_, "RC4", nullptr);
  cmac_ = EVP_MAC_fetch(context_, "CMAC", nullptr);
  hmac_ = EVP_MAC_fetch(context_, "HMAC", nullptr);
  aes128_cbc_ = EVP_CIPHER_fetch(context_, "AES-128-CBC", nullptr);
  aes256_cbc_ = EVP_CIPHER_fetch(context_, "AES-256-CBC", nullptr);
  aes128_ccm_ = EVP_CIPHER_fetch(context_, "AES-128-CCM", nullptr);
  aes128_gcm_ = EVP_CIPHER_fetch(context_, "AES-128-GCM", nullptr);
  aes256_ccm_ = EVP_CIPHER_fetch(context_, "AES-256-CCM", nullptr);
  aes256_gcm_ = EVP_CIPHER_fetch(context_, "AES-256-GCM", nullptr);
}

absl::Status OpenSslLibrary::RequireMd5() const {
  if (md5_ == nullptr) {
    return absl::UnavailableError("this OpenSSL does not provide MD5, which channel bindings need");
  }
  return absl::OkStatus();
}

absl::Status OpenSslLibrary::RequireNtlm() const {
  if (md4_ == nullptr || rc4_ == nullptr) {
    return absl::UnavailableError(
        "NTLM needs MD4 and RC4 from OpenSSL's legacy provider, which cannot be loaded");
  }
  return RequireMd5();
}

absl::Status OpenSslLibrary::RequireSmb() const {
  if (hmac_ == nullptr || sha256_ == nullptr || sha512_ == nullptr || cmac_ == nullptr ||
      aes128_ccm_ == nullptr || aes128_gcm_ == nullptr || aes256_ccm_ == nullptr ||
      aes256_gcm_ == nullptr) {
    return absl::UnavailableError(
        "this OpenSSL does not provide HMAC, SHA-2, CMAC and AES in CCM and GCM mode, which SMB "
        "needs");
  }
  return absl::OkStatus();
}

bool OpenSslLibrary::has_kerberos() const {
  return hmac_ != nullptr && sha1_ != nullptr && sha256_ != nullptr && sha384_ != nullptr &&
         aes128_cbc_ != nullptr && aes256_cbc_ != nullptr;
}

const EVP_MD* OpenSslLibrary::Digest(std::string_view name) const {
  for (const EVP_MD* digest : {sha256_, sha384_, sha512_, sha224_, md5_, md4_}) {
    if (digest != nullptr && EVP_MD_is_a(digest, std::string(name).c_str())) {
      return digest;
    }
  }
  return nullptr;
}

}  // namespace epa::crypto
