// AUTHENTICATE_MESSAGE ([MS-NLMP] 2.2.1.3) and the responses in it (2.2.2.4, 2.2.2.7, 2.2.2.8).
#ifndef EPA_PROVIDERS_NTLM_MESSAGES_AUTHENTICATE_MESSAGE_H_
#define EPA_PROVIDERS_NTLM_MESSAGES_AUTHENTICATE_MESSAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "providers/ntlm/messages/av_pairs.h"
#include "providers/ntlm/messages/message_fault.h"
#include "providers/ntlm/messages/message_header.h"

namespace epa::ntlm {

enum class NtResponseKind : uint8_t {
  kNone,
  kNtlmV1,  // [MS-NLMP] 2.2.2.6
  kNtlmV2,
  kMalformed,  // neither; only where reading failed
};

inline constexpr size_t kNtlmV1ResponseSize = 24;

enum class LmResponseKind : uint8_t {
  kNone,      // absent, or the single octet of an anonymous client
  kZeros,     // 24 zero octets, as beside an NTLMv2 response with a time stamp
  kResponse,  // LM, LMv2 or an NTLM2 session nonce: the octets do not say which
  kOther,
};

// An NTLMv2_RESPONSE in its parts. `temp` is what the proof covers ([MS-NLMP] 3.3.2): the client
// challenge structure with its AV pairs and whatever padding came after them.
struct NtlmV2Response {
  std::span<const uint8_t> proof;  // 16 octets
  std::span<const uint8_t> temp;
  uint64_t time = 0;                          // FILETIME
  std::span<const uint8_t> client_challenge;  // 8 octets
  AvPairs av_pairs;
};
inline constexpr size_t kNtProofSize = 16;
// RespType, HiRespType, reserved, time, client challenge, reserved: [MS-NLMP] 2.2.2.7.
inline constexpr size_t kClientChallengeHeaderSize = 28;
// Ahead of the AV pairs in an NtChallengeResponse.
inline constexpr size_t kNtlmV2PrefixSize = kNtProofSize + kClientChallengeHeaderSize;

inline constexpr size_t kMicSize = 16;

// Views into the message.
struct AuthenticateMessage {
  uint32_t flags = 0;
  std::span<const uint8_t> lm_response;
  std::span<const uint8_t> nt_response;
  std::span<const uint8_t> domain;
  std::span<const uint8_t> user;
  std::span<const uint8_t> workstation;
  std::span<const uint8_t> encrypted_session_key;
  std::optional<Version> version;
  // Where the MIC lies, when the payload leaves room for one. Octets there are a MIC only when
  // MsvAvFlags says so.
  std::optional<size_t> mic_offset;

  // Derived from the above; the writer does not look at them.
  LmResponseKind lm_kind = LmResponseKind::kNone;
  NtResponseKind nt_kind = NtResponseKind::kNone;
  NtlmV2Response v2;  // filled for kNtlmV2

  bool anonymous() const { return user.empty() && nt_response.empty(); }
};

LmResponseKind ClassifyLmResponse(std::span<const uint8_t> response);
[[nodiscard]] std::optional<MessageFault> ReadNtlmV2Response(std::span<const uint8_t> response,
                                                             NtlmV2Response& out);
// The octets of the MIC; `message` is what was read. Empty without mic_offset.
std::span<const uint8_t> MicOf(const AuthenticateMessage& parsed, std::span<const uint8_t> message);

// Refused: fields outside the payload, names of odd length in Unicode, an NT response that is
// neither NTLMv1 nor NTLMv2, a promised MIC without room for it (kMicMissing), an exchange of
// session keys without one (kSessionKeyMissing).
[[nodiscard]] std::optional<MessageFault> ReadAuthenticateMessage(std::span<const uint8_t> octets,
                                                                  AuthenticateMessage& out);
absl::StatusOr<AuthenticateMessage> ParseAuthenticateMessage(std::span<const uint8_t> octets);

struct WrittenAuthenticate {
  std::vector<uint8_t> octets;
  size_t mic_offset;  // 16 zero octets lie there
};
// 88 octets of header, then domain, user, workstation, LM and NT response, session key. Fails
// when a field is longer than 65535 octets.
absl::StatusOr<WrittenAuthenticate> WriteAuthenticateMessage(const AuthenticateMessage& message);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGES_AUTHENTICATE_MESSAGE_H_
