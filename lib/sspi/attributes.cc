// What pfContextAttr tells: ISC_RET_* and ASC_RET_*.
#include "lib/sspi/exchange.h"

namespace epa::sspi {
namespace {

// The same facts have other bits for a client than for a server.
struct Bits {
  ULONG integrity;
  ULONG detection;
  ULONG confidentiality;
  ULONG connection;
};
constexpr Bits kInitiatorBits = {ISC_RET_INTEGRITY, ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT,
                                 ISC_RET_CONFIDENTIALITY, ISC_RET_CONNECTION};
constexpr Bits kAcceptorBits = {ASC_RET_INTEGRITY, ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT,
                                ASC_RET_CONFIDENTIALITY, ASC_RET_CONNECTION};

// Before the end: what was asked for and may still come.
ULONG Hoped(const Context& context, const Bits& bits) {
  return context.request &
         (bits.integrity | bits.detection | bits.confidentiality | bits.connection);
}

ULONG Protection(const Context& context, const Bits& bits) {
  const AgreedProtection agreed = context.login->agreed_protection().value_or(AgreedProtection());
  return (context.request & bits.connection) |
         (agreed.signing ? bits.integrity | bits.detection : 0) |
         (agreed.sealing ? bits.confidentiality : 0);
}

bool IsAnonymous(const Context& context) { return context.login->anonymous().value_or(false); }

bool ServerProved(const Context& context) {
  const auto server = context.login->server();
  return server.ok() && server->mutually_authenticated;
}

bool HasDelegation(const Context& context) {
  const auto peer = context.login->peer();
  const AccountIdentity* const account = peer.ok() ? peer->account() : nullptr;
  return account != nullptr && account->authorization != nullptr &&
         account->authorization->delegated_credentials != nullptr;
}

}  // namespace

ULONG InitiatorAttributes(Context& context) {
  if (!context.login->established()) {
    return Hoped(context, kInitiatorBits);
  }
  ULONG attributes = Protection(context, kInitiatorBits);
  if (IsAnonymous(context)) {
    attributes |= ISC_RET_NULL_SESSION;
  }
  if (ServerProved(context)) {
    attributes |= ISC_RET_MUTUAL_AUTH;
  }
  return attributes;
}

ULONG AcceptorAttributes(Context& context) {
  if (!context.login->established()) {
    return Hoped(context, kAcceptorBits);
  }
  ULONG attributes = Protection(context, kAcceptorBits);
  if (IsAnonymous(context)) {
    attributes |= ASC_RET_NULL_SESSION;
  }
  if ((context.request & ASC_REQ_DELEGATE) != 0 && HasDelegation(context)) {
    attributes |= ASC_RET_DELEGATE;
  }
  return attributes;
}

}  // namespace epa::sspi
