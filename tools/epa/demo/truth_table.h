// What Windows' servers do on TLS, as published: the expectation of the demonstration.
#ifndef EPA_TOOLS_EPA_DEMO_TRUTH_TABLE_H_
#define EPA_TOOLS_EPA_DEMO_TRUTH_TABLE_H_

#include <cstdint>
#include <string_view>

#include "epa/core/extended_protection.h"
#include "epa/core/reason.h"

namespace epa::tool {

// What a client proves, as the server sees it.
enum class ClientState : uint8_t {
  kAbsent,        // the right password, no binding
  kExplicitNone,  // the right password, "no channel"
  kMatching,      // the right password, this channel
  kMismatching,   // the right password, another channel
  kWrongPassword,
  kNtlmV1,
  kForeignTicket,  // Kerberos: a ticket for another service
  kReplay,         // Kerberos: a login that was seen before
};
std::string_view ClientStateName(ClientState state);
// Of a client that has the right password.
ClientState ClientStateOf(BindingEvidence binding);
// "sends no binding" and so on, for the same clients.
std::string_view BindingInWords(ClientState state);

struct ExpectedCell {
  bool accepted;
  Reason reason;
};

ExpectedCell PublishedCell(ClientState state, ExtendedProtectionMode mode);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_TRUTH_TABLE_H_
