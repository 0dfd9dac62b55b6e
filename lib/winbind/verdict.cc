#include "lib/winbind/verdict.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/upper_case.h"

namespace epa::winbind {
namespace {

// UserFlags of KERB_VALIDATION_INFO ([MS-PAC] 2.5) and of NETLOGON_VALIDATION ([MS-NRPC]
// 2.2.1.4.11).
constexpr uint32_t kLogonGuest = 0x1;
constexpr uint32_t kLogonCachedAccount = 0x4;

constexpr uint32_t kStatusLogonFailure = 0xC000006D;

struct Refusal {
  uint32_t nt_status;
  Reason reason;
};

// [MS-ERREF] 2.3.1: the statuses with which a controller judges an account or its password.
constexpr auto kRefusals = std::to_array<Refusal>({
    {0xC0000064, Reason::kUnknownUser},    // STATUS_NO_SUCH_USER
    {0xC00000DF, Reason::kUnknownUser},    // STATUS_NO_SUCH_DOMAIN
    {0xC000006A, Reason::kWrongPassword},  // STATUS_WRONG_PASSWORD
    {kStatusLogonFailure, Reason::kWrongPassword},
    {0xC000006E, Reason::kAccountRestricted},   // STATUS_ACCOUNT_RESTRICTION
    {0xC000006F, Reason::kLogonHours},          // STATUS_INVALID_LOGON_HOURS
    {0xC0000070, Reason::kWorkstationRefused},  // STATUS_INVALID_WORKSTATION
    {0xC0000071, Reason::kPasswordExpired},     // STATUS_PASSWORD_EXPIRED
    {0xC0000072, Reason::kAccountDisabled},     // STATUS_ACCOUNT_DISABLED
    {0xC000015B, Reason::kLogonTypeRefused},    // STATUS_LOGON_TYPE_NOT_GRANTED
    {0xC000018C, Reason::kTrustFailed},         // STATUS_TRUSTED_DOMAIN_FAILURE
    {0xC0000193, Reason::kAccountExpired},      // STATUS_ACCOUNT_EXPIRED
    {0xC0000198, Reason::kAccountIsComputer},   // STATUS_NOLOGON_INTERDOMAIN_TRUST_ACCOUNT
    {0xC0000199, Reason::kAccountIsComputer},   // STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT
    {0xC000019A, Reason::kAccountIsComputer},   // STATUS_NOLOGON_SERVER_TRUST_ACCOUNT
    {0xC0000224, Reason::kPasswordMustChange},  // STATUS_PASSWORD_MUST_CHANGE
    {0xC0000234, Reason::kAccountLockedOut},    // STATUS_ACCOUNT_LOCKED_OUT
    {0xC00002FA, Reason::kAccountRestricted},   // STATUS_SMARTCARD_LOGON_REQUIRED
    {0xC0000413, Reason::kAccountRestricted},   // STATUS_AUTHENTICATION_FIREWALL_FAILED
    {0xC0000418, Reason::kNtlmBlocked},         // STATUS_NTLM_BLOCKED
});

// What an operator can do about a status that judges nobody.
struct Fault {
  uint32_t nt_status;
  bool no_controller;
  std::string_view explanation;
};

// [MS-ERREF] 2.3.1.
constexpr auto kFaults = std::to_array<Fault>({
    // STATUS_NO_LOGON_SERVERS, STATUS_DOMAIN_CONTROLLER_NOT_FOUND, STATUS_IO_TIMEOUT,
    // RPC_NT_SERVER_UNAVAILABLE
    {0xC000005E, true, "no domain controller answers"},
    {0xC0000233, true, "no domain controller is found: DNS"},
    {0xC00000B5, true, "the domain controller does not answer in time"},
    {0xC0020017, true, "the domain controller does not answer"},
    // STATUS_ACCESS_DENIED, STATUS_CANT_ACCESS_DOMAIN_INFO, STATUS_NO_TRUST_LSA_SECRET,
    // STATUS_NO_TRUST_SAM_ACCOUNT, STATUS_TRUSTED_RELATIONSHIP_FAILURE
    {0xC0000022, false, "the domain refuses this machine: net ads testjoin"},
    {0xC00000DA, false, "this machine is not joined to a domain: net ads join"},
    {0xC000018A, false, "this machine has no password for the domain: net ads join"},
    {0xC000018B, false, "the domain has no account of this machine: net ads join"},
    {0xC000018D, false, "the domain does not trust this machine: net ads testjoin"},
    // STATUS_TIME_DIFFERENCE_AT_DC
    {0xC0000133, false, "this machine's clock and the domain controller's differ"},
});

std::string Hex(uint32_t status) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%08X", status);
  return std::string(text.data(), static_cast<size_t>(size));
}

const Fault* FaultOf(uint32_t nt_status) {
  const auto row = std::ranges::find(kFaults, nt_status, &Fault::nt_status);
  return row != kFaults.end() ? &*row : nullptr;
}

absl::StatusOr<ntlm::LogonVerdict> RefusalOf(uint32_t nt_status) {
  const auto row = std::ranges::find(kRefusals, nt_status, &Refusal::nt_status);
  if (row == kRefusals.end()) {
    const Fault* const fault = FaultOf(nt_status);
    return absl::UnavailableError(
        std::string(fault != nullptr ? fault->explanation : "the domain did not judge the login") +
        " (NTSTATUS " + Hex(nt_status) + ")");
  }
  std::string detail = "NTSTATUS " + Hex(nt_status);
  if (nt_status == kStatusLogonFailure) {
    detail += ", also for a response to a challenge with another computer's names";
  }
  return ntlm::LogonVerdict::Refused(row->reason, std::move(detail));
}

bool IsMember(const Answer& answer, std::span<const std::string> required_groups) {
  return required_groups.empty() ||
         std::ranges::any_of(required_groups, [&answer](const std::string& group) {
           return std::ranges::find(answer.sids, group) != answer.sids.end();
         });
}

std::shared_ptr<const AccountIdentity> AccountOf(const Answer& answer) {
  AuthorizationData data;
  data.principal = answer.principal;
  if (!answer.sids.empty()) {
    data.user_sid = answer.sids.front();
    data.group_sids.assign(answer.sids.begin() + 1, answer.sids.end());
  }
  AccountIdentity account;
  account.user = answer.user;
  account.domain = answer.domain;
  account.dns_domain = answer.dns_domain;
  account.proof = IdentityProof::kPassword;
  account.authorization = std::make_shared<const AuthorizationData>(std::move(data));
  return std::make_shared<const AccountIdentity>(std::move(account));
}

}  // namespace

bool HasNoController(const Answer& answer) {
  if (answer.nt_status == 0) {
    return (answer.user_flags & kLogonCachedAccount) != 0;
  }
  const Fault* const fault = FaultOf(answer.nt_status);
  return fault != nullptr && fault->no_controller;
}

absl::StatusOr<ntlm::LogonVerdict> VerdictOf(const Answer& answer, const std::string& domain,
                                             std::span<const std::string> required_groups) {
  if (answer.nt_status != 0) {
    return RefusalOf(answer.nt_status);
  }
  if ((answer.user_flags & kLogonCachedAccount) != 0) {
    return absl::UnavailableError("no domain controller: winbindd answers from its cache");
  }
  if ((answer.user_flags & kLogonGuest) != 0) {
    // Nobody's account: neither of the wanted domain nor a member of anything.
    return domain.empty() && required_groups.empty()
               ? ntlm::LogonVerdict::Guest()
               : ntlm::LogonVerdict::Refused(Reason::kUnknownUser, "a guest of the domain");
  }
  // With a key that everybody knows nothing that the client signed could be believed.
  if (answer.user.empty() || answer.sids.empty() || answer.session_key == Secret<16>()) {
    return absl::UnavailableError("winbindd's answer names no account, no SID or no session key");
  }
  if (!domain.empty() && !EqualsIgnoringCase(answer.domain, domain) &&
      !EqualsIgnoringCase(answer.dns_domain, domain)) {
    return ntlm::LogonVerdict::Refused(Reason::kUnknownUser, "an account of another domain");
  }
  if (!IsMember(answer, required_groups)) {
    return ntlm::LogonVerdict::Refused(Reason::kAccountRestricted,
                                       "not a member of a required group");
  }
  return ntlm::LogonVerdict::Verified(answer.session_key, AccountOf(answer));
}

}  // namespace epa::winbind
