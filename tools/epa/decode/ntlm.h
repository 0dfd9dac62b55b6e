// NTLM messages as documents.
#ifndef EPA_TOOLS_EPA_DECODE_NTLM_H_
#define EPA_TOOLS_EPA_DECODE_NTLM_H_

#include <cstdint>
#include <span>

#include "tools/epa/decode/decode_token.h"

namespace epa::tool {

// Whether `token` begins with NTLM's signature.
bool LooksLikeNtlm(std::span<const uint8_t> token);
DecodedToken DecodeNtlm(std::span<const uint8_t> token);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_NTLM_H_
