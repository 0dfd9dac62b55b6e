#include "tools/epa/serve/helper_answer.h"

#include "lib/base/base64.h"

namespace epa::tool {
namespace {

// A token and the blank before it; protocols other than gss-spnego have none in their last answer.
std::string LastToken(HelperProtocol protocol, std::span<const uint8_t> token) {
  if (protocol != HelperProtocol::kGssSpnego) {
    return "";
  }
  return token.empty() ? " *" : " " + EncodeBase64(token);
}

}  // namespace

std::string ContinueAnswer(HelperProtocol protocol, std::span<const uint8_t> token) {
  const bool three_words = protocol == HelperProtocol::kGssSpnego;
  return "TT " + EncodeBase64(token) + (three_words ? " *\n" : "\n");
}

std::string AcceptAnswer(HelperProtocol protocol, std::span<const uint8_t> token,
                         std::string_view name) {
  return protocol == HelperProtocol::kNtlmServer
             ? "Authenticated: Yes\n.\n"
             : "AF" + LastToken(protocol, token) + " " + std::string(name) + "\n";
}

std::string RefuseAnswer(HelperProtocol protocol, std::span<const uint8_t> token) {
  return protocol == HelperProtocol::kNtlmServer
             ? "Authenticated: No\nAuthentication-Error: Logon failure\n.\n"
             : "NA" + LastToken(protocol, token) + " NT_STATUS_LOGON_FAILURE\n";
}

std::string FaultAnswer(HelperProtocol protocol) {
  return protocol == HelperProtocol::kNtlmServer
             ? "Authenticated: No\nAuthentication-Error: Internal error\n.\n"
             : "BH NT_STATUS_INTERNAL_ERROR\n";
}

}  // namespace epa::tool
