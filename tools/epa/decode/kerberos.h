// Kerberos messages of a GSS-API login as documents.
#ifndef EPA_TOOLS_EPA_DECODE_KERBEROS_H_
#define EPA_TOOLS_EPA_DECODE_KERBEROS_H_

#include <cstdint>
#include <span>

#include "tools/epa/decode/decode_token.h"

namespace epa::tool {

// Whether `token` begins as an AP-REQ, AP-REP or KRB-ERROR does, in its GSS-API frame or bare.
bool LooksLikeKerberos(std::span<const uint8_t> token);
DecodedToken DecodeKerberos(std::span<const uint8_t> token, const DecodeOptions& options);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_KERBEROS_H_
