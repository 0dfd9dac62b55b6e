// The body of one AUTHENTICATION sub-negotiation: what can be read can be written again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "fuzz/reach.h"
#include "lib/telnet/authentication_option.h"

namespace {

using epa::telnet::AuthenticationMessage;
using epa::telnet::AuthenticationVerb;

std::vector<uint8_t> Rewrite(const AuthenticationMessage& message) {
  switch (message.verb) {
    case AuthenticationVerb::kSend:
      return epa::telnet::EncodeSend(message.offered);
    case AuthenticationVerb::kIs:
      return epa::telnet::EncodeNtlmIs(*message.ntlm, message.token);
    case AuthenticationVerb::kReply:
    case AuthenticationVerb::kName:
      return epa::telnet::EncodeNtlmReply(*message.ntlm, message.token);
  }
  return {};
}

epa::fuzz::ReachPoint offer("an offer of types");
epa::fuzz::ReachPoint token("an NTLM token");
epa::fuzz::ReachPoint verdict("ACCEPT or REJECT");
epa::fuzz::ReachPoint refused("a refused message");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto message = epa::telnet::ParseAuthentication({data, size});
  refused.Reach(!message.ok());
  if (!message.ok() || (message->verb != AuthenticationVerb::kSend && !message->ntlm.has_value())) {
    return 0;
  }
  offer.Reach(message->verb == AuthenticationVerb::kSend);
  token.Reach(!message->token.empty());
  verdict.Reach(message->ntlm == epa::telnet::NtlmCommand::kAccept ||
                message->ntlm == epa::telnet::NtlmCommand::kReject);
  const std::vector<uint8_t> rewritten = Rewrite(*message);
  const auto again = epa::telnet::ParseAuthentication(rewritten);
  if (!again.ok() || again->verb != message->verb || again->offered != message->offered ||
      again->ntlm != message->ntlm || !std::ranges::equal(again->token, message->token)) {
    std::abort();
  }
  return 0;
}
