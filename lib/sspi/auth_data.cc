#include "lib/sspi/auth_data.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "epa/audit_json/json_lines.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"

namespace epa::sspi {
namespace {

constexpr ULONG kKnownAuthFlags = 0x3FF;
constexpr ULONG kKnownPolicyFlags = 0x1FF;
constexpr size_t kMaxListLength = 4096;

absl::Status ReadString(const char* text, std::string_view name, std::string& out) {
  if (text != nullptr) {
    out = text;
  }
  return IsValidUtf8(out) ? absl::OkStatus()
                          : absl::InvalidArgumentError(std::string(name) + " is not UTF-8");
}

absl::Status ReadList(const char* const* list, std::string_view name,
                      std::vector<std::string>& out) {
  for (; list != nullptr && *list != nullptr; ++list) {
    if (out.size() == kMaxListLength) {
      return absl::InvalidArgumentError(std::string(name) + " has too many entries");
    }
    EPA_RETURN_IF_ERROR(ReadString(*list, name, out.emplace_back()));
  }
  return absl::OkStatus();
}

absl::Status ReadPolicy(const EPA_PROTECTION_POLICY& given,
                        std::shared_ptr<const ExtendedProtectionPolicy>& out) {
  if (given.Length != sizeof(EPA_PROTECTION_POLICY) || given.Mode > EPA_PROTECTION_REQUIRE ||
      given.Scenario > EPA_SCENARIO_TRUSTED_PROXY || (given.Flags & ~kKnownPolicyFlags) != 0 ||
      given.NameProfile > EPA_NAMES_SMB || given.PortRule > EPA_PORT_IF_LISTED) {
    return absl::InvalidArgumentError("Policy has an unknown length or value");
  }
  std::vector<std::string> names;
  EPA_RETURN_IF_ERROR(ReadList(given.AcceptedNames, "AcceptedNames", names));
  const auto has = [&given](ULONG flag) { return (given.Flags & flag) != 0; };
  ExtendedProtectionOptions options;
  options.mode = static_cast<ExtendedProtectionMode>(given.Mode);
  options.scenario = static_cast<ProtectionScenario>(given.Scenario);
  options.proxy_cohosting = has(EPA_POLICY_PROXY_COHOSTING);
  options.no_service_name_check = has(EPA_POLICY_NO_SERVICE_NAME_CHECK);
  options.nothing_to_check = has(EPA_POLICY_NOTHING_TO_CHECK);
  options.service_name_on_tls = has(EPA_POLICY_SERVICE_NAME_ON_TLS);
  options.audit_only = has(EPA_POLICY_AUDIT_ONLY);
  options.require_mic = has(EPA_POLICY_REQUIRE_MIC);
  options.allow_guest = has(EPA_POLICY_ALLOW_GUEST);
  options.allow_anonymous = has(EPA_POLICY_ALLOW_ANONYMOUS);
  if (!names.empty()) {
    EPA_ASSIGN_OR_RETURN(options.accepted_names,
                         AcceptedServiceNames::Create(
                             std::move(names), static_cast<ServiceNameProfile>(given.NameProfile),
                             has(EPA_POLICY_ALLOW_DOTLESS), static_cast<PortRule>(given.PortRule)));
  }
  EPA_ASSIGN_OR_RETURN(auto policy, ExtendedProtectionPolicy::Create(std::move(options)));
  out = std::make_shared<const ExtendedProtectionPolicy>(std::move(policy));
  return absl::OkStatus();
}

// Hands every event to the caller's function.
class CallbackAuditSink : public AuditSink {
 public:
  CallbackAuditSink(EPA_AUDIT_FN function, void* argument)
      : function_(function), argument_(argument) {}

  void OnEvent(const AuditEvent& event) override {
    function_(argument_, AuditEventToJson(event).c_str());
  }

 private:
  EPA_AUDIT_FN function_;
  void* argument_;
};

absl::Status ReadAnyForm(const void* data, AuthData& out) {
  if (IsEpaAuthData(data)) {
    return ReadEpaAuthData(*static_cast<const EPA_AUTH_DATA*>(data), out);
  }
  const ULONG version = HeadingOf(data).version;
  if (version == EPA_AUTH_DATA_VERSION) {
    return absl::InvalidArgumentError("EPA_AUTH_DATA has another length");
  }
  return version == SEC_WINNT_AUTH_IDENTITY_VERSION_2 ? ReadIdentityEx2(data, out)
                                                      : ReadIdentity(data, out);
}

}  // namespace

bool IsEpaAuthData(const void* data) {
  const Heading heading = HeadingOf(data);
  return heading.version == EPA_AUTH_DATA_VERSION && heading.length == sizeof(EPA_AUTH_DATA);
}

Heading HeadingOf(const void* data) {
  Heading heading{};
  std::memcpy(&heading, data, sizeof(heading));
  return heading;
}

absl::Status ReadEpaAuthData(const EPA_AUTH_DATA& data, AuthData& out) {
  if ((data.Flags & ~kKnownAuthFlags) != 0) {
    return absl::InvalidArgumentError("Flags has an unknown bit");
  }
  out.flags = data.Flags;
  out.suppress_extended_protection = data.SuppressExtendedProtection;
  EPA_RETURN_IF_ERROR(ReadString(data.PackageList, "PackageList", out.package_list));
  EPA_RETURN_IF_ERROR(ReadString(data.User, "User", out.user));
  EPA_RETURN_IF_ERROR(ReadString(data.Domain, "Domain", out.domain));
  if (data.Password != nullptr) {
    if (!IsValidUtf8(data.Password)) {
      return absl::InvalidArgumentError("Password is not UTF-8");
    }
    out.password = std::make_shared<const SecretBytes>(SecretBytes::FromText(data.Password));
  }
  EPA_RETURN_IF_ERROR(ReadString(data.Workstation, "Workstation", out.workstation));
  EPA_RETURN_IF_ERROR(ReadString(data.CredentialCache, "CredentialCache", out.credential_cache));
  EPA_RETURN_IF_ERROR(ReadString(data.ClientKeytab, "ClientKeytab", out.client_keytab));
  EPA_RETURN_IF_ERROR(ReadList(data.AccountSources, "AccountSources", out.account_sources));
  if (data.Accounts != nullptr) {
    out.accounts = std::make_shared<const SecretBytes>(SecretBytes::FromText(data.Accounts));
  }
  EPA_RETURN_IF_ERROR(
      ReadString(data.NetbiosComputerName, "NetbiosComputerName", out.names.netbios_computer));
  EPA_RETURN_IF_ERROR(
      ReadString(data.NetbiosDomainName, "NetbiosDomainName", out.names.netbios_domain));
  EPA_RETURN_IF_ERROR(ReadString(data.DnsComputerName, "DnsComputerName", out.names.dns_computer));
  EPA_RETURN_IF_ERROR(ReadString(data.DnsDomainName, "DnsDomainName", out.names.dns_domain));
  EPA_RETURN_IF_ERROR(ReadString(data.Keytab, "Keytab", out.keytab));
  EPA_RETURN_IF_ERROR(
      ReadList(data.ServicePrincipals, "ServicePrincipals", out.service_principals));
  EPA_RETURN_IF_ERROR(ReadString(data.Krb5Conf, "Krb5Conf", out.configuration.path));
  EPA_RETURN_IF_ERROR(ReadString(data.Krb5ConfText, "Krb5ConfText", out.configuration.contents));
  if (data.Policy != nullptr) {
    EPA_RETURN_IF_ERROR(ReadPolicy(*data.Policy, out.policy));
  }
  if (data.Audit != nullptr) {
    out.audit = std::make_shared<CallbackAuditSink>(data.Audit, data.AuditArgument);
  }
  if (out.policy != nullptr && out.policy->audit_only() && out.audit == nullptr) {
    return absl::InvalidArgumentError("EPA_POLICY_AUDIT_ONLY needs an Audit function");
  }
  return absl::OkStatus();
}

absl::Status ReadAuthData(const void* data, AuthData& out) {
  EPA_RETURN_IF_ERROR(ReadAnyForm(data, out));
  const size_t backslash = out.user.find('\\');
  if (out.domain.empty() && backslash != std::string::npos) {
    out.domain = out.user.substr(0, backslash);
    out.user.erase(0, backslash + 1);
  }
  return absl::OkStatus();
}

void WriteFaultText(const void* data, const absl::Status& fault) {
  if (data == nullptr || !IsEpaAuthData(data)) {
    return;
  }
  const auto& auth_data = *static_cast<const EPA_AUTH_DATA*>(data);
  WriteText(std::string(fault.message()),
            {auth_data.FaultText, auth_data.FaultText == nullptr ? 0 : auth_data.cbFaultText});
}

void WriteText(std::string_view text, std::span<char> room) {
  if (!room.empty()) {
    const size_t size = std::min(text.size(), room.size() - 1);
    std::copy_n(text.data(), size, room.data());
    room[size] = '\0';
  }
}

}  // namespace epa::sspi
