// Throw-away keys and certificates, made when they are asked for.
#ifndef EPA_TESTS_SUPPORT_CERTIFICATES_H_
#define EPA_TESTS_SUPPORT_CERTIFICATES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

typedef struct x509_st X509;
typedef struct evp_pkey_st EVP_PKEY;

namespace epa::test {

enum class KeyType : uint8_t { kRsa2048, kEcdsaP256, kEcdsaP384, kEd25519, kEd448 };

// A certificate with its private key. Copies share the OpenSSL objects.
struct Certificate {
  std::shared_ptr<X509> x509;
  std::shared_ptr<EVP_PKEY> key;
  std::vector<uint8_t> der;
  std::string certificate_pem;
  std::string key_pem;  // PKCS #8, not encrypted
};

struct CertificateOptions {
  KeyType key = KeyType::kEcdsaP256;
  // OpenSSL's name of the signature's hash. Ignored where the issuer's key has none (EdDSA).
  std::string digest = "SHA256";
  // RSASSA-PSS in place of PKCS #1, with this hash for the mask generation; empty: not PSS.
  std::string pss_mask_digest = {};
  std::string common_name = "localhost";
  // As in OpenSSL's configuration files; empty: no extension.
  std::string subject_alternative_names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  bool authority = false;
  // Null: self-signed.
  const Certificate* issuer = nullptr;
};

// Valid from an hour ago for ten days, with a random serial number. Safe for several threads.
absl::StatusOr<Certificate> CreateCertificate(const CertificateOptions& options = {});

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_CERTIFICATES_H_
