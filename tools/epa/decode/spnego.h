// Tokens of SPNEGO as documents.
#ifndef EPA_TOOLS_EPA_DECODE_SPNEGO_H_
#define EPA_TOOLS_EPA_DECODE_SPNEGO_H_

#include <cstdint>
#include <span>

#include "tools/epa/decode/decode_token.h"

namespace epa::tool {

// Whether `token` begins as a NegTokenInit, NegTokenInit2 or NegTokenResp does.
bool LooksLikeSpnego(std::span<const uint8_t> token);
// The mechanism's token within becomes "inner" where it is of a kind known here, `depth` levels
// deep at most.
DecodedToken DecodeSpnego(std::span<const uint8_t> token, const DecodeOptions& options, int depth);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_SPNEGO_H_
