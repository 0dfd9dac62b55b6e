// Who is let in: every cell of the published tables of AcceptSecurityContext, http.sys and .NET,
// with real exchanges. Expectations are typed from the tables, one sign a cell.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::ntlm {
namespace {

using test::Bindings;
using test::Exchange;
using test::ExchangeSetup;
using test::ForgedClient;

constexpr std::string_view kOurName = "HTTP/server.example.com";
constexpr std::string_view kOtherName = "HTTP/other.example.com";

// A: nothing said. Z: says that it has no channel. M: this channel. X: another channel.
constexpr std::string_view kBindings = "AZMX";
// -: none. e: empty. o: ours. n: another. u: ours, marked as untrusted, which counts as none.
constexpr std::string_view kNames = "-eonu";

enum class Place { kTls, kClear, kProxy, kCohosting };

struct Row {
  std::string_view where;
  Place place;
  int mode;
  bool name_check;
  // '+' or '.' for each of kBindings, and for each of kNames: a cell passes when both are '+'.
  std::string_view bindings;
  std::string_view names;
  // The same set-up in mode 2.
  std::string_view bindings_if_required;
  std::string_view names_if_required;
};

constexpr std::string_view kAll4 = "++++";
constexpr std::string_view kAll5 = "+++++";

// AcceptSecurityContext: bindings alone, never the name.
constexpr std::array<Row, 5> kSspiTable = {{
    {"nothing passed", Place::kClear, 2, false, kAll4, kAll5, kAll4, kAll5},
    {"bindings", Place::kTls, 2, false, "..+.", kAll5, "..+.", kAll5},
    {"bindings, ALLOW_MISSING", Place::kTls, 1, false, "+.+.", kAll5, "..+.", kAll5},
    {"PROXY", Place::kProxy, 2, false, "..++", kAll5, "..++", kAll5},
    {"PROXY, ALLOW_MISSING", Place::kProxy, 1, false, "+.++", kAll5, "..++", kAll5},
}};

// HTTP_CHANNEL_BIND_INFO of http.sys: Legacy 0, Medium 1, Strict 2.
constexpr std::array<Row, 19> kHttpSysTable = {{
    {"TLS Legacy", Place::kTls, 0, true, kAll4, kAll5, "..+.", kAll5},
    {"clear Legacy", Place::kClear, 0, true, kAll4, kAll5, kAll4, "..+.."},
    {"proxy Legacy", Place::kProxy, 0, true, kAll4, kAll5, "..++", "..+.."},
    {"co-hosting Legacy", Place::kCohosting, 0, true, kAll4, kAll5, kAll4, "..+.."},
    {"TLS Medium", Place::kTls, 1, true, "+.+.", kAll5, "..+.", kAll5},
    {"TLS Strict", Place::kTls, 2, true, "..+.", kAll5, "..+.", kAll5},
    {"clear Medium", Place::kClear, 1, true, kAll4, "+++.+", kAll4, "..+.."},
    {"clear Strict", Place::kClear, 2, true, kAll4, "..+..", kAll4, "..+.."},
    {"proxy Medium", Place::kProxy, 1, true, "+.++", "+++.+", "..++", "..+.."},
    {"proxy Strict", Place::kProxy, 2, true, "..++", "..+..", "..++", "..+.."},
    {"co-hosting Medium", Place::kCohosting, 1, true, kAll4, "+++.+", kAll4, "..+.."},
    {"co-hosting Strict", Place::kCohosting, 2, true, kAll4, "..+..", kAll4, "..+.."},
    {"TLS Medium, no name check", Place::kTls, 1, false, "+.+.", kAll5, "..+.", kAll5},
    {"TLS Strict, no name check", Place::kTls, 2, false, "..+.", kAll5, "..+.", kAll5},
    {"clear Medium, no name check", Place::kClear, 1, false, kAll4, kAll5, kAll4, kAll5},
    {"clear Strict, no name check", Place::kClear, 2, false, kAll4, kAll5, kAll4, kAll5},
    {"proxy Medium, no name check", Place::kProxy, 1, false, "+.++", kAll5, "..++", kAll5},
    {"proxy Strict, no name check", Place::kProxy, 2, false, "..++", kAll5, "..++", kAll5},
    {"co-hosting Medium, no name check", Place::kCohosting, 1, false, kAll4, kAll5, kAll4, kAll5},
}};

// ExtendedProtectionPolicy of .NET: Never 0, WhenSupported 1, Always 2.
constexpr std::array<Row, 9> kDotNetTable = {{
    {"TransportSelected WhenSupported, TLS", Place::kTls, 1, true, "+.+.", kAll5, "..+.", kAll5},
    {"TransportSelected Always, TLS", Place::kTls, 2, true, "..+.", kAll5, "..+.", kAll5},
    {"TransportSelected WhenSupported, clear", Place::kClear, 1, true, kAll4, "+++.+", kAll4,
     "..+.."},
    {"TransportSelected Always, clear", Place::kClear, 2, true, kAll4, "..+..", kAll4, "..+.."},
    {"TrustedProxy WhenSupported", Place::kProxy, 1, true, "+.++", "+++.+", "..++", "..+.."},
    {"TrustedProxy Always", Place::kProxy, 2, true, "..++", "..+..", "..++", "..+.."},
    {"Never, TLS", Place::kTls, 0, true, kAll4, kAll5, "..+.", kAll5},
    {"Never, clear", Place::kClear, 0, true, kAll4, kAll5, kAll4, "..+.."},
    {"Never, proxy", Place::kProxy, 0, true, kAll4, kAll5, "..++", "..+.."},
}};

Reason RefusalOfBinding(char binding) {
  switch (binding) {
    case 'A':
      return Reason::kBindingMissing;
    case 'Z':
      return Reason::kBindingExplicitlyNone;
    default:
      return Reason::kBindingMismatch;
  }
}

Reason RefusalOfName(char name) {
  switch (name) {
    case '-':
      return Reason::kServiceNameMissing;
    case 'e':
      return Reason::kServiceNameEmpty;
    case 'u':
      return Reason::kServiceNameUntrusted;
    default:
      return Reason::kServiceNameMismatch;
  }
}

struct Verdict {
  bool passes;
  Reason refusal;  // where it does not
};

Verdict VerdictOf(std::string_view bindings, std::string_view names, size_t binding, size_t name) {
  if (bindings[binding] != '+') {
    return {false, RefusalOfBinding(kBindings[binding])};
  }
  if (names[name] != '+') {
    return {false, RefusalOfName(kNames[name])};
  }
  return {true, Reason::kNone};
}

ExtendedProtectionOptions PolicyOf(const Row& row, ServiceNameProfile profile) {
  ExtendedProtectionOptions policy;
  policy.mode = ExtendedProtectionMode(row.mode);
  policy.no_service_name_check = policy.nothing_to_check = !row.name_check;
  policy.accepted_names = AcceptedServiceNames::Create({std::string(kOurName)}, profile).value();
  if (row.place == Place::kProxy || row.place == Place::kCohosting) {
    policy.scenario = ProtectionScenario::kTrustedProxy;
    policy.proxy_cohosting = row.place == Place::kCohosting;
  }
  return policy;
}

Channel ServerChannelOf(Place place) {
  switch (place) {
    case Place::kTls:
      return Channel::Tls(Bindings(1));
    case Place::kClear:
      return Channel::Plain();
    case Place::kProxy:
    case Place::kCohosting:
      break;
  }
  return Channel::TrustedProxy();
}

std::string_view TextOfName(char name) {
  return name == 'e' ? std::string_view() : name == 'n' ? kOtherName : kOurName;
}

// Our own client says all of A with no name, and all of Z, M and X with one.
bool OurClientCanSay(char binding, char name) { return (binding == 'A') == (name == '-'); }

Exchange RunOurClient(char binding, char name, ExchangeSetup setup) {
  setup.client_channel = Channel::Tls(Bindings(binding == 'X' ? 2 : 1));
  setup.parameters.target_name = TextOfName(name);
  setup.parameters.target_name_untrusted = name == 'u';
  setup.parameters.binding = binding == 'A'   ? BindingRequest::kOmit
                             : binding == 'Z' ? BindingRequest::kExplicitNone
                                              : BindingRequest::kFromChannel;
  return RunExchange(std::move(setup));
}

Exchange RunForgedClient(char binding, char name, ExchangeSetup setup) {
  ForgedClient client;
  client.binding = Bindings(binding == 'X' ? 2 : 1).token();
  if (binding == 'A') {
    client.binding.reset();
  } else if (binding == 'Z') {
    client.binding = ChannelBindingToken();
  }
  client.target_name = std::string(TextOfName(name));
  if (name == '-') {
    client.target_name.reset();
  } else if (name == 'u') {
    client.av_flags = kAvFlagMicPresent | kAvFlagUntrustedTargetName;
  }
  return RunForged(client, std::move(setup));
}

void CheckEnforced(const Exchange& exchange, const Verdict& verdict) {
  if (verdict.passes) {
    ExpectEstablished(exchange);
  } else {
    ExpectRefused(exchange, verdict.refusal);
    EXPECT_EQ(exchange.server_result.status == SecurityStatus::kBadBindings,
              verdict.refusal == Reason::kBindingMissing ||
                  verdict.refusal == Reason::kBindingExplicitlyNone ||
                  verdict.refusal == Reason::kBindingMismatch);
  }
}

// Windows logs a failed logon with STATUS_BAD_BINDINGS, whatever was wrong with the binding.
void CheckWindowsEvent(const Exchange& exchange) {
  ASSERT_EQ(exchange.audit->events.size(), 1u);
  const auto& event = exchange.audit->events.front().windows_event;
  ASSERT_EQ(event.has_value(), exchange.server_result.status == SecurityStatus::kBadBindings);
  if (event.has_value()) {
    EXPECT_EQ(event->id, 4625);
    EXPECT_EQ(event->fields[0].value, "alice");
    EXPECT_EQ(event->fields[2].value, "0xc000035b");
  }
}

void CheckAudited(const Exchange& exchange, const Verdict& verdict) {
  ExpectEstablished(exchange);
  const auto decision = exchange.server->extended_protection();
  ASSERT_OK(decision);
  EXPECT_TRUE(decision->accepted);
  EXPECT_EQ(decision->compliant, verdict.passes);
  if (!verdict.passes) {
    EXPECT_EQ(decision->reason, verdict.refusal);
  }
}

// What the one event says about mode 2.
void CheckForecast(const Exchange& exchange, const Verdict& required) {
  ASSERT_EQ(exchange.audit->events.size(), 1u);
  const AuditEvent& event = exchange.audit->events.front();
  EXPECT_TRUE(event.identity_verified);
  EXPECT_EQ(event.accepted_if_required, required.passes);
  if (!required.passes) {
    EXPECT_EQ(event.reason_if_required, required.refusal);
  }
}

void CheckCell(const Row& row, ServiceNameProfile profile, size_t binding, size_t name) {
  const char binding_class = kBindings[binding];
  const char name_class = kNames[name];
  SCOPED_TRACE(std::string(row.where) + ", binding " + binding_class + ", name " + name_class);
  const Verdict verdict = VerdictOf(row.bindings, row.names, binding, name);
  const Verdict required =
      VerdictOf(row.bindings_if_required, row.names_if_required, binding, name);
  for (const bool audit_only : {false, true}) {
    for (const bool ours : {false, true}) {
      if (ours && !OurClientCanSay(binding_class, name_class)) {
        continue;
      }
      ExchangeSetup setup;
      setup.policy = PolicyOf(row, profile);
      setup.policy.audit_only = audit_only;
      setup.server_channel = ServerChannelOf(row.place);
      const Exchange exchange = ours ? RunOurClient(binding_class, name_class, std::move(setup))
                                     : RunForgedClient(binding_class, name_class, std::move(setup));
      if (audit_only) {
        CheckAudited(exchange, verdict);
      } else {
        CheckEnforced(exchange, verdict);
      }
      CheckForecast(exchange, required);
      CheckWindowsEvent(exchange);
    }
  }
}

template <size_t N>
void CheckTable(const std::array<Row, N>& table, ServiceNameProfile profile) {
  for (const Row& row : table) {
    for (size_t binding = 0; binding < kBindings.size(); ++binding) {
      for (size_t name = 0; name < kNames.size(); ++name) {
        CheckCell(row, profile, binding, name);
      }
    }
  }
}

TEST(AcceptanceMatrix, AcceptSecurityContext) {
  CheckTable(kSspiTable, ServiceNameProfile::kStandard);
}

TEST(AcceptanceMatrix, HttpSys) { CheckTable(kHttpSysTable, ServiceNameProfile::kStandard); }

TEST(AcceptanceMatrix, DotNet) { CheckTable(kDotNetTable, ServiceNameProfile::kDotNet); }

// The one row of http.sys that looks at nothing although it says Strict.
TEST(AcceptanceMatrix, StrictCohostingWithoutNameCheckCannotBeConfigured) {
  ExtendedProtectionOptions policy;
  policy.scenario = ProtectionScenario::kTrustedProxy;
  policy.proxy_cohosting = true;
  policy.no_service_name_check = true;
  EXPECT_EQ(ExtendedProtectionPolicy::Create(policy).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace epa::ntlm
