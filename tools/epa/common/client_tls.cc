#include "tools/epa/common/client_tls.h"

#include "absl/status/status.h"
#include "tools/epa/common/password_input.h"

namespace epa::tool {

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
  if (absl::Status status = CheckReadable(ca_file); !status.ok()) {
    return status;
  }
  if (SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) {
    return absl::InvalidArgumentError("no PEM certificate in " + ca_file + ": " + OpenSslReason());
  }
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
