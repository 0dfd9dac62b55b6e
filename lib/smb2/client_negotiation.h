// What a client offers, and whether it can live with what the server chose ([MS-SMB2] 3.2.5.2).
#ifndef EPA_LIB_SMB2_CLIENT_NEGOTIATION_H_
#define EPA_LIB_SMB2_CLIENT_NEGOTIATION_H_

#include <variant>

#include "epa/smb2/client_connection.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/session_security.h"

namespace epa::smb2 {

NegotiateRequest OfferOf(const ClientOptions& options, const RandomSource& random);

struct ClientNegotiation {
  Agreement agreement;
  // To be said and heard again under a signature.
  ValidateNegotiateRequest client;
  ValidateNegotiateResponse server;
  uint32_t max_transact_size = 0;
  uint32_t max_read_size = 0;
};

// The preauth hash is the caller's to fill.
std::variant<ClientNegotiation, ClientRefusal> JudgeNegotiateResponse(
    const ClientOptions& options, const NegotiateRequest& request,
    const NegotiateResponse& response);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_CLIENT_NEGOTIATION_H_
