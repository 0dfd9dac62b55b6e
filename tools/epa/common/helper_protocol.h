// The protocols of Samba's ntlm_auth, as a front end names them with --helper-protocol, and what
// a helper and its service say to each other about them.
//
// A helper connects, says "epa-helper 1 PROTOCOL", and passes on the front end's messages one at a
// time as they are; the service answers each with one message, which the helper passes back.
#ifndef EPA_TOOLS_EPA_COMMON_HELPER_PROTOCOL_H_
#define EPA_TOOLS_EPA_COMMON_HELPER_PROTOCOL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace epa::tool {

enum class HelperProtocol : uint8_t {
  kNtlmssp,     // NTLM: a message is a line
  kGssSpnego,   // Negotiate: a message is a line
  kNtlmServer,  // an NTLMv2 response by itself: a message is lines up to one of "."
};

inline constexpr std::array<std::string_view, 3> kHelperProtocolNames = {
    "squid-2.5-ntlmssp", "gss-spnego", "ntlm-server-1"};

inline constexpr std::string_view HelperProtocolName(HelperProtocol protocol) {
  return kHelperProtocolNames[static_cast<size_t>(protocol)];
}

inline constexpr std::optional<HelperProtocol> ParseHelperProtocol(std::string_view name) {
  for (size_t i = 0; i < kHelperProtocolNames.size(); ++i) {
    if (kHelperProtocolNames[i] == name) {
      return static_cast<HelperProtocol>(i);
    }
  }
  return std::nullopt;
}

inline constexpr std::string_view kHelperGreeting = "epa-helper 1 ";

// Messages are no longer, with their line ends. Squid's lines have up to 65,535 octets.
inline constexpr size_t kLongestHelperMessage = 96 * 1024;

// The size of the first message in what came, its last line end included; 0: it is not complete.
// `searched`: octets at the beginning that hold no end of it.
inline constexpr size_t HelperMessageSize(HelperProtocol protocol, std::string_view text,
                                          size_t searched) {
  const bool block = protocol == HelperProtocol::kNtlmServer;
  if (block && text.size() >= 2 && text[0] == '.' && text[1] == '\n') {
    return 2;
  }
  const std::string_view end = block ? "\n.\n" : "\n";
  const size_t from = searched < end.size() ? 0 : searched - (end.size() - 1);
  const size_t found = text.find(end, from);
  return found == std::string_view::npos ? 0 : found + end.size();
}

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_HELPER_PROTOCOL_H_
