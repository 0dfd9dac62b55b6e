// The messages in which SMB2 carries tokens, as documents.
#ifndef EPA_TOOLS_EPA_DECODE_SMB2_H_
#define EPA_TOOLS_EPA_DECODE_SMB2_H_

#include <cstdint>
#include <span>

#include "tools/epa/decode/decode_token.h"

namespace epa::tool {

// Whether `message` begins as an SMB2 message does, with or without the length that TCP needs.
bool LooksLikeSmb2(std::span<const uint8_t> message);
// NEGOTIATE and SESSION_SETUP of either side; of other messages the header alone. The token within
// becomes "inner" where it is of a kind known here, `depth` levels deep at most.
DecodedToken DecodeSmb2(std::span<const uint8_t> message, const DecodeOptions& options, int depth);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_SMB2_H_
