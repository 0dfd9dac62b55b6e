// From what the caller gave to the credentials of each package.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/authority.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/status_macros.h"
#include "lib/base/upper_case.h"
#include "lib/sspi/credentials.h"
#include "lib/winbind/account_sources.h"

namespace epa::sspi {
namespace {

using CredentialsResult = absl::StatusOr<std::shared_ptr<const Credentials>>;

// As Windows' services use the machine's account.
constexpr std::string_view kMachineKeytab = "/etc/krb5.keytab";

bool Has(const AuthData& data, ULONG flag) { return (data.flags & flag) != 0; }

uint32_t MinimumSessionSecurity(const AuthData& data) {
  return Has(data, EPA_AUTH_ALLOW_SHORT_KEYS)
             ? 0
             : ntlm::kRequireSessionSecurity | ntlm::kRequire128BitKeys;
}

bool NamesRealm(const AuthData& data) {
  return data.user.find('@') != std::string::npos || data.domain.find('.') != std::string::npos;
}

std::string PrincipalOf(const AuthData& data) {
  return data.domain.empty() || data.user.find('@') != std::string::npos
             ? data.user
             : data.user + "@" + UppercaseUtf8(data.domain);
}

SecretBytes PasswordOf(const AuthData& data) {
  return data.password != nullptr ? data.password->Clone() : SecretBytes();
}

CredentialsResult KerberosAcceptor(const AuthData& data) {
  kerberos::AcceptorOptions options;
  options.keytab_path = data.keytab.empty() ? std::string(kMachineKeytab) : data.keytab;
  options.service_principals = data.service_principals;
  options.exclusive_key = Has(data, EPA_AUTH_EXCLUSIVE_KEY);
  // A directory's tickets have one.
  options.require_pac = Has(data, EPA_AUTH_REQUIRE_PAC) ||
                        std::ranges::any_of(data.account_sources, winbind::NamesDomain);
  options.configuration = data.configuration;
  options.allow_weak_encryption = Has(data, EPA_AUTH_ALLOW_WEAK_ENCRYPTION);
  if (Has(data, EPA_AUTH_NO_REPLAY_CACHE)) {
    options.replay_cache = kerberos::ReplayCache::kNone;
  } else if (Has(data, EPA_AUTH_REPLAY_CACHE_IN_PROCESS)) {
    options.replay_cache = kerberos::ReplayCache::kInProcess;
  }
  return kerberos::CreateAcceptorCredentials(std::move(options));
}

bool HasAccounts(const AuthData& data) {
  return !data.account_sources.empty() || data.accounts != nullptr;
}

absl::StatusOr<std::shared_ptr<const ntlm::NtlmAuthority>> AuthorityOf(const AuthData& data) {
  if (data.accounts == nullptr) {
    return winbind::CreateAuthorityOf(data.account_sources);
  }
  if (!data.account_sources.empty()) {
    return absl::InvalidArgumentError("give AccountSources or Accounts, not both");
  }
  EPA_ASSIGN_OR_RETURN(auto accounts, ntlm::ParseAccounts(data.accounts->ExposeText(), "Accounts"));
  return ntlm::CreateMemoryAuthority(std::move(accounts));
}

CredentialsResult NtlmAcceptor(const AuthData& data) {
  if (!HasAccounts(data)) {
    return absl::FailedPreconditionError("an NTLM server needs accounts (EPA_AUTH_DATA)");
  }
  ntlm::AcceptorOptions options;
  EPA_ASSIGN_OR_RETURN(options.authority, AuthorityOf(data));
  options.names = data.names;
  options.minimum_session_security = MinimumSessionSecurity(data);
  return ntlm::CreateAcceptorCredentials(std::move(options));
}

CredentialsResult KerberosInitiator(const AuthData& data) {
  kerberos::InitiatorOptions options;
  if (!data.HasClient()) {
    options.default_credential_cache = true;
  } else if (!data.credential_cache.empty()) {
    options.credential_cache = data.credential_cache;
  } else if (!data.user.empty() && (data.password != nullptr || !data.client_keytab.empty())) {
    options.principal = PrincipalOf(data);
    options.client_keytab_path = data.client_keytab;
    if (data.client_keytab.empty()) {
      options.password = PasswordOf(data);
    }
  } else {
    return absl::FailedPreconditionError(
        "a Kerberos client needs a credential cache, or a user with a password or a keytab");
  }
  options.configuration = data.configuration;
  options.mutual_authentication = !Has(data, EPA_AUTH_NO_MUTUAL_AUTH);
  options.delegate = Has(data, EPA_AUTH_DELEGATE);
  options.port_in_principal = Has(data, EPA_AUTH_PORT_IN_PRINCIPAL);
  options.allow_weak_encryption = Has(data, EPA_AUTH_ALLOW_WEAK_ENCRYPTION);
  options.policy.suppress_extended_protection = data.suppress_extended_protection;
  return kerberos::CreateInitiatorCredentials(std::move(options));
}

// Whether Negotiate tries: a NetBIOS domain is no realm, and nobody has no ticket.
bool CanKerberosInitiate(const AuthData& data) {
  return !data.HasClient() || !data.credential_cache.empty() || !data.client_keytab.empty() ||
         (NamesRealm(data) && data.password != nullptr);
}

bool CanNtlmInitiate(const AuthData& data) {
  return Has(data, EPA_AUTH_ANONYMOUS) || (!data.user.empty() && data.password != nullptr);
}

CredentialsResult NtlmInitiator(const AuthData& data) {
  if (!CanNtlmInitiate(data)) {
    return absl::FailedPreconditionError("an NTLM client needs a user and a password");
  }
  ntlm::InitiatorOptions options;
  options.user = data.user;
  options.domain = data.domain;
  options.password = PasswordOf(data);
  options.anonymous = Has(data, EPA_AUTH_ANONYMOUS);
  options.workstation = data.workstation;
  options.policy.suppress_extended_protection = data.suppress_extended_protection;
  options.policy.minimum_session_security = MinimumSessionSecurity(data);
  return ntlm::CreateInitiatorCredentials(std::move(options));
}

// Kerberos first, then NTLM, as far as there is something for them.
struct Offer {
  bool kerberos;
  bool ntlm;
};

template <typename MakeKerberos, typename MakeNtlm, typename Compose>
CredentialsResult Negotiate(const AuthData& data, Offer offer, MakeKerberos make_kerberos,
                            MakeNtlm make_ntlm, Compose compose) {
  std::vector<std::shared_ptr<const Credentials>> packages;
  if (offer.kerberos && PackageListAllows(data.package_list, PackageId::kKerberos)) {
    EPA_ASSIGN_OR_RETURN(packages.emplace_back(), make_kerberos(data));
  }
  if (offer.ntlm && PackageListAllows(data.package_list, PackageId::kNtlm)) {
    EPA_ASSIGN_OR_RETURN(packages.emplace_back(), make_ntlm(data));
  }
  if (packages.empty()) {
    return absl::FailedPreconditionError("no package of Negotiate has credentials");
  }
  return compose(std::move(packages));
}

}  // namespace

CredentialsResult MakeAcceptor(PackageId package, const AuthData& data) {
  switch (package) {
    case PackageId::kKerberos:
      return KerberosAcceptor(data);
    case PackageId::kNtlm:
      return NtlmAcceptor(data);
    case PackageId::kPlugin:
      break;
    case PackageId::kNegotiate:
      return Negotiate(data, {!data.keytab.empty() || !HasAccounts(data), HasAccounts(data)},
                       KerberosAcceptor, NtlmAcceptor, negotiate::CreateAcceptorCredentials);
  }
  return absl::InternalError("a package of another kind");
}

CredentialsResult MakeInitiator(PackageId package, const AuthData& data) {
  switch (package) {
    case PackageId::kKerberos:
      return KerberosInitiator(data);
    case PackageId::kNtlm:
      return NtlmInitiator(data);
    case PackageId::kPlugin:
      break;
    case PackageId::kNegotiate:
      return Negotiate(data, {CanKerberosInitiate(data), CanNtlmInitiate(data)}, KerberosInitiator,
                       NtlmInitiator, negotiate::CreateInitiatorCredentials);
  }
  return absl::InternalError("a package of another kind");
}

}  // namespace epa::sspi
