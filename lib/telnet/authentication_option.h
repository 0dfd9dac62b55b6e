// The sub-negotiations of AUTHENTICATION (RFC 2941 2) and what its NTLM type puts into them
// ([MS-TNAP] 2.2).
#ifndef EPA_LIB_TELNET_AUTHENTICATION_OPTION_H_
#define EPA_LIB_TELNET_AUTHENTICATION_OPTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::telnet {

// RFC 2941 2.
enum class AuthenticationVerb : uint8_t { kIs = 0, kSend = 1, kReply = 2, kName = 3 };

// An authentication type and its modifiers (RFC 2941 2).
struct AuthenticationPair {
  uint8_t type = 0;
  uint8_t modifiers = 0;

  bool operator==(const AuthenticationPair&) const = default;
};
// The client declines (RFC 2941 2).
inline constexpr AuthenticationPair kNullPair = {0, 0};
// [MS-TNAP] 2.2.1: NTLM, client to server, one way, no encryption, no forwarding.
inline constexpr AuthenticationPair kNtlmPair = {15, 0};

// [MS-TNAP] 2.2.2.
enum class NtlmCommand : uint8_t {
  kNegotiate = 0,
  kChallenge = 1,
  kAuthenticate = 2,
  kAccept = 3,
  kReject = 4,
};

struct AuthenticationMessage {
  AuthenticationVerb verb = AuthenticationVerb::kIs;
  // Of SEND, in the order of the server's preference.
  std::vector<AuthenticationPair> offered;
  // Of IS and REPLY.
  AuthenticationPair pair;
  // Of IS and REPLY where `pair` is NTLM's.
  std::optional<NtlmCommand> ntlm;
  // A view into the message: NTLM's token, or the data of another type.
  std::span<const uint8_t> token;
};

// `body`: what stands between the option's code and IAC SE, the doubling of IAC undone.
// InvalidArgument, with the offset, for anything that the two specifications do not allow. Whether
// the token is NTLM's, and the right one, is the package's to judge.
absl::StatusOr<AuthenticationMessage> ParseAuthentication(std::span<const uint8_t> body);

std::vector<uint8_t> EncodeSend(std::span<const AuthenticationPair> offered);
std::vector<uint8_t> EncodeIsNull();
// From the client: IS, NEGOTIATE or AUTHENTICATE.
std::vector<uint8_t> EncodeNtlmIs(NtlmCommand command, std::span<const uint8_t> token);
// From the server: REPLY. ACCEPT and REJECT have no token.
std::vector<uint8_t> EncodeNtlmReply(NtlmCommand command, std::span<const uint8_t> token = {});

}  // namespace epa::telnet

#endif  // EPA_LIB_TELNET_AUTHENTICATION_OPTION_H_
