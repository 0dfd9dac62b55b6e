#include "bench/loopback_tls.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string_view>

#include "bench/contender.h"

namespace epa::bench {
namespace {

constexpr std::string_view kPrefix = "tls-server-end-point:";
// Two address types and two lengths, all zero, and the length of the application data.
constexpr size_t kHeaderSize = 20;
constexpr size_t kHashSize = 32;

}  // namespace

LoopbackTls::LoopbackTls()
    : server_context_(SSL_CTX_new(TLS_server_method())),
      client_context_(SSL_CTX_new(TLS_client_method())) {
  InstallCertificate();
  Connect();
}

LoopbackTls::~LoopbackTls() {
  SSL_free(client_);
  SSL_free(server_);
  SSL_CTX_free(client_context_);
  SSL_CTX_free(server_context_);
}

void LoopbackTls::InstallCertificate() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  const std::string_view host = kHost;
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(host.data()),
                             static_cast<int>(host.size()), -1, 0);
  X509_set_issuer_name(certificate, name);
  Require(X509_sign(certificate, key, EVP_sha256()) > 0 &&
              SSL_CTX_use_certificate(server_context_, certificate) == 1 &&
              SSL_CTX_use_PrivateKey(server_context_, key) == 1,
          "cannot make a certificate");
  X509_free(certificate);
  EVP_PKEY_free(key);
}

void LoopbackTls::Connect() {
  server_ = SSL_new(server_context_);
  client_ = SSL_new(client_context_);
  BIO* server_side = nullptr;
  BIO* client_side = nullptr;
  Require(BIO_new_bio_pair(&server_side, 0, &client_side, 0) == 1, "BIO_new_bio_pair");
  SSL_set_bio(server_, server_side, server_side);
  SSL_set_bio(client_, client_side, client_side);
  SSL_set_accept_state(server_);
  SSL_set_connect_state(client_);
  constexpr int kFlights = 8;
  for (int i = 0; i < kFlights; ++i) {
    SSL_do_handshake(client_);
    SSL_do_handshake(server_);
  }
  Require(SSL_is_init_finished(server_) == 1, "the TLS handshake did not finish");
}

std::array<uint8_t, 16> NaiveBindingToken(SSL* server) {
  std::array<uint8_t, kHeaderSize + kPrefix.size() + kHashSize> serialised{};
  serialised[16] = static_cast<uint8_t>(kPrefix.size() + kHashSize);
  std::copy(kPrefix.begin(), kPrefix.end(), serialised.begin() + kHeaderSize);
  std::array<uint8_t, kHashSize> hash;
  unsigned size = 0;
  Require(X509_digest(SSL_get_certificate(server), EVP_sha256(), hash.data(), &size) == 1,
          "X509_digest");
  std::copy(hash.begin(), hash.end(), serialised.begin() + kHeaderSize + kPrefix.size());
  std::array<uint8_t, 16> token;
  Require(EVP_Digest(serialised.data(), serialised.size(), token.data(), &size, EVP_md5(),
                     nullptr) == 1,
          "MD5");
  return token;
}

}  // namespace epa::bench
