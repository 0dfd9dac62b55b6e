// The computations of NTLMv2 ([MS-NLMP] 3.3.2 and 3.4.5): octets in, octets out.
#ifndef EPA_PROVIDERS_NTLM_NTLMV2_H_
#define EPA_PROVIDERS_NTLM_NTLMV2_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "epa/base/secret.h"
#include "epa/ntlm/authority.h"

namespace epa::ntlm {

enum class Direction : uint8_t { kClientToServer, kServerToClient };

// All need crypto::OpenSslLibrary::RequireMd5.

// NTOWFv2 ([MS-NLMP] 3.3.2). Names in UTF-16LE as the client sent them: the user is upper-cased
// here by Windows' table, the domain is hashed as it is.
Secret<16> NtowfV2(const NtHash& hash, std::span<const uint8_t> user,
                   std::span<const uint8_t> domain);
// The same of a user name that is upper-cased already.
Secret<16> NtowfV2OfUpper(const NtHash& hash, std::span<const uint8_t> upper_user,
                          std::span<const uint8_t> domain);

// NTProofStr ([MS-NLMP] 3.3.2). `temp` is the NTLMv2_CLIENT_CHALLENGE with all that follows it.
Secret<16> NtProof(const Secret<16>& ntowf, std::span<const uint8_t, 8> server_challenge,
                   std::span<const uint8_t> temp);

// SessionBaseKey ([MS-NLMP] 3.3.2), which in NTLMv2 is also the KeyExchangeKey (3.4.5.1).
Secret<16> SessionBaseKey(const Secret<16>& ntowf, std::span<const uint8_t, 16> proof);

// SIGNKEY ([MS-NLMP] 3.4.5.2) with extended session security: without it there is none.
Secret<16> SignKey(const Secret<16>& exported_session_key, Direction direction);

// SEALKEY ([MS-NLMP] 3.4.5.3) with extended session security, of the strength that the flags of the
// AUTHENTICATE message say.
Secret<16> SealKey(uint32_t flags, const Secret<16>& exported_session_key, Direction direction);

// MIC ([MS-NLMP] 3.1.5.1.2) over the three messages as sent, with the 16 octets of `authenticate`
// at `mic_offset` taken as zeros. They must lie within it.
Secret<16> Mic(const Secret<16>& exported_session_key, std::span<const uint8_t> negotiate,
               std::span<const uint8_t> challenge, std::span<const uint8_t> authenticate,
               size_t mic_offset);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_NTLMV2_H_
