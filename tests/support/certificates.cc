#include "tests/support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/status/status.h"

namespace epa::test {
namespace {

constexpr long kSecondsBefore = 60 * 60;
constexpr long kSecondsAfter = 10 * 24 * 60 * 60;

using KeyPtr = std::shared_ptr<EVP_PKEY>;
using X509Ptr = std::shared_ptr<X509>;

absl::Status Failure(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return absl::InternalError(what + ": " + (reason == nullptr ? "OpenSSL failed" : reason));
}

EVP_PKEY* GenerateKey(KeyType type) {
  switch (type) {
    case KeyType::kRsa2048:
      return EVP_RSA_gen(2048);
    case KeyType::kEcdsaP256:
      return EVP_EC_gen("P-256");
    case KeyType::kEcdsaP384:
      return EVP_EC_gen("P-384");
    case KeyType::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case KeyType::kEd448:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448");
  }
  return nullptr;
}

bool SetSerialNumber(X509* certificate) {
  uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) {
    return false;
  }
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial | 1) == 1;
}

bool SetSubject(X509* certificate, const std::string& common_name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool AddExtension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool AddExtensions(X509* certificate, const CertificateOptions& options) {
  return AddExtension(certificate, NID_basic_constraints,
                      options.authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
         (options.subject_alternative_names.empty() ||
          AddExtension(certificate, NID_subject_alt_name, options.subject_alternative_names));
}

bool Sign(X509* certificate, EVP_PKEY* issuer_key, const CertificateOptions& options) {
  const bool has_digest =
      EVP_PKEY_is_a(issuer_key, "ED25519") == 0 && EVP_PKEY_is_a(issuer_key, "ED448") == 0;
  const EVP_MD* digest = has_digest ? EVP_get_digestbyname(options.digest.c_str()) : nullptr;
  if (has_digest && digest == nullptr) {
    return false;
  }
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  EVP_PKEY_CTX* key_context = nullptr;
  if (EVP_DigestSignInit(context.get(), &key_context, digest, nullptr, issuer_key) != 1) {
    return false;
  }
  if (!options.pss_mask_digest.empty() &&
      (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md_name(key_context, options.pss_mask_digest.c_str(), nullptr) !=
           1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return X509_sign_ctx(certificate, context.get()) > 0;
}

std::string TakeText(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string result(text, static_cast<size_t>(size));
  BIO_free(bio);
  return result;
}

std::string KeyPem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  return TakeText(bio);
}

std::string CertificatePem(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return TakeText(bio);
}

std::vector<uint8_t> CertificateDer(const X509* certificate) {
  unsigned char* octets = nullptr;
  const int size = i2d_X509(certificate, &octets);
  const std::vector<uint8_t> result(octets, octets + (size > 0 ? size : 0));
  OPENSSL_free(octets);
  return result;
}

}  // namespace

absl::StatusOr<Certificate> CreateCertificate(const CertificateOptions& options) {
  const KeyPtr key(GenerateKey(options.key), EVP_PKEY_free);
  const X509Ptr certificate(X509_new(), X509_free);
  if (key == nullptr || certificate == nullptr) {
    return Failure("generating a key");
  }
  const Certificate* issuer = options.issuer;
  if (X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetSerialNumber(certificate.get()) ||
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kSecondsBefore) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kSecondsAfter) == nullptr ||
      !SetSubject(certificate.get(), options.common_name) ||
      X509_set_issuer_name(
          certificate.get(),
          X509_get_subject_name(issuer == nullptr ? certificate.get() : issuer->x509.get())) != 1 ||
      X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      !AddExtensions(certificate.get(), options)) {
    return Failure("filling in a certificate");
  }
  if (!Sign(certificate.get(), issuer == nullptr ? key.get() : issuer->key.get(), options)) {
    return Failure("signing a certificate");
  }
  Certificate result{.x509 = certificate,
                     .key = key,
                     .der = CertificateDer(certificate.get()),
                     .certificate_pem = CertificatePem(certificate.get()),
                     .key_pem = KeyPem(key.get())};
  return result;
}

}  // namespace epa::test
