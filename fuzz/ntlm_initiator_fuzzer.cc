// A token from a server into one initiator. The first octet chooses what the client wants.
// Whatever arrives: an AUTHENTICATE of ours is well-formed and promises its MIC, or nothing leaves.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/ntlm_fuzz_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/flags.h"

using epa::fuzz::Require;

namespace {

epa::fuzz::ReachPoint established("an AUTHENTICATE");
epa::fuzz::ReachPoint signing("a context that signs");
epa::fuzz::ReachPoint rejected("a server that is refused");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const uint8_t options = input.empty() ? uint8_t{0} : input.front();
  auto context = epa::fuzz::NewInitiator(options);
  Require(context->Step({})->state == epa::StepState::kContinue);
  const auto result = context->Step(input.subspan(input.empty() ? 0 : 1));
  if (!result.ok()) {
    return 0;
  }
  Require((result->state == epa::StepState::kEstablished) != result->token.empty());
  Require(!context->Step({}).ok());
  rejected.Reach(result->state == epa::StepState::kRejected);
  if (!context->established()) {
    return 0;
  }
  established.Reach();
  signing.Reach(context->message_protection().ok());
  epa::ntlm::AuthenticateMessage message;
  Require(!ReadAuthenticateMessage(result->token, message).has_value());
  Require(message.nt_kind == epa::ntlm::NtResponseKind::kNtlmV2);
  Require((*message.v2.av_pairs.flags() & epa::ntlm::kAvFlagMicPresent) != 0);
  // What the server does not grant is done without; nothing is protected that nobody asked for.
  const bool agreed = (message.flags & epa::ntlm::kNegotiateSign) != 0;
  Require(context->message_protection().ok() == agreed);
  Require(!agreed || epa::fuzz::WantsSigning(options));
  return 0;
}
