// ntlm-server-1: an NTLM response by itself, to a challenge that the front end made.
#ifndef EPA_TOOLS_EPA_SERVE_NTLM_SERVER_REQUEST_H_
#define EPA_TOOLS_EPA_SERVE_NTLM_SERVER_REQUEST_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/ntlm/authority.h"

namespace epa::tool {

// Lines of "NAME: VALUE", or "NAME:: BASE64", up to one of ".".
struct NtlmServerRequest {
  std::string user;  // UTF-8
  std::string domain;
  std::array<uint8_t, 8> challenge{};
  std::vector<uint8_t> nt_response;
};

// No value: a line is none of those that there are, or says what cannot be; the challenge, the user
// or the response is missing; or there is a password in the clear, which proves nothing of a
// channel.
std::optional<NtlmServerRequest> ParseNtlmServerRequest(std::string_view message);

// Logins of one token, which is such a request. The evidence is what the response's AV pairs say
// under its proof; whether they are those of the challenge knows the front end alone.
std::shared_ptr<const Credentials> CreateNtlmServerCredentials(
    std::shared_ptr<const ntlm::NtlmAuthority> authority);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_NTLM_SERVER_REQUEST_H_
