// A server's choice among what a client offers ([MS-SMB2] 3.3.5.4).
#ifndef EPA_LIB_SMB2_SERVER_NEGOTIATION_H_
#define EPA_LIB_SMB2_SERVER_NEGOTIATION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "epa/smb2/server_connection.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/smb1_negotiate.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/session_security.h"

namespace epa::smb2 {

// What a connection agreed on, and what each side said, to be said again under a signature.
struct ServerNegotiation {
  Agreement agreement;
  // No value after an SMB1 NEGOTIATE, which says none of it.
  std::optional<ValidateNegotiateRequest> client;
  ValidateNegotiateResponse server;
};

struct NegotiationAnswer {
  NtStatus status = kStatusSuccess;
  // Where the status is success.
  ServerNegotiation negotiation;
  std::vector<uint8_t> body;
};

// The answer to NEGOTIATE. The preauth hash is the caller's to fill.
NegotiationAnswer AnswerNegotiate(const ServerConfig& config, const NegotiateRequest& request);

// The answer to an SMB1 NEGOTIATE: dialect 2.0.2, or kDialectWildcard, which leaves the
// negotiation without a value. The status is kStatusNotSupported where the client offers neither.
struct Smb1Answer {
  NtStatus status = kStatusSuccess;
  std::optional<ServerNegotiation> negotiation;
  std::vector<uint8_t> body;
};
Smb1Answer AnswerSmb1Negotiate(const ServerConfig& config, const Smb1Negotiate& request);

// Whether what a client says it negotiated is what was negotiated (3.3.5.15.12): the dialects it
// says lead to the connection's, and the rest is what it said first.
bool ConfirmsNegotiation(const ServerConfig& config, const ServerNegotiation& negotiation,
                         const ValidateNegotiateRequest& said);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SERVER_NEGOTIATION_H_
