// An OpenSSL connection as a context, for its channel bindings.
#include "epa/sspi/epa_sspi.h"
#include "epa/tls/channel_binding.h"
#include "lib/sspi/context.h"

namespace epa::sspi {
namespace {

bool HandshakeHasEnded(SSL* ssl) { return tls::ChannelOf(ssl, {.server_end_point = false}).ok(); }

SECURITY_STATUS Wrap(SSL* ssl, ULONG flags, PCtxtHandle handle) {
  if (ssl == nullptr || handle == nullptr || (flags & ~ULONG{EPA_TLS_UNDEFINED_HASH_SHA256}) != 0) {
    return SEC_E_INVALID_PARAMETER;
  }
  const auto rule = (flags & EPA_TLS_UNDEFINED_HASH_SHA256) != 0 ? tls::UndefinedHashRule::kSha256
                                                                 : tls::UndefinedHashRule::kFail;
  if (!HandshakeHasEnded(ssl)) {
    return SEC_E_OUT_OF_SEQUENCE;
  }
  TlsBindings bindings;
  const auto channel = tls::ChannelOf(ssl, {}, rule);
  if (channel.ok() && channel->has_bindings()) {
    bindings.endpoint = channel->bindings().front();
  }
  if (auto unique = tls::TlsUnique(ssl); unique.ok()) {
    bindings.unique = *std::move(unique);
  }
  const auto context = std::make_shared<Context>();
  context->tls = std::make_unique<const TlsBindings>(std::move(bindings));
  *handle = TheContexts().Insert(context);
  return SEC_E_OK;
}

}  // namespace
}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_WrapTlsConnection(struct ssl_st* ssl, ULONG fFlags,
                                                PCtxtHandle phContext) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Wrap(ssl, fFlags, phContext); });
}
