#include "tools/epa/demo/truth_table.h"

#include <array>

namespace epa::tool {
namespace {

struct Row {
  ClientState state;
  std::string_view name;
  std::array<ExpectedCell, 3> by_mode;  // legacy, allow, require
};

// HTTP_CHANNEL_BIND_INFO of http.sys, TLS rows: Legacy takes all, Medium refuses what is wrong,
// Strict refuses what is not right. The proof itself comes before any of that.
//
// On the wire: absent is NTLM without MsvAvChannelBindings and Kerberos with a Bnd field of zeros
// without KERB_AP_OPTIONS_CBT (0x4000, [MS-KILE] 3.2.5.8); an explicit none is that AV pair with
// zeros and that Bnd field with the option.
constexpr std::array<Row, 8> kPublished = {{
    {ClientState::kAbsent,
     "absent",
     {{{true, Reason::kLegacyMode},
       {true, Reason::kBindingMissingAllowed},
       {false, Reason::kBindingMissing}}}},
    {ClientState::kExplicitNone,
     "explicit_none",
     {{{true, Reason::kLegacyMode},
       {false, Reason::kBindingExplicitlyNone},
       {false, Reason::kBindingExplicitlyNone}}}},
    {ClientState::kMatching,
     "matching",
     {{{true, Reason::kLegacyMode},
       {true, Reason::kBindingMatched},
       {true, Reason::kBindingMatched}}}},
    {ClientState::kMismatching,
     "mismatching",
     {{{true, Reason::kLegacyMode},
       {false, Reason::kBindingMismatch},
       {false, Reason::kBindingMismatch}}}},
    {ClientState::kWrongPassword,
     "wrong_password",
     {{{false, Reason::kWrongPassword},
       {false, Reason::kWrongPassword},
       {false, Reason::kWrongPassword}}}},
    {ClientState::kNtlmV1,
     "ntlm_v1",
     {{{false, Reason::kNtlmV1Refused},
       {false, Reason::kNtlmV1Refused},
       {false, Reason::kNtlmV1Refused}}}},
    {ClientState::kForeignTicket,
     "foreign_ticket",
     {{{false, Reason::kKeyNotFound},
       {false, Reason::kKeyNotFound},
       {false, Reason::kKeyNotFound}}}},
    {ClientState::kReplay,
     "replay",
     {{{false, Reason::kReplay}, {false, Reason::kReplay}, {false, Reason::kReplay}}}},
}};

const Row& RowOf(ClientState state) { return kPublished[static_cast<size_t>(state)]; }

}  // namespace

std::string_view ClientStateName(ClientState state) { return RowOf(state).name; }

ClientState ClientStateOf(BindingEvidence binding) {
  switch (binding) {
    case BindingEvidence::kNotChecked:
    case BindingEvidence::kAbsent:
      return ClientState::kAbsent;
    case BindingEvidence::kExplicitNone:
      return ClientState::kExplicitNone;
    case BindingEvidence::kMatched:
      return ClientState::kMatching;
    case BindingEvidence::kMismatched:
      return ClientState::kMismatching;
  }
  return ClientState::kAbsent;
}

std::string_view BindingInWords(ClientState state) {
  switch (state) {
    case ClientState::kExplicitNone:
      return "says \"no channel\"";
    case ClientState::kMatching:
      return "binds";
    case ClientState::kMismatching:
      return "binds another channel";
    case ClientState::kAbsent:
    case ClientState::kWrongPassword:
    case ClientState::kNtlmV1:
    case ClientState::kForeignTicket:
    case ClientState::kReplay:
      break;
  }
  return "sends no binding";
}

ExpectedCell PublishedCell(ClientState state, ExtendedProtectionMode mode) {
  return RowOf(state).by_mode[static_cast<size_t>(mode)];
}

}  // namespace epa::tool
