// What a front end is told, in the words of ntlm_auth's protocols.
#ifndef EPA_TOOLS_EPA_SERVE_HELPER_ANSWER_H_
#define EPA_TOOLS_EPA_SERVE_HELPER_ANSWER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tools/epa/common/helper_protocol.h"

namespace epa::tool {

// Each is a whole message. All refusals are alike.
std::string ContinueAnswer(HelperProtocol protocol, std::span<const uint8_t> token);
// `name`: as NameForFrontEnd. Protocol kNtlmServer has none: the front end knows whom it asked
// about.
std::string AcceptAnswer(HelperProtocol protocol, std::span<const uint8_t> token,
                         std::string_view name);
std::string RefuseAnswer(HelperProtocol protocol, std::span<const uint8_t> token);
// A fault of ours.
std::string FaultAnswer(HelperProtocol protocol);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HELPER_ANSWER_H_
