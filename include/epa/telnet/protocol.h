// What both sides of a Telnet connection share (RFC 854, RFC 855).
#ifndef EPA_TELNET_PROTOCOL_H_
#define EPA_TELNET_PROTOCOL_H_

#include <cstdint>
#include <span>
#include <vector>

#pragma GCC visibility push(default)

namespace epa::telnet {

// An option's code, as IANA assigned it.
using Option = uint8_t;
inline constexpr Option kEcho = 1;             // RFC 857
inline constexpr Option kSuppressGoAhead = 3;  // RFC 858
inline constexpr Option kTerminalType = 24;    // RFC 1091
inline constexpr Option kWindowSize = 31;      // RFC 1073
inline constexpr Option kEnvironment = 36;     // RFC 1408
inline constexpr Option kAuthentication = 37;  // RFC 2941
inline constexpr Option kEncryption = 38;      // RFC 2946
inline constexpr Option kNewEnvironment = 39;  // RFC 1572

// The options an application has a use for. Requests for others are refused. AUTHENTICATION is
// the library's own, and ENCRYPT and both ENVIRON options are not available: the one is not
// defined for NTLM, the others bring names and variables that nobody has proved.
struct AgreedOptions {
  // What this side performs where the peer asks for it (DO).
  std::vector<Option> local = {kSuppressGoAhead};
  // What the peer may perform (WILL).
  std::vector<Option> remote = {kSuppressGoAhead};
};

// One sub-negotiation of an agreed option, with the doubling of IAC undone.
struct Suboption {
  Option option = 0;
  std::vector<uint8_t> body;
};

// Application data as it travels: IAC (255) is doubled (RFC 854).
std::vector<uint8_t> EscapeData(std::span<const uint8_t> data);

// The octets of a sub-negotiation of an agreed option.
std::vector<uint8_t> EncodeSuboption(Option option, std::span<const uint8_t> body);

}  // namespace epa::telnet

#pragma GCC visibility pop

#endif  // EPA_TELNET_PROTOCOL_H_
