#include "tools/epa/serve/server_tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/openssl_handles.h"

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

bool AtEndOfPem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

BioPtr ReaderOf(std::string_view octets) {
  return BioPtr(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
}

// The server's own first, then the chain.
absl::StatusOr<std::vector<X509Ptr>> ReadCertificates(const std::string& path,
                                                      std::string_view pem) {
  const BioPtr reader = ReaderOf(pem);
  std::vector<X509Ptr> certificates;
  ERR_clear_error();
  while (X509* const certificate =
             PEM_read_bio_X509_AUX(reader.get(), nullptr, NoPassphrase, nullptr)) {
    certificates.emplace_back(certificate);
  }
  if (certificates.empty() || !AtEndOfPem()) {
    return Unusable("no PEM certificate in", path, OpenSslReason());
  }
  ERR_clear_error();
  return certificates;
}

absl::StatusOr<PkeyPtr> ReadKey(const std::string& path, std::string_view pem) {
  ERR_clear_error();
  PkeyPtr key(PEM_read_bio_PrivateKey(ReaderOf(pem).get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr && pem.find("ENCRYPTED") != std::string_view::npos) {
    ERR_clear_error();
    return Unusable("cannot use key", path,
                    "it is encrypted, and there is no way to ask for its passphrase; decrypt it "
                    "with openssl pkey");
  }
  if (key == nullptr && pem.find("PRIVATE KEY-----") == std::string_view::npos) {
    ERR_clear_error();
    return Unusable("cannot use key", path, "it has no private key in PEM");
  }
  if (key == nullptr) {
    return Unusable("cannot use key", path, OpenSslReason());
  }
  return key;
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
  // Clients keep their sessions in tickets; nothing of them is kept here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_timeout(context.get(), kSessionTime.count());
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

absl::Status ServerTls::Add(const KeyPairFiles& files, std::string_view certificate,
                            std::string_view key) {
  EPA_ASSIGN_OR_RETURN(std::vector<X509Ptr> chain,
                       ReadCertificates(files.certificate, certificate));
  EPA_ASSIGN_OR_RETURN(const PkeyPtr private_key, ReadKey(files.key, key));
  const int key_type = EVP_PKEY_get_base_id(X509_get0_pubkey(chain.front().get()));
  EPA_ASSIGN_OR_RETURN(Context* const context, ContextFor(key_type));
  SSL_CTX* const handle = context->handle.get();
  if (SSL_CTX_use_certificate(handle, chain.front().get()) != 1) {
    return Unusable("cannot use certificate", files.certificate, OpenSslReason());
  }
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(handle, chain[i].get()) != 1) {
      return Unusable("cannot use the chain of", files.certificate, OpenSslReason());
    }
  }
  if (SSL_CTX_use_PrivateKey(handle, private_key.get()) != 1 ||
      SSL_CTX_check_private_key(handle) != 1) {
    return Unusable("cannot use key", files.key, OpenSslReason());
  }
  const auto binding = tls::EndpointBindingOf(chain.front().get(), rule_);
  if (!binding.ok()) {
    return Unusable("certificate", files.certificate, std::string(binding.status().message()));
  }
  if (!binding->bindings.has_value()) {
    unbound_.push_back("certificate " + files.certificate + ": " + binding->hash.why);
  }
  context->key_types.push_back(key_type);
  context->certificates.push_back(std::move(chain.front()));
  return absl::OkStatus();
}

// Sessions are resumed in the first context, whatever the client asks for (ticket keys are its).
absl::Status ServerTls::Succeed(const ServerTls& predecessor) const {
  constexpr size_t kTicketKeys = 80;
  std::array<unsigned char, kTicketKeys> keys{};
  const bool copied =
      SSL_CTX_get_tlsext_ticket_keys(predecessor.context(), keys.data(), keys.size()) == 1 &&
      SSL_CTX_set_tlsext_ticket_keys(context(), keys.data(), keys.size()) == 1;
  OPENSSL_cleanse(keys.data(), keys.size());
  return copied ? absl::OkStatus()
                : absl::InternalError("cannot go on with TLS sessions: " + OpenSslReason());
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
    std::span<const KeyPairFiles> key_pairs, std::span<const SecretBytes> contents,
    tls::UndefinedHashRule rule, std::string_view application_protocol,
    const ServerTls* predecessor) {
  if (key_pairs.empty() || contents.size() != 2 * key_pairs.size()) {
    return absl::InvalidArgumentError("TLS needs a certificate");
  }
  std::unique_ptr<ServerTls> server_tls(new ServerTls(application_protocol, rule));
  for (size_t i = 0; i < key_pairs.size(); ++i) {
    EPA_RETURN_IF_ERROR(server_tls->Add(key_pairs[i], contents[2 * i].ExposeText(),
                                        contents[2 * i + 1].ExposeText()));
  }
  SSL_CTX_set_tlsext_servername_callback(server_tls->context(), ChooseByName);
  SSL_CTX_set_tlsext_servername_arg(server_tls->context(), server_tls.get());
  std::vector<SSL_CTX*> handles;
  for (const Context& context : server_tls->contexts_) {
    handles.push_back(context.handle.get());
  }
  const tls::ServerCertificates* before = nullptr;
  if (predecessor != nullptr) {
    EPA_RETURN_IF_ERROR(server_tls->Succeed(*predecessor));
    before = predecessor->certificates_.get();
  }
  EPA_ASSIGN_OR_RETURN(server_tls->certificates_,
                       tls::ServerCertificates::Create(handles, rule, {}, before, kSessionTime));
  return server_tls;
}

}  // namespace epa::tool
