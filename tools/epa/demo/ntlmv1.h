// Tokens of a client that still speaks NTLM version 1.
#ifndef EPA_TOOLS_EPA_DEMO_NTLMV1_H_
#define EPA_TOOLS_EPA_DEMO_NTLMV1_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace epa::tool {

// NEGOTIATE_MESSAGE without optional fields.
std::vector<uint8_t> PlainNegotiateToken();
// AUTHENTICATE_MESSAGE with responses of 24 octets: NTLMv1 by their shape, proving nothing.
// `user` is "DOMAIN\user".
std::vector<uint8_t> NtlmV1AuthenticateToken(std::string_view user);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_NTLMV1_H_
