// Names and spellings that the server's and the client's side share.
#ifndef EPA_LIB_HTTP_SCHEMES_H_
#define EPA_LIB_HTTP_SCHEMES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "epa/http/scheme.h"

namespace epa::http {

// At least one scheme, each known, given once and with credentials.
absl::Status ValidateSchemes(std::span<const Scheme> schemes);
std::optional<size_t> FindScheme(std::span<const Scheme> schemes, std::string_view name);

// "NTLM TlRM...", or the bare scheme without a token.
std::string FieldValue(std::string_view scheme, std::span<const uint8_t> token);

// RFC 9110 11.6, 11.7.
inline int ChallengeStatus(bool proxy) { return proxy ? 407 : 401; }
inline const char* ChallengeField(bool proxy) {
  return proxy ? "Proxy-Authenticate" : "WWW-Authenticate";
}
inline const char* CredentialsField(bool proxy) {
  return proxy ? "Proxy-Authorization" : "Authorization";
}

}  // namespace epa::http

#endif  // EPA_LIB_HTTP_SCHEMES_H_
