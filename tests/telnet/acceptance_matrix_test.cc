// Windows' setting ExtendedProtection of the Telnet server, cell by cell, as it leaves on the
// wire: REPLY ACCEPT or REPLY REJECT.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/ntlm_exchange.h"
#include "tests/telnet/telnet_test_support.h"

namespace epa::telnet {
namespace {

struct Login {
  std::string answer;
  Reason reason;
};

// A login whose client said this about its channel and its target, as a provider would prove it.
Login LogIn(ExtendedProtectionMode mode, const Channel& channel,
            const ExtendedProtectionEvidence& evidence) {
  test::FakePackageOptions package;
  package.login.evidence = evidence;
  ServerOptions options = FakeServerOptions(std::move(package));
  options.policy =
      PolicyOf({.mode = mode,
                .accepted_names = AcceptedServiceNames::Create(
                                      {"TELNET/server.example.com", "HOST/server.example.com"})
                                      .value()});
  TestServer server(std::move(options), channel);
  server.Receive(std::string(kWill) + Negotiate());
  const std::string answer = server.Answer(Authenticate());
  EXPECT_EQ(server.User(), answer == kAccept ? "alice" : "-");
  EXPECT_EQ(server.sink->events.size(), 1u);
  return {answer, server.sink->events[0].reason};
}

ExtendedProtectionEvidence Evidence(BindingEvidence binding,
                                    std::optional<std::string> target_name) {
  ExtendedProtectionEvidence evidence;
  evidence.binding = binding;
  if (binding == BindingEvidence::kMatched) {
    evidence.matched_binding = 0;
  }
  evidence.target_name = std::move(target_name);
  evidence.target_name_voucher = TargetNameVoucher::kClient;
  return evidence;
}

constexpr ExtendedProtectionMode kModes[] = {ExtendedProtectionMode::kLegacy,
                                             ExtendedProtectionMode::kAllow,
                                             ExtendedProtectionMode::kRequire};

// Without TLS the target name decides, in mode 0 nothing; what the client said of a channel is
// in no cell's way.
TEST(TelnetExtendedProtection, ClearChannelCellByCell) {
  struct Row {
    std::string_view what;
    std::optional<std::string> target_name;
    bool accepted[3];
  };
  const Row rows[] = {
      {"-", std::nullopt, {true, true, false}},
      {"e", "", {true, true, false}},
      {"ok", "TELNET/server.example.com", {true, true, true}},
      {"ok, as HOST", "host/SERVER.example.com", {true, true, true}},
      {"no, another host", "TELNET/other.example.com", {true, false, false}},
      {"no, another class", "HTTP/server.example.com", {true, false, false}},
      {"no, unparsable", "server.example.com", {true, false, false}},
  };
  for (const Row& row : rows) {
    for (const ExtendedProtectionMode mode : kModes) {
      for (const BindingEvidence binding :
           {BindingEvidence::kAbsent, BindingEvidence::kExplicitNone,
            BindingEvidence::kMismatched}) {
        SCOPED_TRACE(std::string(row.what) + " in mode " + std::to_string(static_cast<int>(mode)) +
                     ", binding " + std::string(BindingEvidenceName(binding)));
        const Login login = LogIn(mode, Channel::Plain(), Evidence(binding, row.target_name));
        EXPECT_EQ(login.answer, row.accepted[static_cast<int>(mode)] ? kAccept : kReject);
      }
    }
  }
}

TEST(TelnetExtendedProtection, AnUntrustedNameCountsAsNone) {
  ExtendedProtectionEvidence evidence =
      Evidence(BindingEvidence::kExplicitNone, "TELNET/server.example.com");
  evidence.target_name_voucher = TargetNameVoucher::kUnsureClient;
  EXPECT_EQ(LogIn(ExtendedProtectionMode::kLegacy, Channel::Plain(), evidence).answer, kAccept);
  EXPECT_EQ(LogIn(ExtendedProtectionMode::kAllow, Channel::Plain(), evidence).answer, kAccept);
  const Login required = LogIn(ExtendedProtectionMode::kRequire, Channel::Plain(), evidence);
  EXPECT_EQ(required.answer, kReject);
  EXPECT_EQ(required.reason, Reason::kServiceNameUntrusted);
}

// Over TLS the binding decides and the name is not looked at.
TEST(TelnetExtendedProtection, TlsChannelCellByCell) {
  struct Row {
    BindingEvidence binding;
    bool accepted[3];
    Reason in_mode_2;
  };
  const Row rows[] = {
      {BindingEvidence::kAbsent, {true, true, false}, Reason::kBindingMissing},
      {BindingEvidence::kExplicitNone, {true, false, false}, Reason::kBindingExplicitlyNone},
      {BindingEvidence::kMatched, {true, true, true}, Reason::kBindingMatched},
      {BindingEvidence::kMismatched, {true, false, false}, Reason::kBindingMismatch},
  };
  for (const Row& row : rows) {
    for (const ExtendedProtectionMode mode : kModes) {
      for (const char* name : {"TELNET/server.example.com", "TELNET/other.example.com"}) {
        SCOPED_TRACE(std::string(BindingEvidenceName(row.binding)) + " in mode " +
                     std::to_string(static_cast<int>(mode)) + " for " + name);
        const Login login =
            LogIn(mode, Channel::Tls(test::Bindings(1)), Evidence(row.binding, name));
        EXPECT_EQ(login.answer, row.accepted[static_cast<int>(mode)] ? kAccept : kReject);
        if (mode == ExtendedProtectionMode::kRequire) {
          EXPECT_EQ(login.reason, row.in_mode_2);
        }
      }
    }
  }
}

}  // namespace
}  // namespace epa::telnet
