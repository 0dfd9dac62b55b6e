// Prints everything EvaluateExtendedProtection decides, for a snapshot that a test compares:
// nobody changes what a policy means by accident.
#include <array>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "epa/core/extended_protection.h"

namespace {

using epa::BindingEvidence;
using epa::Channel;
using epa::ExtendedProtectionEvidence;
using epa::ExtendedProtectionMode;
using epa::ExtendedProtectionOptions;
using epa::ExtendedProtectionPolicy;
using epa::IdentityKind;
using epa::MicEvidence;
using epa::ProtectionScenario;
using epa::TargetNameVoucher;

constexpr std::string_view kAcceptedName = "HTTP/server.example.com";
constexpr std::string_view kOtherName = "HTTP/other.example.com";

struct ChannelCase {
  std::string_view name;
  Channel channel;
  ProtectionScenario scenario = ProtectionScenario::kTransportSelected;
  bool proxy_cohosting = false;
};

struct NameCase {
  std::string_view name;
  std::optional<std::string> target;
  TargetNameVoucher voucher = TargetNameVoucher::kClient;
  std::vector<std::string> key_names;
};

struct PolicyCase {
  std::string_view title;
  bool audit_only = false;
  bool require_mic = false;
  bool no_service_name_check = false;
  bool service_name_on_tls = false;
  MicEvidence mic = MicEvidence::kVerified;
};

template <typename T>
T ValueOrExit(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << "\n";
    std::exit(3);
  }
  return *std::move(result);
}

Channel TlsChannel() {
  const std::string_view data = "tls-server-end-point:decision-table";
  return Channel::Tls(ValueOrExit(epa::ChannelBindings::FromApplicationData(
      std::span(reinterpret_cast<const uint8_t*>(data.data()), data.size()))));
}

const std::array<ChannelCase, 5>& Channels() {
  static const std::array<ChannelCase, 5> channels = {{
      {"tls", TlsChannel()},
      {"tls-unbound", Channel::Tls(std::make_shared<epa::ChannelBindingsList>())},
      {"clear", Channel::Plain()},
      {"proxy", Channel::TrustedProxy(), ProtectionScenario::kTrustedProxy},
      {"proxy-cohosting", Channel::TrustedProxy(), ProtectionScenario::kTrustedProxy, true},
  }};
  return channels;
}

const std::vector<NameCase>& Names() {
  static const std::vector<NameCase> names = {
      {"none", std::nullopt},
      {"empty", ""},
      {"untrusted", std::string(kAcceptedName), TargetNameVoucher::kUnsureClient},
      {"ours", std::string(kAcceptedName)},
      {"other", std::string(kOtherName)},
      {"unvouched-ours", std::string(kAcceptedName), TargetNameVoucher::kNobody},
      {"unvouched-other", std::string(kOtherName), TargetNameVoucher::kNobody},
      {"key-ours",
       std::string(kAcceptedName),
       TargetNameVoucher::kExclusiveKey,
       {std::string(kAcceptedName)}},
      {"key-shared",
       std::string(kAcceptedName),
       TargetNameVoucher::kExclusiveKey,
       {std::string(kAcceptedName), std::string(kOtherName)}},
      {"key-other",
       std::string(kOtherName),
       TargetNameVoucher::kExclusiveKey,
       {std::string(kAcceptedName)}},
  };
  return names;
}

// "+reason" accepted, "-reason" refused, "?reason" let through by audit-only alone; after "/" what
// mode 2 refuses it for.
std::string Cell(const ExtendedProtectionPolicy& policy, const Channel& channel,
                 const ExtendedProtectionEvidence& evidence,
                 IdentityKind identity = IdentityKind::kUser) {
  const auto decision = epa::EvaluateExtendedProtection(policy, channel, identity, evidence);
  std::string cell = decision.compliant ? "+" : decision.accepted ? "?" : "-";
  cell += epa::ReasonName(decision.reason);
  if (!decision.accepted_if_required) {
    cell += "/";
    cell += decision.reason_if_required == decision.reason
                ? std::string_view("same")
                : epa::ReasonName(decision.reason_if_required);
  }
  return cell;
}

void PrintGrid(const PolicyCase& policy_case, const ChannelCase& channel,
               ExtendedProtectionMode mode) {
  ExtendedProtectionOptions options;
  options.mode = mode;
  options.scenario = channel.scenario;
  options.proxy_cohosting = channel.proxy_cohosting;
  options.audit_only = policy_case.audit_only;
  options.require_mic = policy_case.require_mic;
  options.no_service_name_check = policy_case.no_service_name_check;
  options.service_name_on_tls = policy_case.service_name_on_tls;
  options.accepted_names =
      ValueOrExit(epa::AcceptedServiceNames::Create({std::string(kAcceptedName)}));
  const auto policy = ExtendedProtectionPolicy::Create(options);
  std::cout << "\n[" << policy_case.title << "] " << channel.name << ", mode "
            << static_cast<int>(mode) << " (" << epa::ExtendedProtectionModeName(mode) << ")\n";
  if (!policy.ok()) {
    std::cout << "  refused at creation: " << policy.status().message() << "\n";
    return;
  }
  for (const BindingEvidence binding :
       {BindingEvidence::kNotChecked, BindingEvidence::kAbsent, BindingEvidence::kExplicitNone,
        BindingEvidence::kMatched, BindingEvidence::kMismatched}) {
    std::cout << "  " << std::left << std::setw(14) << epa::BindingEvidenceName(binding);
    for (const NameCase& name : Names()) {
      ExtendedProtectionEvidence evidence;
      evidence.binding = binding;
      evidence.target_name = name.target;
      evidence.target_name_voucher = name.voucher;
      evidence.key_names = std::make_shared<const std::vector<std::string>>(name.key_names);
      evidence.mic = policy_case.mic;
      std::cout << " " << name.name << ":" << Cell(*policy, channel.channel, evidence);
    }
    std::cout << "\n";
  }
}

void PrintIdentities() {
  std::cout << "\n[identity] tls, no binding, no name\n";
  for (const bool allowed : {false, true}) {
    for (const auto mode : {ExtendedProtectionMode::kLegacy, ExtendedProtectionMode::kAllow}) {
      ExtendedProtectionOptions options;
      options.mode = mode;
      options.allow_guest = options.allow_anonymous = allowed;
      const auto policy = ValueOrExit(ExtendedProtectionPolicy::Create(options));
      std::cout << "  mode " << static_cast<int>(mode) << (allowed ? " allowed " : " default ");
      for (const auto kind :
           {IdentityKind::kUser, IdentityKind::kGuest, IdentityKind::kAnonymous}) {
        ExtendedProtectionEvidence evidence;
        evidence.binding = BindingEvidence::kAbsent;
        std::cout << " " << epa::IdentityKindName(kind) << ":"
                  << Cell(policy, Channels()[0].channel, evidence, kind);
      }
      std::cout << "\n";
    }
  }
}

}  // namespace

int main() {
  constexpr std::array<PolicyCase, 7> kPolicies = {{
      {.title = "default"},
      {.title = "audit-only", .audit_only = true},
      {.title = "require-mic, mic verified", .require_mic = true},
      {.title = "require-mic, mic absent", .require_mic = true, .mic = MicEvidence::kAbsent},
      {.title = "require-mic, audit-only, mic absent",
       .audit_only = true,
       .require_mic = true,
       .mic = MicEvidence::kAbsent},
      {.title = "no-service-name-check", .no_service_name_check = true},
      {.title = "service-name-on-tls", .service_name_on_tls = true},
  }};
  std::cout << "Rows: binding evidence. Columns: target name. + accepted, - refused, ? refused but "
               "let through by\naudit-only; after '/': why mode 2 would refuse.\n";
  for (const PolicyCase& policy : kPolicies) {
    for (const ChannelCase& channel : Channels()) {
      for (const auto mode : {ExtendedProtectionMode::kLegacy, ExtendedProtectionMode::kAllow,
                              ExtendedProtectionMode::kRequire}) {
        PrintGrid(policy, channel, mode);
      }
    }
  }
  PrintIdentities();
  return 0;
}
