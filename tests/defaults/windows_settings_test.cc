// Each setting of the registry changes what happens: from the text of a file to a login.
#include "epa/defaults/windows_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/registry_keys.h"
#include "tests/support/status_matchers.h"

namespace epa {
namespace {

using registry::WindowsSettings;
using test::Exchange;
using test::ExchangeSetup;
using test::ForgedClient;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kDigits = "0123456789abcdef";

std::string Dword(std::string_view key, std::string_view name, uint32_t value) {
  std::string line = "[" + std::string(key) + "]\n\"" + std::string(name) + "\"=dword:";
  for (int shift = 28; shift >= 0; shift -= 4) {
    line += kDigits[(value >> shift) & 15];
  }
  return line + "\n";
}

std::string TextList(std::string_view key, std::string_view name,
                     const std::vector<std::string_view>& items) {
  std::string line = "[" + std::string(key) + "]\n\"" + std::string(name) + "\"=hex(7):";
  for (const std::string_view item : items) {
    for (const char letter : item) {
      line += kDigits[static_cast<uint8_t>(letter) >> 4];
      line += kDigits[static_cast<uint8_t>(letter) & 15];
      line += ",00,";
    }
    line += "00,00,";
  }
  return line + "00,00\n";
}

WindowsSettings SettingsOf(std::string_view lines, const registry::WindowsVersion& version = {}) {
  const std::string text = "Windows Registry Editor Version 5.00\n" + std::string(lines);
  registry::Registry registry;
  registry.Import(*registry::ParseRegistryFile(
      {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, "a.reg"));
  return *registry::WindowsSettingsFrom(registry, version);
}

ExchangeSetup ClientWith(std::string_view lines) {
  ExchangeSetup setup;
  ApplyWindowsSettings(SettingsOf(lines), setup.initiator);
  return setup;
}

ExchangeSetup ServerWith(std::string_view lines) {
  ExchangeSetup setup;
  setup.acceptor.names.netbios_computer = "FILES";
  setup.acceptor.names.dns_computer = "files.example.com";
  ApplyWindowsSettings(SettingsOf(lines), setup.acceptor);
  return setup;
}

TEST(WindowsSettings, NothingSetChangesNothing) {
  ExpectEstablished(RunExchange(ClientWith("")));
  ExpectEstablished(RunExchange(ServerWith("")));
  EXPECT_EQ(ServerWith("").acceptor.minimum_session_security, 0x20080000U);
  EXPECT_EQ(ClientWith("").initiator.policy.minimum_session_security, 0x20080000U);
}

TEST(SuppressExtendedProtection, ClientSaysNothing) {
  for (const uint32_t value : {0U, 1U, 3U}) {
    ExchangeSetup setup = ClientWith(Dword(test::kLsa, "SuppressExtendedProtection", value));
    setup.policy.mode = ExtendedProtectionMode::kAllow;
    const Exchange exchange = RunExchange(std::move(setup));
    ExpectEstablished(exchange);
    const AuditEvent& event = exchange.audit->events.front();
    EXPECT_EQ(event.binding, value == 0 ? BindingEvidence::kMatched : BindingEvidence::kAbsent);
    EXPECT_EQ(event.target_name.has_value(), value == 0);
  }
  ExpectRefused(RunExchange(ClientWith(Dword(test::kLsa, "SuppressExtendedProtection", 1))),
                Reason::kBindingMissing);
}

TEST(SuppressExtendedProtection, ReachesKerberosToo) {
  ClientPackages packages{kerberos::InitiatorOptions(), ntlm::InitiatorOptions()};
  ApplyWindowsSettings(SettingsOf(Dword(test::kLsa, "SuppressExtendedProtection", 3)), packages);
  EXPECT_EQ(packages.kerberos->policy.suppress_extended_protection, 3U);
  EXPECT_EQ(packages.ntlm->policy.suppress_extended_protection, 3U);
}

TEST(LmCompatibilityLevel, ClientsBelowThreeAreRefusedByName) {
  for (uint32_t level = 0; level <= 5; ++level) {
    ntlm::InitiatorOptions options;
    options.user = "alice";
    ApplyWindowsSettings(SettingsOf(Dword(test::kLsa, "LmCompatibilityLevel", level)), options);
    const auto credentials = ntlm::CreateInitiatorCredentials(std::move(options));
    if (level < 3) {
      EXPECT_THAT(credentials, StatusIs(absl::StatusCode::kFailedPrecondition,
                                        HasSubstr("LmCompatibilityLevel")));
    } else {
      EXPECT_OK(credentials);
    }
  }
}

TEST(LmCompatibilityLevel, ServersRefuseOldResponsesAtEveryLevel) {
  for (uint32_t level = 0; level <= 5; ++level) {
    ForgedClient client;
    client.nt_response = std::vector<uint8_t>(24, 1);
    ExpectRefused(RunForged(client, ServerWith(Dword(test::kLsa, "LmCompatibilityLevel", level))),
                  Reason::kNtlmV1Refused);
  }
}

// Which of the two weaknesses each value refuses: short keys, no extended session security.
struct SecurityRow {
  uint32_t value;
  bool refuses_short_keys;
  bool refuses_plain_sessions;
};
const std::vector<SecurityRow> kMinimumSecurity = {
    {0, false, false}, {0x20000000, true, false}, {0x20080000, true, true}, {0x80000, false, true}};

TEST(NtlmMinServerSec, RefusesWhatItNames) {
  for (const SecurityRow& row : kMinimumSecurity) {
    for (const bool short_keys : {true, false}) {
      ForgedClient client;
      client.kept_flags =
          ~(short_keys ? ntlm::kNegotiate128 : ntlm::kNegotiateExtendedSessionSecurity);
      const Exchange exchange =
          RunForged(client, ServerWith(Dword(test::kMsv, "NtlmMinServerSec", row.value)));
      if (short_keys ? row.refuses_short_keys : row.refuses_plain_sessions) {
        ExpectRefused(exchange, Reason::kWeakKeyRefused);
        EXPECT_EQ(exchange.server_result.status, SecurityStatus::kUnsupportedFunction);
      } else {
        ExpectEstablished(exchange);
      }
    }
  }
}

TEST(NtlmMinClientSec, ServersThatOfferLessAreNotAnswered) {
  for (const SecurityRow& row : kMinimumSecurity) {
    ExchangeSetup setup = ClientWith(Dword(test::kMsv, "NtlmMinClientSec", row.value));
    setup.parameters.want_signing = true;
    setup.on_challenge = [](std::vector<uint8_t>& challenge) {
      test::ClearFlags(challenge, ntlm::kNegotiate128);
    };
    const Exchange exchange = RunExchange(std::move(setup));
    EXPECT_EQ(exchange.client->reason() == Reason::kServerFlagsUnacceptable,
              row.refuses_short_keys);
    EXPECT_EQ(exchange.authenticate.empty(), row.refuses_short_keys);
  }
}

std::string Sending(uint32_t value, const std::vector<std::string_view>& excepted = {}) {
  return Dword(test::kMsv, "RestrictSendingNTLMTraffic", value) +
         TextList(test::kMsv, "ClientAllowedNTLMServers", excepted);
}

TEST(RestrictSendingNtlmTraffic, DenyRefusesBeforeAnythingIsSent) {
  ExchangeSetup setup = ClientWith(Sending(2));
  const auto told = std::make_shared<test::RecordingAuditSink>();
  setup.initiator.audit = told;
  const Exchange exchange = RunExchange(std::move(setup));
  EXPECT_EQ(exchange.client->reason(), Reason::kClientPolicyForbids);
  EXPECT_EQ(exchange.client->reason_detail(), "RestrictSendingNTLMTraffic");
  EXPECT_EQ(exchange.client_result.status, SecurityStatus::kUnsupportedFunction);
  EXPECT_TRUE(exchange.client_result.token.empty());
  EXPECT_TRUE(exchange.negotiate.empty()) << "the server heard nothing";
  ASSERT_EQ(told->events.size(), 1U);
  EXPECT_EQ(told->events[0].outcome, AuditOutcome::kRefused);
  EXPECT_EQ(told->events[0].reason, Reason::kClientPolicyForbids);
  EXPECT_EQ(told->events[0].claims.user, "alice");
  EXPECT_EQ(told->events[0].claims.domain, "EXAMPLE");
  EXPECT_EQ(told->events[0].target_name, "HTTP/server.example.com");
}

TEST(RestrictSendingNtlmTraffic, AuditLogsInAndTells) {
  ExchangeSetup setup = ClientWith(Sending(1));
  const auto told = std::make_shared<test::RecordingAuditSink>();
  setup.initiator.audit = told;
  ExpectEstablished(RunExchange(std::move(setup)));
  ASSERT_EQ(told->events.size(), 1U);
  EXPECT_EQ(told->events[0].outcome, AuditOutcome::kNoticed);
  EXPECT_EQ(told->events[0].reason, Reason::kOutgoingNtlmAudited);
}

TEST(RestrictSendingNtlmTraffic, AllowIsSilent) {
  ExchangeSetup setup = ClientWith(Sending(0));
  const auto told = std::make_shared<test::RecordingAuditSink>();
  setup.initiator.audit = told;
  ExpectEstablished(RunExchange(std::move(setup)));
  EXPECT_TRUE(told->events.empty());
}

TEST(RestrictSendingNtlmTraffic, ExceptionsAreHostsWithWildcards) {
  struct Row {
    std::vector<std::string_view> excepted;
    std::string target;
    bool allowed;
  };
  const std::vector<Row> rows = {
      {{"server.example.com"}, "HTTP/server.example.com", true},
      {{"SERVER.Example.COM"}, "HTTP/server.example.com", true},
      {{"other", "server*"}, "HTTP/server.example.com", true},
      {{"*.example.com"}, "HTTP/server.example.com", true},
      {{"*"}, "HTTP/server.example.com", true},
      {{"s*r.*e.com"}, "HTTP/server.example.com:8080", true},
      {{"server.example.com"}, "HTTP/server.example.com@EXAMPLE.COM", true},
      {{"server"}, "HTTP/server.example.com", false},
      {{"server.example.com"}, "HTTP/server.example.com.attacker.net", false},
      {{"*.example.com"}, "HTTP/example.com", false},
      {{"HTTP/server.example.com"}, "HTTP/server.example.com", false},
      {{"*"}, "", false},
      {{"*"}, "server.example.com", false},
      {{""}, "HTTP/server.example.com", false},
  };
  for (const Row& row : rows) {
    ExchangeSetup setup = ClientWith(Sending(2, row.excepted));
    setup.parameters.target_name = row.target;
    const Exchange exchange = RunExchange(std::move(setup));
    EXPECT_EQ(exchange.client->reason() != Reason::kClientPolicyForbids, row.allowed)
        << row.target << " " << row.excepted.front();
  }
}

TEST(RestrictSendingNtlmTraffic, NamesFromUntrustedSourcesAreNoException) {
  ExchangeSetup setup = ClientWith(Sending(2, {"*"}));
  setup.parameters.target_name_untrusted = true;
  EXPECT_EQ(RunExchange(std::move(setup)).client->reason(), Reason::kClientPolicyForbids);
}

TEST(RestrictSendingNtlmTraffic, NegotiateWithNothingElseIsRefusedToo) {
  ntlm::InitiatorOptions ntlm;
  ntlm.user = "EXAMPLE\\alice";
  ntlm.password = SecretBytes::FromText("secret-alice");
  ClientPackages packages{std::nullopt, std::move(ntlm)};
  ApplyWindowsSettings(SettingsOf(Sending(2)), packages);
  InitiateOptions options;
  ASSERT_OK_AND_ASSIGN(options.credentials, CreateClientCredentials(std::move(packages)));
  options.channel = Channel::Plain();
  options.parameters.target_name = "HTTP/server.example.com";
  ASSERT_OK_AND_ASSIGN(const auto client, SecurityContext::Initiate(std::move(options)));
  ASSERT_OK_AND_ASSIGN(const StepResult result, client->Step({}));
  EXPECT_EQ(result.state, StepState::kRejected);
  EXPECT_TRUE(result.token.empty());
  EXPECT_EQ(client->reason(), Reason::kClientPolicyForbids);
}

std::string Receiving(uint32_t value, const std::vector<std::string_view>& excepted = {}) {
  return Dword(test::kMsv, "RestrictReceivingNTLMTraffic", value) +
         TextList(test::kNetlogon, "DCAllowedNTLMServers", excepted);
}

TEST(RestrictReceivingNtlmTraffic, DenyAllRefusesTheFirstMessage) {
  const Exchange exchange = RunExchange(ServerWith(Receiving(2)));
  ExpectRefused(exchange, Reason::kNtlmBlocked);
  EXPECT_EQ(exchange.server_result.status, SecurityStatus::kUnsupportedFunction);
  EXPECT_TRUE(exchange.challenge.empty());
  EXPECT_EQ(exchange.audit->events.front().detail, "RestrictReceivingNTLMTraffic");
}

// Whose account it is says the authority: tests/attacks/claimed_names_test.cc has the spellings.
TEST(RestrictReceivingNtlmTraffic, DomainAccountsAreThoseOfOtherNames) {
  ExpectRefused(RunExchange(ServerWith(Receiving(1))), Reason::kNtlmBlocked);
  ExchangeSetup in_its_domain = ServerWith(Receiving(1));
  in_its_domain.acceptor.names.netbios_computer = "EXAMPLE";
  ExpectEstablished(RunExchange(std::move(in_its_domain)));
  ExpectEstablished(RunExchange(ServerWith(Receiving(0))));
}

TEST(RestrictReceivingNtlmTraffic, ExceptionsAreNamesOfThisServer) {
  for (const std::string_view listed : {"FILES", "files.example.com", "f*s"}) {
    ExpectEstablished(RunExchange(ServerWith(Receiving(2, {"OTHER", listed}))));
  }
  for (const std::string_view listed : {"OTHER", "FILES2", "example.com", ""}) {
    ExpectRefused(RunExchange(ServerWith(Receiving(2, {listed}))), Reason::kNtlmBlocked);
  }
}

TEST(RestrictReceivingNtlmTraffic, ReachesTheServersPackages) {
  ServerPackages packages;
  ApplyWindowsSettings(SettingsOf(Receiving(2)), packages);
  EXPECT_FALSE(packages.ntlm.has_value());
  packages.ntlm.emplace();
  ApplyWindowsSettings(SettingsOf(Receiving(2)), packages);
  EXPECT_EQ(packages.ntlm->incoming, ntlm::IncomingTraffic::kDenyAll);
}

// What the client said about the channel, as the tables of the services have it: nothing, that it
// had none, the right binding, another one.
const std::vector<BindingEvidence> kBindings = {
    BindingEvidence::kAbsent, BindingEvidence::kExplicitNone, BindingEvidence::kMatched,
    BindingEvidence::kMismatched};

// "+-" in the order of kBindings, for one channel and one target name.
std::string Verdicts(const ExtendedProtectionOptions& options, const Channel& channel,
                     const std::optional<std::string>& target_name) {
  const auto policy = ExtendedProtectionPolicy::Create(options);
  EXPECT_OK(policy);
  std::string verdicts;
  for (const BindingEvidence binding : kBindings) {
    ExtendedProtectionEvidence evidence;
    evidence.binding = binding;
    evidence.target_name = target_name;
    evidence.target_name_voucher = TargetNameVoucher::kClient;
    verdicts += EvaluateExtendedProtection(*policy, channel, IdentityKind::kUser, evidence).accepted
                    ? '+'
                    : '-';
  }
  return verdicts;
}

// No target name, an empty one, one of ours, another.
const std::vector<std::optional<std::string>> kNames = {std::nullopt, "", "HOST/files.example.com",
                                                        "HOST/other.example.com"};

TEST(TelnetExtendedProtection, TableCellByCell) {
  const std::vector<std::vector<std::string>> table = {{"++++", "++++", "++++", "++++"},
                                                       {"++++", "++++", "++++", "----"},
                                                       {"----", "----", "++++", "----"}};
  for (uint32_t value = 0; value <= 2; ++value) {
    ExtendedProtectionOptions options;
    ASSERT_OK_AND_ASSIGN(
        options.accepted_names,
        AcceptedServiceNames::Create({"HOST/files.example.com", "TELNET/files.example.com"}));
    ApplyTelnetSettings(SettingsOf(Dword(test::kTelnet, "ExtendedProtection", value)), options);
    for (size_t name = 0; name < kNames.size(); ++name) {
      EXPECT_EQ(Verdicts(options, Channel::Plain(), kNames[name]), table[value][name])
          << "value " << value << ", name " << name;
    }
  }
}

TEST(LdapEnforceChannelBinding, TableCellByCell) {
  const std::vector<std::string> on_tls = {"++++", "+-+-", "--+-"};
  for (uint32_t value = 0; value <= 2; ++value) {
    ExtendedProtectionOptions options;
    ApplyLdapSettings(SettingsOf(Dword(test::kLdap, "LdapEnforceChannelBinding", value)), options);
    for (const auto& name : kNames) {
      EXPECT_EQ(Verdicts(options, Channel::Tls(test::Bindings(1)), name), on_tls[value]);
      EXPECT_EQ(Verdicts(options, Channel::Plain(), name), "++++");
    }
  }
}

TEST(WinRmCbtHardeningLevel, TableCellByCell) {
  const std::vector<std::pair<std::string, std::string>> on_tls = {
      {"None", "++++"}, {"Relaxed", "+-+-"}, {"Strict", "--+-"}};
  for (const auto& [level, verdicts] : on_tls) {
    ExtendedProtectionOptions options;
    ApplyWinRmSettings(SettingsOf("[" + std::string(test::kWinRm) +
                                  "]\n\"cbt_hardening_level\"=\"" + level + "\"\n"),
                       options);
    for (const auto& name : kNames) {
      EXPECT_EQ(Verdicts(options, Channel::Tls(test::Bindings(1)), name), verdicts) << level;
      EXPECT_EQ(Verdicts(options, Channel::Plain(), name), "++++") << level;
    }
  }
}

TEST(ServiceModes, UnsetLeavesTheStricterDefault) {
  ExtendedProtectionOptions options;
  ApplyTelnetSettings(SettingsOf(""), options);
  ApplyLdapSettings(SettingsOf(""), options);
  ApplyWinRmSettings(SettingsOf(""), options);
  EXPECT_EQ(options.mode, ExtendedProtectionMode::kRequire);
}

// Own names, configured names and addresses against every kind of target name.
TEST(SmbServerNameHardeningLevel, TableCellByCell) {
  struct Row {
    std::optional<std::string> name;
    std::string verdicts;  // at level 0, 1 and 2
  };
  const std::vector<Row> rows = {{std::nullopt, "++-"},     {"", "++-"},
                                 {"cifs/files", "+++"},     {"CIFS/FILES.example.com", "+++"},
                                 {"cifs/alias", "+++"},     {"cifs/second", "+++"},
                                 {"cifs/192.0.2.7", "+++"}, {"cifs/other", "+--"},
                                 {"cifs/192.0.2.8", "+--"}, {"files", "+--"},
                                 {"HOST/files", "+--"},     {"cifs/files:445", "+--"},
                                 {"cifs/files/x", "+--"},   {"cifs/files@EXAMPLE.COM", "+--"}};
  for (uint32_t level = 0; level <= 2; ++level) {
    smb2::NameHardeningOptions hardening;
    hardening.names.own_names = {"files", "files.example.com"};
    hardening.names.addresses = {"192.0.2.7"};
    ApplyWindowsSettings(
        SettingsOf(Dword(test::kSmbServer, "SmbServerNameHardeningLevel", level) +
                   TextList(test::kSmbServer, "SrvAllowedServerNames", {"alias", "second, third"})),
        hardening);
    ASSERT_OK_AND_ASSIGN(const ExtendedProtectionPolicy policy,
                         smb2::CreateNameHardeningPolicy(std::move(hardening)));
    for (const Row& row : rows) {
      const bool accepted = row.verdicts[level] == '+';
      EXPECT_EQ(Verdicts(policy.options(), Channel::Plain(), row.name), accepted ? "++++" : "----")
          << "level " << level << ", name " << row.name.value_or("none");
    }
  }
}

TEST(SmbServer, SettingsReachItsOptions) {
  smb2::ServerOptions options;
  ApplyWindowsSettings(SettingsOf(Dword(test::kSmbServer, "RequireSecuritySignature", 0) +
                                  TextList(test::kSmbServer, "SrvAllowedServerNames", {"alias"})),
                       options);
  EXPECT_FALSE(options.require_signing);
  EXPECT_THAT(options.names.configured_names, ElementsAre("alias"));
  smb2::ServerOptions untouched;
  ApplyWindowsSettings(SettingsOf(""), untouched);
  EXPECT_TRUE(untouched.require_signing);
}

// An older product's default of a setting that nobody has made is not applied: ours is stricter.
TEST(SmbClient, GuestsFollowTheProductAndSigningWhatIsSet) {
  struct Row {
    std::string lines;
    std::string version;
    bool guest;
    bool guest_by_default;
    bool signing;
  };
  const std::string signing_off = Dword(test::kSmbClient, "RequireSecuritySignature", 0);
  const std::vector<Row> rows = {
      {"", "windows11-24h2", false, false, true},
      {"", "windows10-1709/pro", true, true, true},
      {"", "server-1709", false, false, true},
      {"", "before-1709", true, true, true},
      {signing_off, "windows10-1709/pro", true, true, false},
      {Dword(test::kSmbClient, "AllowInsecureGuestAuth", 1), "windows11-24h2", true, false, true},
      {Dword(test::kSmbClient, "AllowInsecureGuestAuth", 0), "windows11/home", false, true, true},
      {Dword(test::kSmbClient, "AllowInsecureGuestAuth", 1) + signing_off, "windows11-24h2", true,
       false, false},
      {Dword(test::kSmbClient, "RequireSecuritySignature", 1), "windows10-1709/pro", true, true,
       true},
  };
  for (const Row& row : rows) {
    smb2::ClientOptions options;
    ApplyWindowsSettings(SettingsOf(row.lines, *registry::ParseWindowsVersion(row.version)),
                         options);
    EXPECT_EQ(options.allow_insecure_guest, row.guest) << row.version;
    EXPECT_EQ(options.insecure_guest_by_default, row.guest_by_default) << row.version;
    EXPECT_EQ(options.require_signing, row.signing) << row.version;
  }
}

// Whatever the product, a file that sets nothing leaves every option of this library as it is.
TEST(WindowsSettings, NoProductWeakensWhatNobodySet) {
  for (const std::string_view version : {"before-1709", "windows10-1709/home",
                                         "windows11-24h2/home", "server-2022", "server-2025"}) {
    const registry::WindowsSettings settings =
        SettingsOf("", *registry::ParseWindowsVersion(version));
    smb2::ServerOptions server;
    ApplyWindowsSettings(settings, server);
    EXPECT_TRUE(server.require_signing) << version;
    smb2::NameHardeningOptions names;
    const uint32_t level = names.level;
    ApplyWindowsSettings(settings, names);
    EXPECT_EQ(names.level, level) << version;
    ExtendedProtectionOptions protection;
    ApplyLdapSettings(settings, protection);
    ApplyWinRmSettings(settings, protection);
    ApplyTelnetSettings(settings, protection);
    EXPECT_EQ(protection.mode, ExtendedProtectionMode::kRequire) << version;
  }
}

// Whether a session signs or seals is the application's choice, so these bits demand nothing.
TEST(NtlmMinSec, OldBitsDemandNothing) {
  const std::string lines = Dword(test::kMsv, "NtlmMinClientSec", 0x20080030) +
                            Dword(test::kMsv, "NtlmMinServerSec", 0x20000010);
  EXPECT_EQ(ClientWith(lines).initiator.policy.minimum_session_security, 0x20080000U);
  EXPECT_EQ(ServerWith(lines).acceptor.minimum_session_security, 0x20000000U);
}

}  // namespace
}  // namespace epa
