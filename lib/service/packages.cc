#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "epa/defaults/windows_settings.h"
#include "epa/kerberos/kerberos.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"
#include "lib/service/parts.h"
#include "lib/winbind/account_sources.h"

namespace epa::service {
namespace {

using AuthorityPtr = std::shared_ptr<const ntlm::NtlmAuthority>;

constexpr size_t kMaxKrb5Config = size_t{1} << 20;

// Which packages are asked for.
struct Wanted {
  explicit Wanted(const ServiceSettings& settings)
      : negotiate(settings.packages.negotiate || !settings.Has("package")),
        ntlm(settings.packages.ntlm),
        kerberos(settings.packages.kerberos) {}

  bool in_ntlm() const { return negotiate || ntlm; }
  bool in_kerberos() const { return negotiate || kerberos; }

  bool negotiate;
  bool ntlm;
  bool kerberos;
};

bool HasKerberos(const ServiceSettings& settings) { return settings.protocol != Protocol::kTelnet; }

absl::Status CheckGiven(const ServiceSettings& settings, const Wanted& wanted) {
  const std::string accounts = settings.Spelled("accounts");
  const std::string keytab = settings.Spelled("keytab");
  const bool ntlm = !settings.accounts.empty();
  const bool kerberos = !settings.keytab.empty();
  if (wanted.kerberos && !HasKerberos(settings)) {
    return settings.Fault(
        "package", "Kerberos: " + std::string(ProtocolName(settings.protocol)) + " has NTLM alone");
  }
  if (wanted.kerberos && !kerberos) {
    return settings.Fault("package", keytab + " is needed for Kerberos");
  }
  if (wanted.ntlm && !ntlm) {
    return settings.Fault("package", accounts + " is needed for NTLM");
  }
  if (wanted.negotiate && !ntlm && !kerberos) {
    return settings.Fault("package", HasKerberos(settings) ? accounts + " (NTLM) or " + keytab +
                                                                 " (Kerberos) is needed"
                                                           : accounts + " is needed");
  }
  return absl::OkStatus();
}

// A setting that changes nothing was meant to change something, unless it was said for others too.
absl::Status CheckUseful(const ServiceSettings& settings, std::string_view name, bool useful,
                         const std::string& condition) {
  return useful || !settings.HasOwn(name) ? absl::OkStatus()
                                          : settings.Fault(name, "of use " + condition + " only");
}

absl::Status CheckAllUseful(const ServiceSettings& settings, const Wanted& wanted) {
  const std::string package = "with " + settings.Spelled("package");
  EPA_RETURN_IF_ERROR(
      CheckUseful(settings, "accounts", wanted.in_ntlm(), package + " Negotiate or NTLM"));
  EPA_RETURN_IF_ERROR(
      CheckUseful(settings, "keytab", wanted.in_kerberos(), package + " Negotiate or Kerberos"));
  for (const char* name :
       {"krb5-config", "exclusive-key", "require-pac", "allow-weak-encryption"}) {
    EPA_RETURN_IF_ERROR(CheckUseful(settings, name, !settings.keytab.empty(),
                                    "with " + settings.Spelled("keytab")));
  }
  for (const char* name : {"netbios-name", "netbios-domain", "dns-name", "dns-domain"}) {
    EPA_RETURN_IF_ERROR(CheckUseful(settings, name, !settings.accounts.empty(),
                                    "with " + settings.Spelled("accounts")));
  }
  return absl::OkStatus();
}

// What cannot be asked may be there later; the rest is a setting that cannot be used.
absl::Status Because(const std::string& where, const absl::Status& status) {
  return absl::Status(
      absl::IsUnavailable(status) ? status.code() : absl::StatusCode::kInvalidArgument,
      where + ": " + std::string(status.message()));
}

absl::StatusOr<AuthorityPtr> AuthorityOf(const ServiceSettings& settings,
                                         const PartsOptions& options) {
  SharedAccounts own;
  SharedAccounts& accounts = options.accounts == nullptr ? own : *options.accounts;
  std::vector<AuthorityPtr> authorities;
  for (size_t i = 0; i < settings.accounts.size(); ++i) {
    auto authority = accounts.Get(settings.accounts[i], options.observer);
    if (!authority.ok()) {
      return Because(settings.Where("accounts", i), authority.status());
    }
    authorities.push_back(*std::move(authority));
  }
  AuthorityPtr all = authorities.size() > 1 ? ntlm::CreateAuthorityChain(std::move(authorities))
                                            : std::move(authorities.front());
  return settings.guests ? ntlm::CreateGuestAuthority(std::move(all)) : std::move(all);
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

absl::StatusOr<ntlm::AcceptorOptions> NtlmOf(const ServiceSettings& settings,
                                             const WindowsSettings& windows,
                                             const PartsOptions& parts) {
  ntlm::AcceptorOptions options;
  EPA_ASSIGN_OR_RETURN(options.authority, AuthorityOf(settings, parts));
  // What an authority prescribes wins over the host's own, and must not contradict the settings.
  EPA_ASSIGN_OR_RETURN(const auto prescribed, options.authority->names());
  options.names = settings.names;
  if (options.names.dns_computer.empty() && !prescribed.has_value()) {
    options.names.dns_computer = HostName();
  }
  if (windows.has_value()) {
    ApplyWindowsSettings(*windows, options);
  }
  return options;
}

kerberos::AcceptorOptions KerberosOf(const ServiceSettings& settings, FileObserver observer) {
  kerberos::AcceptorOptions options;
  options.keytab_path = settings.keytab;
  options.keytab_observer = std::move(observer);
  options.exclusive_key = settings.exclusive_key;
  // A directory's tickets have one.
  options.require_pac =
      settings.require_pac.value_or(std::ranges::any_of(settings.accounts, winbind::NamesDomain));
  options.allow_weak_encryption = settings.allow_weak_encryption;
  options.configuration.path = settings.krb5_config;
  return options;
}

// All that KerberosOf makes options of.
std::string KeyOf(const kerberos::AcceptorOptions& options) {
  std::string key = options.keytab_path + '\0' + options.configuration.path + '\0';
  for (const bool flag :
       {options.exclusive_key, options.require_pac, options.allow_weak_encryption}) {
    key += flag ? '1' : '0';
  }
  return key;
}

// libkrb5 says that there is no such file, and not which.
absl::Status CheckKrb5Config(const ServiceSettings& settings) {
  std::string_view paths = settings.krb5_config;
  while (!paths.empty()) {
    const size_t colon = std::min(paths.find(':'), paths.size());
    const absl::Status read =
        ReadRegularFile(std::string(paths.substr(0, colon)), kMaxKrb5Config).status();
    if (!read.ok()) {
      return settings.Fault("krb5-config", std::string(read.message()));
    }
    paths.remove_prefix(std::min(colon + 1, paths.size()));
  }
  return absl::OkStatus();
}

template <typename Value>
absl::StatusOr<Value> Said(const ServiceSettings& settings, std::string_view name,
                           absl::StatusOr<Value> value) {
  return value.ok() ? std::move(value) : Because(settings.Where(name), value.status());
}

absl::StatusOr<std::shared_ptr<const Credentials>> KerberosCredentialsOf(
    const ServiceSettings& settings, const PartsOptions& options) {
  EPA_RETURN_IF_ERROR(CheckKrb5Config(settings));
  if (options.inspect_kerberos) {
    return Said(settings, "keytab",
                kerberos::CreateInspectorCredentials(
                    KerberosOf(settings, ObserverOf(options.observer, "keytab"))));
  }
  SharedAccounts own;
  SharedAccounts& shared = options.accounts == nullptr ? own : *options.accounts;
  return Said(settings, "keytab", shared.GetKerberos(settings, options.observer));
}

}  // namespace

FileObserver ObserverOf(const ServiceObserver& observer, std::string_view what) {
  if (observer == nullptr) {
    return nullptr;
  }
  return [observer, what](const absl::Status& status) { observer(what, status); };
}

absl::StatusOr<std::shared_ptr<const ntlm::NtlmAuthority>> SharedAccounts::Get(
    const std::string& source, const ServiceObserver& observer) {
  std::shared_ptr<const ntlm::NtlmAuthority>& authority = authorities_[source];
  if (authority == nullptr) {
    EPA_ASSIGN_OR_RETURN(authority, winbind::CreateAuthorityOf(std::span(&source, 1),
                                                               ObserverOf(observer, "accounts")));
  }
  return authority;
}

absl::StatusOr<std::shared_ptr<const Credentials>> SharedAccounts::GetKerberos(
    const ServiceSettings& settings, const ServiceObserver& observer) {
  kerberos::AcceptorOptions options = KerberosOf(settings, ObserverOf(observer, "keytab"));
  std::shared_ptr<const Credentials>& credentials = kerberos_[KeyOf(options)];
  if (credentials == nullptr) {
    EPA_ASSIGN_OR_RETURN(credentials, kerberos::CreateAcceptorCredentials(std::move(options)));
  }
  return credentials;
}

absl::StatusOr<Packages> PackagesOf(const ServiceSettings& settings, const WindowsSettings& windows,
                                    const PartsOptions& options) {
  const Wanted wanted(settings);
  EPA_RETURN_IF_ERROR(CheckGiven(settings, wanted));
  EPA_RETURN_IF_ERROR(CheckAllUseful(settings, wanted));
  Packages packages;
  // Kerberos is preferred.
  std::vector<std::shared_ptr<const Credentials>> negotiable;
  if (wanted.in_kerberos() && HasKerberos(settings) && !settings.keytab.empty()) {
    EPA_ASSIGN_OR_RETURN(packages.kerberos, KerberosCredentialsOf(settings, options));
    if (!options.inspect_kerberos) {
      negotiable.push_back(packages.kerberos);
    }
  }
  if (wanted.in_ntlm() && !settings.accounts.empty()) {
    EPA_ASSIGN_OR_RETURN(ntlm::AcceptorOptions ntlm, NtlmOf(settings, windows, options));
    packages.authority = ntlm.authority;
    EPA_ASSIGN_OR_RETURN(packages.ntlm, Said(settings, "accounts",
                                             ntlm::CreateAcceptorCredentials(std::move(ntlm))));
    if (wanted.negotiate) {
      negotiable.push_back(packages.ntlm);
    }
  }
  if (!negotiable.empty()) {
    EPA_ASSIGN_OR_RETURN(packages.negotiate,
                         negotiate::CreateAcceptorCredentials(std::move(negotiable)));
  }
  return packages;
}

}  // namespace epa::service
