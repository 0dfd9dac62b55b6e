#include "tools/epa/serve/server_tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "tools/epa/common/openssl_handles.h"
#include "tools/epa/common/password_input.h"

namespace epa::tool {
namespace {

// Whether a client's list (RFC 7301 3.1) has a name.
bool Offers(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const size_t size = static_cast<unsigned char>(list.front());
    if (list.substr(1, size) == name) {
      return true;
    }
    list.remove_prefix(std::min(size + 1, list.size()));
  }
  return false;
}

int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return 0; }

absl::Status Unusable(std::string_view what, const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError(std::string(what) + " " + path + ": " + why);
}

absl::StatusOr<X509Ptr> ReadCertificate(const std::string& path) {
  if (absl::Status status = CheckReadable(path); !status.ok()) {
    return status;
  }
  const BioPtr file(BIO_new_file(path.c_str(), "r"));
  X509Ptr certificate(
      file == nullptr ? nullptr : PEM_read_bio_X509(file.get(), nullptr, NoPassphrase, nullptr));
  if (certificate == nullptr) {
    return Unusable("no PEM certificate in", path, OpenSslReason());
  }
  return certificate;
}

absl::StatusOr<SslCtxPtr> NewContext() {
  SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
  constexpr std::string_view kSessionIdContext = "epa";
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_session_id_context(
          context.get(), reinterpret_cast<const unsigned char*>(kSessionIdContext.data()),
          kSessionIdContext.size()) != 1) {
    return absl::InternalError("cannot set up TLS: " + OpenSslReason());
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), NoPassphrase);
  return context;
}

}  // namespace

struct ServerTls::Context {
  SslCtxPtr handle;
  std::vector<int> key_types;
  std::vector<X509Ptr> certificates;
};

ServerTls::ServerTls(std::string_view application_protocol, tls::UndefinedHashRule rule)
    : protocol_list_(static_cast<char>(application_protocol.size()) +
                     std::string(application_protocol)),
      rule_(rule) {}
ServerTls::~ServerTls() = default;

SSL_CTX* ServerTls::context() const { return contexts_.front().handle.get(); }

absl::StatusOr<ServerTls::Context*> ServerTls::ContextFor(int key_type) {
  for (Context& context : contexts_) {
    if (std::find(context.key_types.begin(), context.key_types.end(), key_type) ==
        context.key_types.end()) {
      return &context;
    }
  }
  absl::StatusOr<SslCtxPtr> handle = NewContext();
  if (!handle.ok()) {
    return handle.status();
  }
  SSL_CTX_set_alpn_select_cb(handle->get(), ChooseProtocol, this);
  contexts_.push_back({*std::move(handle), {}, {}});
  return &contexts_.back();
}

absl::Status ServerTls::Add(const KeyPairFiles& files) {
  absl::StatusOr<X509Ptr> certificate = ReadCertificate(files.certificate);
  if (!certificate.ok()) {
    return certificate.status();
  }
  if (absl::Status status = CheckReadable(files.key); !status.ok()) {
    return status;
  }
  const int key_type = EVP_PKEY_get_base_id(X509_get0_pubkey(certificate->get()));
  const absl::StatusOr<Context*> context = ContextFor(key_type);
  if (!context.ok()) {
    return context.status();
  }
  SSL_CTX* handle = (*context)->handle.get();
  if (SSL_CTX_use_certificate_chain_file(handle, files.certificate.c_str()) != 1) {
    return Unusable("cannot use certificate", files.certificate, OpenSslReason());
  }
  if (SSL_CTX_use_PrivateKey_file(handle, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(handle) != 1) {
    return Unusable("cannot use key", files.key, OpenSslReason());
  }
  const auto binding = tls::EndpointBindingOf(certificate->get(), rule_);
  if (!binding.ok()) {
    return Unusable("certificate", files.certificate, std::string(binding.status().message()));
  }
  if (!binding->bindings.has_value()) {
    unbound_.push_back("certificate " + files.certificate + ": " + binding->hash.why);
  }
  (*context)->key_types.push_back(key_type);
  (*context)->certificates.push_back(*std::move(certificate));
  return absl::OkStatus();
}

int ServerTls::ChooseProtocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                              const unsigned char* offered, unsigned int offered_size,
                              void* server_tls) {
  const std::string& ours = static_cast<const ServerTls*>(server_tls)->protocol_list_;
  unsigned char* selected = nullptr;
  const int outcome = SSL_select_next_proto(
      &selected, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
      static_cast<unsigned int>(ours.size()), offered, offered_size);
  *out = selected;
  if (outcome == OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_OK;
  }
  // An older version of the same protocol: served as clients without the extension are.
  const bool older = ours.substr(1) == "http/1.1" &&
                     Offers({reinterpret_cast<const char*>(offered), offered_size}, "http/1.0");
  return older ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int ServerTls::ChooseByName(SSL* ssl, int* /*alert*/, void* server_tls) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  for (const Context& context : static_cast<const ServerTls*>(server_tls)->contexts_) {
    for (const X509Ptr& certificate : context.certificates) {
      if (X509_check_host(certificate.get(), name, 0, 0, nullptr) == 1) {
        SSL_set_SSL_CTX(ssl, context.handle.get());
        return SSL_TLSEXT_ERR_OK;
      }
    }
  }
  return SSL_TLSEXT_ERR_OK;
}

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Create(
    std::span<const KeyPairFiles> key_pairs, tls::UndefinedHashRule rule,
    std::string_view application_protocol) {
  if (key_pairs.empty()) {
    return absl::InvalidArgumentError("TLS needs a certificate");
  }
  std::unique_ptr<ServerTls> server_tls(new ServerTls(application_protocol, rule));
  for (const KeyPairFiles& files : key_pairs) {
    if (absl::Status status = server_tls->Add(files); !status.ok()) {
      return status;
    }
  }
  SSL_CTX_set_tlsext_servername_callback(server_tls->context(), ChooseByName);
  SSL_CTX_set_tlsext_servername_arg(server_tls->context(), server_tls.get());
  std::vector<SSL_CTX*> handles;
  for (const Context& context : server_tls->contexts_) {
    handles.push_back(context.handle.get());
  }
  auto certificates = tls::ServerCertificates::Create(handles, rule);
  if (!certificates.ok()) {
    return certificates.status();
  }
  server_tls->certificates_ = *std::move(certificates);
  return server_tls;
}

}  // namespace epa::tool
