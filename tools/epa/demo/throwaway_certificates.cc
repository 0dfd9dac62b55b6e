#include "tools/epa/demo/throwaway_certificates.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/status/status.h"
#include "tools/epa/demo/secret_file.h"

namespace epa::tool {
namespace {

constexpr long kLifetimeSeconds = 24 * 60 * 60;
// Clocks of clients may be a little behind.
constexpr long kBackdateSeconds = -300;
constexpr long kX509Version3 = 2;

absl::Status Failure(const std::string& what) {
  return absl::InternalError("cannot " + what + ": " + OpenSslReason());
}

bool SetName(X509_NAME* name, const std::string& common_name) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool SetSerialNumber(X509* certificate) {
  uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// Everything but the extensions and the signature. `issuer` null: self-signed.
X509Ptr Unsigned(const std::string& common_name, EVP_PKEY* key, X509* issuer) {
  X509Ptr certificate(X509_new());
  X509* raw = certificate.get();
  if (raw == nullptr || X509_set_version(raw, kX509Version3) != 1 || !SetSerialNumber(raw) ||
      X509_gmtime_adj(X509_getm_notBefore(raw), kBackdateSeconds) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(raw), kLifetimeSeconds) == nullptr ||
      X509_set_pubkey(raw, key) != 1 || !SetName(X509_get_subject_name(raw), common_name) ||
      X509_set_issuer_name(raw, X509_get_subject_name(issuer == nullptr ? raw : issuer)) != 1) {
    return nullptr;
  }
  return certificate;
}

absl::Status WritePem(const std::string& file, X509* certificate, EVP_PKEY* key) {
  const BioPtr out(BIO_new(BIO_s_secmem()));
  const bool written =
      out != nullptr && (certificate == nullptr || PEM_write_bio_X509(out.get(), certificate)) &&
      (key == nullptr ||
       PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr));
  char* text = nullptr;
  const long size = written ? BIO_get_mem_data(out.get(), &text) : 0;
  return written ? WriteSecretFile(file, {text, static_cast<size_t>(size)})
                 : Failure("write as PEM what is for " + file);
}

}  // namespace

absl::StatusOr<ThrowawayAuthority> ThrowawayAuthority::Create() {
  PkeyPtr key(EVP_EC_gen("P-256"));
  X509Ptr certificate =
      key == nullptr ? nullptr : Unsigned("epa throw-away CA", key.get(), nullptr);
  if (certificate == nullptr ||
      !AddExtension(certificate.get(), certificate.get(), NID_basic_constraints,
                    "critical,CA:TRUE") ||
      !AddExtension(certificate.get(), certificate.get(), NID_key_usage,
                    "critical,keyCertSign,cRLSign") ||
      !AddExtension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash") ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
    return Failure("make a certificate authority");
  }
  return ThrowawayAuthority(std::move(key), std::move(certificate));
}

absl::Status ThrowawayAuthority::Issue(const std::string& name, const std::string& certificate_file,
                                       const std::string& key_file) const {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate =
      key == nullptr ? nullptr : Unsigned(name, key.get(), certificate_.get());
  if (certificate == nullptr ||
      !AddExtension(certificate.get(), certificate_.get(), NID_subject_alt_name,
                    "DNS:localhost,IP:127.0.0.1") ||
      !AddExtension(certificate.get(), certificate_.get(), NID_ext_key_usage, "serverAuth") ||
      !AddExtension(certificate.get(), certificate_.get(), NID_authority_key_identifier, "keyid") ||
      X509_sign(certificate.get(), key_.get(), EVP_sha256()) == 0) {
    return Failure("make a certificate");
  }
  if (absl::Status status = WritePem(certificate_file, certificate.get(), nullptr); !status.ok()) {
    return status;
  }
  return WritePem(key_file, nullptr, key.get());
}

absl::Status ThrowawayAuthority::WriteCertificate(const std::string& file) const {
  return WritePem(file, certificate_.get(), nullptr);
}

absl::StatusOr<X509Ptr> LoadCertificate(const std::string& file) {
  const BioPtr in(BIO_new_file(file.c_str(), "r"));
  X509Ptr certificate(in == nullptr ? nullptr
                                    : PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return Failure("read the certificate " + file);
  }
  return certificate;
}

}  // namespace epa::tool
