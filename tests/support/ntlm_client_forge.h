// An NTLM client that says what a test tells it to and proves it with its password; and what an
// attacker between the two does to messages without one.
#ifndef EPA_TESTS_SUPPORT_NTLM_CLIENT_FORGE_H_
#define EPA_TESTS_SUPPORT_NTLM_CLIENT_FORGE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "epa/core/channel_bindings.h"
#include "providers/ntlm/messages/av_pairs.h"
#include "providers/ntlm/messages/flags.h"
#include "tests/support/ntlm_exchange.h"

namespace epa::test {

struct ForgedPair {
  ntlm::AvId id;
  std::vector<uint8_t> value;
};
using ForgedPairs = std::vector<ForgedPair>;

// The value of the first pair with this id; a test that asks for another one ends.
std::vector<uint8_t>& ValueOf(ForgedPairs& pairs, ntlm::AvId id);
void Remove(ForgedPairs& pairs, ntlm::AvId id);
std::vector<uint8_t> Utf16(std::string_view text);
std::vector<uint8_t> FlagsValue(uint32_t flags);

// The defaults are a client as good as ours.
struct ForgedClient {
  std::string user = "alice";
  std::string domain = "EXAMPLE";
  std::string workstation = "WS";
  std::string password = "secret-alice";
  uint32_t offered_flags = ntlm::kNegotiateUnicode | ntlm::kRequestTarget | ntlm::kNegotiateNtlm |
                           ntlm::kNegotiateAlwaysSign | ntlm::kNegotiateExtendedSessionSecurity |
                           ntlm::kNegotiateVersion | ntlm::kNegotiate128 |
                           ntlm::kNegotiateKeyExchange | ntlm::kNegotiateSign;
  // Of what both offered, the AUTHENTICATE carries these.
  uint32_t kept_flags = 0xFFFFFFFF;
  // Each no value: the pair is left out.
  std::optional<uint32_t> av_flags = ntlm::kAvFlagMicPresent;
  std::optional<ChannelBindingToken> binding = Bindings(1).token();
  std::optional<std::string> target_name = "HTTP/server.example.com";
  // The pairs just before they are proved: those of the challenge, then the three above.
  std::function<void(ForgedPairs&)> edit_pairs;
  // Sent as they are, in place of an NTLMv2 response and of 24 zeros.
  std::optional<std::vector<uint8_t>> nt_response;
  std::optional<std::vector<uint8_t>> lm_response;
  // EncryptedRandomSessionKey, sent as it is; else a wrapped key where one is exchanged.
  std::optional<std::vector<uint8_t>> session_key_field;
  // The MIC is keyed with what that field unwraps to, although no key is exchanged.
  bool mic_by_session_key_field = false;
  // False: the MIC's octets stay zero.
  bool write_mic = true;

  std::vector<uint8_t> Negotiate() const;
  std::vector<uint8_t> Authenticate(std::span<const uint8_t> negotiate,
                                    std::span<const uint8_t> challenge) const;
};

// The forged client against the server of `setup`, whose attacker does his part.
Exchange RunForged(const ForgedClient& client, ExchangeSetup setup = {});

// NegotiateFlags of any of the three messages.
uint32_t FlagsOf(std::span<const uint8_t> message);
void ClearFlags(std::vector<uint8_t>& message, uint32_t flags);
void SetFlags(std::vector<uint8_t>& message, uint32_t flags);
// The server's challenge in a CHALLENGE.
std::span<uint8_t> ServerChallengeOf(std::vector<uint8_t>& challenge);
// Writes a CHALLENGE again with other target information.
void EditTargetInfo(std::vector<uint8_t>& challenge, const std::function<void(ForgedPairs&)>& edit);
// The octets of an AV pair's value, of the NT response, of the user's and the domain's name, of
// the session key and of the MIC in an AUTHENTICATE.
std::span<uint8_t> AvValueIn(std::vector<uint8_t>& authenticate, ntlm::AvId id);
std::span<uint8_t> NtResponseIn(std::vector<uint8_t>& authenticate);
std::span<uint8_t> UserIn(std::vector<uint8_t>& authenticate);
std::span<uint8_t> DomainIn(std::vector<uint8_t>& authenticate);
std::span<uint8_t> SessionKeyIn(std::vector<uint8_t>& authenticate);
std::span<uint8_t> MicIn(std::vector<uint8_t>& authenticate);
// Takes the MIC (and the version before it) out of an AUTHENTICATE: the payload moves up.
void StripMic(std::vector<uint8_t>& authenticate);
void StripMicAndVersion(std::vector<uint8_t>& authenticate);
// Writes an AUTHENTICATE again with another NT and LM response; the MIC stays.
void ReplaceResponses(std::vector<uint8_t>& authenticate, std::span<const uint8_t> nt_response,
                      std::span<const uint8_t> lm_response);

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_NTLM_CLIENT_FORGE_H_
