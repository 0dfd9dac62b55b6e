// What a token says, as a document.
#ifndef EPA_TOOLS_EPA_DECODE_TOKEN_H_
#define EPA_TOOLS_EPA_DECODE_TOKEN_H_

#include <cstdint>
#include <span>

#include "tools/epa/output.h"

namespace epa::tool {

struct DecodedToken {
  // "kind" first; text as text, binary as lower-case hexadecimal, absent fields left out. A
  // malformed token has what could be read and "error": {"offset", "reason"}.
  Json document;
  bool malformed = false;
};

DecodedToken DecodeToken(std::span<const uint8_t> token);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_TOKEN_H_
