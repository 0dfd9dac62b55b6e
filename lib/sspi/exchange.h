// What InitializeSecurityContext and AcceptSecurityContext have in common: one message in, one out.
#ifndef EPA_LIB_SSPI_EXCHANGE_H_
#define EPA_LIB_SSPI_EXCHANGE_H_

#include <memory>
#include <optional>
#include <span>

#include "lib/sspi/buffers.h"
#include "lib/sspi/context.h"

namespace epa::sspi {

// The arguments both have.
struct ExchangeArguments {
  const SecHandle* credentials;
  const SecHandle* context;
  ULONG request;
  PSecBufferDesc input;
  PSecBufferDesc output;
  PCtxtHandle new_context;
  PULONG attributes;
  PTimeStamp expiry;
};

// The caller's buffers, checked.
struct Message {
  std::optional<BufferList> input;
  std::optional<BufferList> output;
  // No value: no SECBUFFER_TOKEN, no SECBUFFER_CHANNEL_BINDINGS.
  std::optional<std::span<const uint8_t>> token;
  std::optional<std::span<const uint8_t>> bindings;
};
SECURITY_STATUS ReadMessage(const ExchangeArguments& arguments, Message& out);

// Gives `message` to the login and what comes of it to the caller. A token that does not fit is
// kept for the next call. `allocate`: ISC_ and ASC_REQ_ALLOCATE_MEMORY. `tell_peer`: the token of a
// refusal is given too.
SECURITY_STATUS Exchange(Context& context, const Message& message, bool allocate, bool tell_peer);

// Reads the bindings that come first and keeps them.
SECURITY_STATUS TakeBindings(const Message& message, Context& context);
// SEC_E_BAD_BINDINGS where a later call's bindings are others than the first's: the first have
// settled what is sent and compared, and a caller must not be told that all is well with more.
SECURITY_STATUS CheckSameBindings(const Context& context, const Message& message);

// SEC_E_WRONG_CREDENTIAL_HANDLE or SEC_E_INVALID_HANDLE where a later call names other credentials
// than the first.
SECURITY_STATUS CheckSameCredentials(const Context& context, const SecHandle* credentials);

// Ends a first call with `status`: makes the handle if it went well, and fills in the rest of the
// answer. A token that did not fit is lost with the context, and the one made in its place may be
// longer: cbBuffer becomes the package's cbMaxToken.
SECURITY_STATUS EndFirstCall(SECURITY_STATUS status, const std::shared_ptr<Context>& context,
                             const ExchangeArguments& arguments, const Message& message);
void GiveAnswer(const Context& context, const ExchangeArguments& arguments);

// ISC_RET_* and ASC_RET_* of what the login has come to.
ULONG InitiatorAttributes(Context& context);
ULONG AcceptorAttributes(Context& context);

constexpr bool Succeeded(SECURITY_STATUS status) { return status >= 0; }

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_EXCHANGE_H_
