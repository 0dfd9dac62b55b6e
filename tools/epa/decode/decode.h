// `epa decode`: explains a token.
#ifndef EPA_TOOLS_EPA_DECODE_DECODE_H_
#define EPA_TOOLS_EPA_DECODE_DECODE_H_

#include <span>
#include <string>

#include "tools/epa/common/output.h"

namespace epa::tool {

int RunDecode(std::span<const std::string> arguments);

// A decoded document for people: aligned, times as RFC 3339, control characters made visible.
std::string RenderDocument(const Json& document, const Printer& printer);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_DECODE_H_
