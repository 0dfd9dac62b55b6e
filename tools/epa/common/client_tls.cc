#include "tools/epa/common/client_tls.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/input_file.h"

namespace epa::tool {
namespace {

struct InfoListFree {
  void operator()(STACK_OF(X509_INFO) * list) const { sk_X509_INFO_pop_free(list, X509_INFO_free); }
};

// The certificates and revocation lists of a text in PEM, at least one certificate.
absl::Status TrustAll(std::string_view pem, const std::string& name, X509_STORE* store) {
  const BioPtr reader(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<STACK_OF(X509_INFO), InfoListFree> list(
      PEM_X509_INFO_read_bio(reader.get(), nullptr, nullptr, nullptr));
  bool any = false;
  bool good = list != nullptr;
  for (int i = 0; good && i < sk_X509_INFO_num(list.get()); ++i) {
    const X509_INFO* const info = sk_X509_INFO_value(list.get(), i);
    good = (info->x509 == nullptr || X509_STORE_add_cert(store, info->x509) == 1) &&
           (info->crl == nullptr || X509_STORE_add_crl(store, info->crl) == 1);
    any = any || info->x509 != nullptr;
  }
  if (good && any) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("no PEM certificate in " + name +
                                    (good ? "" : ": " + OpenSslReason()));
}

}  // namespace

absl::StatusOr<SslCtxPtr> ClientTlsContext(const std::string& ca_file) {
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return absl::InternalError("cannot set up TLS: " + OpenSslReason());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
    return context;
  }
  EPA_ASSIGN_OR_RETURN(const SecretBytes content, ReadInputFile(ca_file));
  EPA_RETURN_IF_ERROR(
      TrustAll(content.ExposeText(), ca_file, SSL_CTX_get_cert_store(context.get())));
  return context;
}

bool ExpectServer(SSL* ssl, const std::string& host, std::string_view application_protocol) {
  if (!application_protocol.empty()) {
    // Its length in front (RFC 7301 3.1).
    const std::string list =
        static_cast<char>(application_protocol.size()) + std::string(application_protocol);
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) {
    return true;
  }
  ERR_clear_error();
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace epa::tool
