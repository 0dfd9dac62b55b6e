// Every cell of the acceptance tables of Windows' acceptors, typed in as they are published, not
// computed: AcceptSecurityContext, http.sys (HTTP_CHANNEL_BIND_INFO) and .NET's HttpListener.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "epa/core/extended_protection.h"
#include "tests/support/test_data.h"

namespace epa {
namespace {

using Mode = ExtendedProtectionMode;

constexpr char kOurs[] = "HTTP/www.example.com";
constexpr char kOther[] = "HTTP/evil.example.com";

AcceptedServiceNames OurNames(ServiceNameProfile profile = ServiceNameProfile::kStandard) {
  return AcceptedServiceNames::Create({kOurs}, profile).value();
}

ChannelBindings SomeBindings() {
  return ChannelBindings::FromApplicationData(
             test::OctetsOf("tls-server-end-point:0123456789abcdef0123456789abcdef"))
      .value();
}

// The four things a client can say about its channel, in the order of the tables' rows.
struct BindingCase {
  std::string_view name;
  BindingEvidence evidence;
};
constexpr std::array<BindingCase, 4> kBindingCases = {{
    {"A absent", BindingEvidence::kAbsent},
    {"Z explicit none", BindingEvidence::kExplicitNone},
    {"M matching", BindingEvidence::kMatched},
    {"X other", BindingEvidence::kMismatched},
}};

// The four things it can say about its target, in the order of the tables' columns. A name that
// the client marks as untrusted counts as none, and so does one of ours that nobody vouches for.
struct NameCase {
  std::string_view name;
  std::optional<std::string> target_name;
  TargetNameVoucher voucher = TargetNameVoucher::kClient;
  std::vector<std::string> key_names;
};
std::vector<std::vector<NameCase>> NameCases() {
  using enum TargetNameVoucher;
  return {{{"- none", std::nullopt},
           {"- untrusted", kOurs, kUnsureClient},
           {"- untrusted", kOther, kUnsureClient},
           {"- ours, in the ticket alone", kOurs, kNobody},
           {"- ours, by a key of unknown names", kOurs, kExclusiveKey},
           {"- ours, by a key of other names too", kOurs, kExclusiveKey, {kOurs, kOther}}},
          {{"e empty", ""}},
          {{"ok ours", kOurs}, {"ok ours, by our key", kOurs, kExclusiveKey, {kOurs}}},
          {{"no other", kOther},
           {"no other, in the ticket alone", kOther, kNobody},
           {"no other, by our key", kOther, kExclusiveKey, {kOurs}}}};
}

ExtendedProtectionDecision Decide(const ExtendedProtectionOptions& options, const Channel& channel,
                                  const BindingCase& binding, const NameCase& name) {
  ExtendedProtectionEvidence evidence;
  evidence.binding = binding.evidence;
  if (binding.evidence == BindingEvidence::kMatched) {
    evidence.matched_binding = 0;
  }
  evidence.target_name = name.target_name;
  evidence.target_name_voucher = name.voucher;
  evidence.key_names = std::make_shared<const std::vector<std::string>>(name.key_names);
  evidence.mic = MicEvidence::kVerified;
  return EvaluateExtendedProtection(ExtendedProtectionPolicy::Create(options).value(), channel,
                                    IdentityKind::kUser, evidence);
}

// What the server is set up as.
enum class Setup { kTls, kClear, kProxy, kProxyCohosting };

ExtendedProtectionOptions OptionsOf(Setup setup, Mode mode, bool no_service_name_check) {
  ExtendedProtectionOptions options;
  options.mode = mode;
  options.no_service_name_check = options.nothing_to_check = no_service_name_check;
  options.accepted_names = OurNames();
  if (setup == Setup::kProxy || setup == Setup::kProxyCohosting) {
    options.scenario = ProtectionScenario::kTrustedProxy;
    options.proxy_cohosting = setup == Setup::kProxyCohosting;
  }
  return options;
}

// Behind a proxy the connection itself may be anything: clear, bridged TLS, or declared so.
std::vector<Channel> ChannelsOf(Setup setup) {
  switch (setup) {
    case Setup::kTls:
      return {Channel::Tls(SomeBindings())};
    case Setup::kClear:
      return {Channel::Plain()};
    case Setup::kProxy:
    case Setup::kProxyCohosting:
      return {Channel::TrustedProxy(), Channel::Plain(), Channel::Tls(SomeBindings())};
  }
  return {};
}

// Rows A Z M X; in a row the columns - e ok no. '+' is served, '.' is refused.
using Cells = std::array<std::string_view, 4>;

struct Table {
  std::string_view name;
  Setup setup;
  Mode mode;
  bool no_service_name_check;
  Cells cells;
  // The same row of the table at Strict: what raising the mode would do.
  Cells required;
};

constexpr Cells kAll = {"++++", "++++", "++++", "++++"};
constexpr Cells kTlsMedium = {"++++", "....", "++++", "...."};
constexpr Cells kTlsStrict = {"....", "....", "++++", "...."};
constexpr Cells kNameMedium = {"+++.", "+++.", "+++.", "+++."};
constexpr Cells kNameStrict = {"..+.", "..+.", "..+.", "..+."};
constexpr Cells kProxyMedium = {"+++.", "....", "+++.", "+++."};
constexpr Cells kProxyStrict = {"....", "....", "..+.", "..+."};
constexpr Cells kProxyMediumNoName = {"++++", "....", "++++", "++++"};
constexpr Cells kProxyStrictNoName = {"....", "....", "++++", "++++"};

// clang-format off
constexpr Table kHttpSys[] = {
    {"TLS, Legacy",                       Setup::kTls, Mode::kLegacy, false, kAll, kTlsStrict},
    {"TLS, Medium",                       Setup::kTls, Mode::kAllow, false, kTlsMedium, kTlsStrict},
    {"TLS, Strict",                       Setup::kTls, Mode::kRequire, false, kTlsStrict, kTlsStrict},
    {"TLS, Legacy, no name check",        Setup::kTls, Mode::kLegacy, true, kAll, kTlsStrict},
    {"TLS, Medium, no name check",        Setup::kTls, Mode::kAllow, true, kTlsMedium, kTlsStrict},
    {"TLS, Strict, no name check",        Setup::kTls, Mode::kRequire, true, kTlsStrict, kTlsStrict},
    {"clear, Legacy",                     Setup::kClear, Mode::kLegacy, false, kAll, kNameStrict},
    {"clear, Medium",                     Setup::kClear, Mode::kAllow, false, kNameMedium, kNameStrict},
    {"clear, Strict",                     Setup::kClear, Mode::kRequire, false, kNameStrict, kNameStrict},
    {"clear, Legacy, no name check",      Setup::kClear, Mode::kLegacy, true, kAll, kAll},
    {"clear, Medium, no name check",      Setup::kClear, Mode::kAllow, true, kAll, kAll},
    {"clear, Strict, no name check",      Setup::kClear, Mode::kRequire, true, kAll, kAll},
    {"proxy, Legacy",                     Setup::kProxy, Mode::kLegacy, false, kAll, kProxyStrict},
    {"proxy, Medium",                     Setup::kProxy, Mode::kAllow, false, kProxyMedium, kProxyStrict},
    {"proxy, Strict",                     Setup::kProxy, Mode::kRequire, false, kProxyStrict, kProxyStrict},
    {"proxy, Legacy, no name check",      Setup::kProxy, Mode::kLegacy, true, kAll, kProxyStrictNoName},
    {"proxy, Medium, no name check",      Setup::kProxy, Mode::kAllow, true, kProxyMediumNoName, kProxyStrictNoName},
    {"proxy, Strict, no name check",      Setup::kProxy, Mode::kRequire, true, kProxyStrictNoName, kProxyStrictNoName},
    {"co-hosting, Legacy",                Setup::kProxyCohosting, Mode::kLegacy, false, kAll, kNameStrict},
    {"co-hosting, Medium",                Setup::kProxyCohosting, Mode::kAllow, false, kNameMedium, kNameStrict},
    {"co-hosting, Strict",                Setup::kProxyCohosting, Mode::kRequire, false, kNameStrict, kNameStrict},
    {"co-hosting, Legacy, no name check", Setup::kProxyCohosting, Mode::kLegacy, true, kAll, kAll},
    {"co-hosting, Medium, no name check", Setup::kProxyCohosting, Mode::kAllow, true, kAll, kAll},
};
// clang-format on

// Calls `check` with the decision of every cell and with what the two tables have there.
template <typename Check>
int ForEveryCell(const Table& table, const ExtendedProtectionOptions& options, const Check& check) {
  int cells = 0;
  const std::vector<std::vector<NameCase>> columns = NameCases();
  for (const Channel& channel : ChannelsOf(table.setup)) {
    for (size_t row = 0; row < kBindingCases.size(); ++row) {
      for (size_t column = 0; column < columns.size(); ++column) {
        for (const NameCase& name : columns[column]) {
          SCOPED_TRACE(testing::Message() << table.name << " | " << kBindingCases[row].name << " | "
                                          << name.name << " | " << ChannelKindName(channel.kind()));
          check(Decide(options, channel, kBindingCases[row], name), table.cells[row][column] == '+',
                table.required[row][column] == '+');
        }
        ++cells;
      }
    }
  }
  return cells;
}

TEST(AcceptanceMatrix, HttpSysEveryCell) {
  int cells = 0;
  for (const Table& table : kHttpSys) {
    cells += ForEveryCell(
        table, OptionsOf(table.setup, table.mode, table.no_service_name_check),
        [](const ExtendedProtectionDecision& decision, bool served, bool served_if_required) {
          EXPECT_EQ(decision.accepted, served) << ReasonName(decision.reason);
          EXPECT_EQ(decision.compliant, served);
          EXPECT_EQ(decision.status == SecurityStatus::kOk, served);
          EXPECT_EQ(decision.accepted_if_required, served_if_required)
              << ReasonName(decision.reason_if_required);
        });
  }
  // 16 cells in 12 tables on one channel each and in 11 tables on three.
  EXPECT_EQ(cells, 16 * (12 + 3 * 11));
}

TEST(AcceptanceMatrix, AuditOnlyServesEveryCellAndSaysWhatItWouldHaveDone) {
  for (const Table& table : kHttpSys) {
    ExtendedProtectionOptions options =
        OptionsOf(table.setup, table.mode, table.no_service_name_check);
    options.audit_only = true;
    ForEveryCell(table, options,
                 [](const ExtendedProtectionDecision& decision, bool served, bool if_required) {
                   EXPECT_TRUE(decision.accepted);
                   EXPECT_EQ(decision.status, SecurityStatus::kOk);
                   EXPECT_EQ(decision.compliant, served) << ReasonName(decision.reason);
                   EXPECT_EQ(decision.accepted_if_required, if_required);
                 });
  }
}

TEST(AcceptanceMatrix, DeclaredProxyChannelIsJudgedAsAProxyWhateverTheScenario) {
  constexpr Cells kExpected = kProxyStrict;
  const ExtendedProtectionOptions options = OptionsOf(Setup::kClear, Mode::kRequire, false);
  const auto columns = NameCases();
  for (size_t row = 0; row < kBindingCases.size(); ++row) {
    for (size_t column = 0; column < columns.size(); ++column) {
      const NameCase& name = columns[column].front();
      EXPECT_EQ(Decide(options, Channel::TrustedProxy(), kBindingCases[row], name).accepted,
                kExpected[row][column] == '+')
          << kBindingCases[row].name << " " << name.name;
    }
  }
}

// AcceptSecurityContext, which never looks at the service name. Columns A Z M X.
struct SspiRow {
  std::string_view name;
  Setup setup;
  Mode mode;
  std::string_view cells;
};
constexpr SspiRow kSspi[] = {
    {"nothing", Setup::kClear, Mode::kRequire, "++++"},
    {"nothing, ALLOW_MISSING", Setup::kClear, Mode::kAllow, "++++"},
    {"bindings", Setup::kTls, Mode::kRequire, "..+."},
    {"bindings, ALLOW_MISSING", Setup::kTls, Mode::kAllow, "+.+."},
    {"nothing, PROXY", Setup::kProxy, Mode::kRequire, "..++"},
    {"nothing, PROXY + ALLOW_MISSING", Setup::kProxy, Mode::kAllow, "+.++"},
};

TEST(AcceptanceMatrix, SspiAcceptSecurityContextEveryCell) {
  for (const SspiRow& row : kSspi) {
    ExtendedProtectionOptions options = OptionsOf(row.setup, row.mode, true);
    options.accepted_names = AcceptedServiceNames();
    for (size_t column = 0; column < kBindingCases.size(); ++column) {
      for (const NameCase& name : {NameCase{"none", std::nullopt}, NameCase{"other", kOther}}) {
        const auto decision =
            Decide(options, ChannelsOf(row.setup).front(), kBindingCases[column], name);
        const bool served = row.cells[column] == '+';
        EXPECT_EQ(decision.accepted, served) << row.name << " " << kBindingCases[column].name;
        EXPECT_EQ(decision.status, served ? SecurityStatus::kOk : SecurityStatus::kBadBindings)
            << row.name << " " << kBindingCases[column].name;
      }
    }
  }
}

// ExtendedProtectionPolicy of .NET. CBT columns A Z M X, then SPN columns - e ok no; a login is
// served where both say so.
struct DotNetRow {
  std::string_view name;
  Setup setup;
  Mode mode;
  std::string_view bindings;
  std::string_view names;
};
constexpr DotNetRow kDotNet[] = {
    {"TLS, WhenSupported", Setup::kTls, Mode::kAllow, "+.+.", "++++"},
    {"TLS, Always", Setup::kTls, Mode::kRequire, "..+.", "++++"},
    {"clear, WhenSupported", Setup::kClear, Mode::kAllow, "++++", "+++."},
    {"clear, Always", Setup::kClear, Mode::kRequire, "++++", "..+."},
    {"TrustedProxy, WhenSupported", Setup::kProxy, Mode::kAllow, "+.++", "+++."},
    {"TrustedProxy, Always", Setup::kProxy, Mode::kRequire, "..++", "..+."},
    {"TLS, Never", Setup::kTls, Mode::kLegacy, "++++", "++++"},
    {"clear, Never", Setup::kClear, Mode::kLegacy, "++++", "++++"},
    {"TrustedProxy, Never", Setup::kProxy, Mode::kLegacy, "++++", "++++"},
};

TEST(AcceptanceMatrix, DotNetEveryCell) {
  const auto columns = NameCases();
  for (const DotNetRow& row : kDotNet) {
    ExtendedProtectionOptions options = OptionsOf(row.setup, row.mode, false);
    options.accepted_names = OurNames(ServiceNameProfile::kDotNet);
    for (size_t binding = 0; binding < kBindingCases.size(); ++binding) {
      for (size_t column = 0; column < columns.size(); ++column) {
        for (const NameCase& name : columns[column]) {
          const auto decision =
              Decide(options, ChannelsOf(row.setup).front(), kBindingCases[binding], name);
          EXPECT_EQ(decision.accepted, row.bindings[binding] == '+' && row.names[column] == '+')
              << row.name << " | " << kBindingCases[binding].name << " | " << name.name;
        }
      }
    }
  }
}

// Why, and with which code: SEC_E_BAD_BINDINGS for every binding, never for a name.
struct ReasonRow {
  std::string_view name;
  Setup setup;
  Mode mode;
  BindingEvidence binding;
  NameCase target;
  Reason reason;
};

TEST(AcceptanceMatrix, EveryRefusalHasItsReasonAndCode) {
  const NameCase ours{"ours", kOurs};
  const ReasonRow rows[] = {
      {"", Setup::kTls, Mode::kRequire, BindingEvidence::kAbsent, ours, Reason::kBindingMissing},
      {"", Setup::kTls, Mode::kAllow, BindingEvidence::kExplicitNone, ours,
       Reason::kBindingExplicitlyNone},
      {"", Setup::kTls, Mode::kAllow, BindingEvidence::kMismatched, ours, Reason::kBindingMismatch},
      {"", Setup::kTls, Mode::kAllow, BindingEvidence::kNotChecked, ours,
       Reason::kBindingNotChecked},
      {"", Setup::kProxy, Mode::kRequire, BindingEvidence::kAbsent, ours, Reason::kBindingMissing},
      {"", Setup::kProxy, Mode::kAllow, BindingEvidence::kExplicitNone, ours,
       Reason::kBindingExplicitlyNone},
      {"", Setup::kProxy, Mode::kAllow, BindingEvidence::kNotChecked, ours,
       Reason::kBindingNotChecked},
  };
  for (const ReasonRow& row : rows) {
    const auto decision = Decide(OptionsOf(row.setup, row.mode, false),
                                 ChannelsOf(row.setup).front(), {"", row.binding}, row.target);
    EXPECT_FALSE(decision.accepted);
    EXPECT_EQ(decision.reason, row.reason) << ReasonName(decision.reason);
    EXPECT_EQ(decision.status, SecurityStatus::kBadBindings);
  }
  const ReasonRow names[] = {
      {"",
       Setup::kClear,
       Mode::kRequire,
       BindingEvidence::kAbsent,
       {"", std::nullopt},
       Reason::kServiceNameMissing},
      {"",
       Setup::kClear,
       Mode::kRequire,
       BindingEvidence::kAbsent,
       {"", ""},
       Reason::kServiceNameEmpty},
      {"",
       Setup::kClear,
       Mode::kRequire,
       BindingEvidence::kAbsent,
       {"", kOurs, TargetNameVoucher::kUnsureClient},
       Reason::kServiceNameUntrusted},
      {"",
       Setup::kClear,
       Mode::kRequire,
       BindingEvidence::kAbsent,
       {"", kOurs, TargetNameVoucher::kNobody},
       Reason::kServiceNameNotVouchedFor},
      {"",
       Setup::kProxy,
       Mode::kRequire,
       BindingEvidence::kMismatched,
       {"", kOurs, TargetNameVoucher::kNobody},
       Reason::kServiceNameNotVouchedFor},
      {"",
       Setup::kClear,
       Mode::kRequire,
       BindingEvidence::kAbsent,
       {"", kOurs, TargetNameVoucher::kExclusiveKey, {kOurs, kOther}},
       Reason::kServiceKeyShared},
      {"",
       Setup::kClear,
       Mode::kAllow,
       BindingEvidence::kAbsent,
       {"", kOther, TargetNameVoucher::kNobody},
       Reason::kServiceNameMismatch},
      {"",
       Setup::kClear,
       Mode::kAllow,
       BindingEvidence::kAbsent,
       {"", kOther},
       Reason::kServiceNameMismatch},
  };
  for (const ReasonRow& row : names) {
    const auto decision = Decide(OptionsOf(row.setup, row.mode, false),
                                 ChannelsOf(row.setup).front(), {"", row.binding}, row.target);
    EXPECT_FALSE(decision.accepted);
    EXPECT_EQ(decision.reason, row.reason) << ReasonName(decision.reason);
    EXPECT_NE(decision.status, SecurityStatus::kOk);
    EXPECT_NE(decision.status, SecurityStatus::kBadBindings);
  }
}

TEST(AcceptanceMatrix, TlsWithoutABindingOfItsOwnMatchesNothing) {
  const Channel channel = Channel::Tls(std::make_shared<const ChannelBindingsList>());
  for (const Mode mode : {Mode::kAllow, Mode::kRequire}) {
    const auto decision = Decide(OptionsOf(Setup::kTls, mode, false), channel,
                                 {"X", BindingEvidence::kMismatched}, {"ours", kOurs});
    EXPECT_FALSE(decision.accepted);
    EXPECT_EQ(decision.reason, Reason::kChannelHasNoBinding);
  }
}

// Two virtual hosts under one certificate have one binding: only the name tells them apart.
TEST(AcceptanceMatrix, ServiceNameOnTlsNeedsBoth) {
  constexpr Cells kMedium = {"+++.", "....", "+++.", "...."};
  constexpr Cells kStrict = {"....", "....", "..+.", "...."};
  for (const auto& [mode, cells] : {std::pair(Mode::kAllow, kMedium), {Mode::kRequire, kStrict}}) {
    ExtendedProtectionOptions options = OptionsOf(Setup::kTls, mode, false);
    options.service_name_on_tls = true;
    const Table table{"name on TLS", Setup::kTls, mode, false, cells, kStrict};
    ForEveryCell(table, options,
                 [](const ExtendedProtectionDecision& decision, bool served, bool if_required) {
                   EXPECT_EQ(decision.accepted, served) << ReasonName(decision.reason);
                   EXPECT_EQ(decision.accepted_if_required, if_required);
                 });
  }
}

}  // namespace
}  // namespace epa
