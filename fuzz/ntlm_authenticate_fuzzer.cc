// Whatever AUTHENTICATE is read must read the same once written again.
#include <algorithm>
#include <cstdlib>

#include "fuzz/reach.h"
#include "providers/ntlm/messages/authenticate_message.h"

namespace {

epa::fuzz::ReachPoint was_read("a message");
epa::fuzz::ReachPoint with_mic("a message with a MIC");
epa::fuzz::ReachPoint version_2("an NTLMv2 response");
epa::fuzz::ReachPoint refused("a refused message");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using epa::ntlm::AuthenticateMessage;
  const auto first = epa::ntlm::ParseAuthenticateMessage({data, size});
  refused.Reach(!first.ok());
  if (!first.ok()) {
    return 0;
  }
  if (epa::ntlm::MicOf(*first, {data, size}).empty() == first->mic_offset.has_value()) {
    std::abort();
  }
  was_read.Reach();
  with_mic.Reach(first->mic_offset.has_value());
  version_2.Reach(first->nt_kind == epa::ntlm::NtResponseKind::kNtlmV2);
  const auto written = epa::ntlm::WriteAuthenticateMessage(*first);
  if (!written.ok()) {
    std::abort();
  }
  const auto second = epa::ntlm::ParseAuthenticateMessage(written->octets);
  if (!second.ok() || second->mic_offset != written->mic_offset ||
      first->version != second->version || first->nt_kind != second->nt_kind ||
      first->lm_kind != second->lm_kind) {
    std::abort();
  }
  for (auto field :
       {&AuthenticateMessage::lm_response, &AuthenticateMessage::nt_response,
        &AuthenticateMessage::domain, &AuthenticateMessage::user, &AuthenticateMessage::workstation,
        &AuthenticateMessage::encrypted_session_key}) {
    if (!std::ranges::equal((*first).*field, (*second).*field)) {
      std::abort();
    }
  }
  return 0;
}
