#include "lib/sspi/credentials.h"

#include <limits>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/sspi/default_auth_data.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/expiry.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

// `given`: by the program for this handle, and not by default.
struct Sources {
  AuthData client;
  AuthData server;
  bool client_given = false;
  bool server_given = false;
};

// An identity is a client's: a server's accounts and keys, and the Kerberos configuration of both,
// are then the default's.
absl::Status ReadSources(const void* data, Sources& out) {
  AuthData given;
  if (data != nullptr) {
    EPA_RETURN_IF_ERROR(ReadAuthData(data, given));
    out.client_given = given.HasClient();
    if (IsEpaAuthData(data)) {
      out.server_given = given.HasServer();
      out.client = given;
      out.server = std::move(given);
      return absl::OkStatus();
    }
  }
  EPA_ASSIGN_OR_RETURN(const DefaultAuthData defaults, ReadDefaultAuthData());
  out.server = defaults.server;
  out.client = defaults.client;
  if (!given.package_list.empty()) {
    out.server.package_list = given.package_list;
  }
  if (data != nullptr && given.HasClient()) {
    given.configuration = std::move(out.client.configuration);
    if (given.domain.empty() && given.user.find('@') == std::string::npos) {
      given.domain = std::move(out.client.domain);
    }
    out.client = std::move(given);
  }
  return absl::OkStatus();
}

// With both halves asked for, one that nothing was given for stays empty and fails when it is used.
absl::Status MakeHalves(const Package& package, ULONG use, const Sources& sources,
                        CredentialSet& out) {
  const bool both = (use & SECPKG_CRED_BOTH) == SECPKG_CRED_BOTH;
  absl::Status client_fault;
  if ((use & SECPKG_CRED_OUTBOUND) != 0) {
    auto made = MakeInitiator(package.id, sources.client);
    client_fault = made.status();
    if (made.ok()) {
      out.initiator = *std::move(made);
    } else if (!both || sources.client_given) {
      return client_fault;
    }
  }
  if ((use & SECPKG_CRED_INBOUND) != 0) {
    auto made = MakeAcceptor(package.id, sources.server);
    if (made.ok()) {
      out.acceptor = *std::move(made);
    } else if (!both || sources.server_given) {
      return made.status();
    }
  }
  return out.initiator == nullptr && out.acceptor == nullptr ? client_fault : absl::OkStatus();
}

// A plug-in reads the program's own structure; EPA_AUTH_DATA means nothing to it but its policy and
// its audit do to us.
absl::Status MakePluginHalves(const Package& package, ULONG use, void* data, CredentialSet& out) {
  PluginOptions options;
  options.plugin = package.plugin;
  options.package = package.name;
  options.auth_data = data == nullptr || IsEpaAuthData(data) ? nullptr : data;
  if ((use & SECPKG_CRED_OUTBOUND) != 0) {
    EPA_ASSIGN_OR_RETURN(out.initiator, CreateInitiatorCredentials(options));
  }
  if ((use & SECPKG_CRED_INBOUND) != 0) {
    EPA_ASSIGN_OR_RETURN(out.acceptor, CreateAcceptorCredentials(options));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CredentialSet>> MakeCredentials(const PackagePtr& package,
                                                                     ULONG use, void* data) {
  Sources sources;
  const bool of_plugin = package->plugin != nullptr;
  if (!of_plugin || data == nullptr || IsEpaAuthData(data)) {
    EPA_RETURN_IF_ERROR(ReadSources(data, sources));
  }
  auto set = std::make_shared<CredentialSet>();
  set->package = package;
  EPA_RETURN_IF_ERROR(of_plugin ? MakePluginHalves(*package, use, data, *set)
                                : MakeHalves(*package, use, sources, *set));
  set->policy = std::move(sources.server.policy);
  set->audit = std::move(sources.server.audit);
  return set;
}

SECURITY_STATUS StatusOfFault(const absl::Status& fault) {
  return absl::IsInvalidArgument(fault) ? SEC_E_UNKNOWN_CREDENTIALS : SEC_E_NO_CREDENTIALS;
}

// The last two are about the logon session's credentials, which Linux does not have.
constexpr ULONG kKnownUses =
    SECPKG_CRED_BOTH | SECPKG_CRED_AUTOLOGON_RESTRICTED | SECPKG_CRED_PROCESS_POLICY_ONLY;

struct AcquireArguments {
  ULONG use;
  const void* logon_id;
  void* auth_data;
  SEC_GET_KEY_FN get_key;
  const void* get_key_argument;
  PCredHandle handle;
  PTimeStamp expiry;
};

template <typename Char>
SECURITY_STATUS Acquire(const Char* package_name, const AcquireArguments& arguments) {
  if (package_name == nullptr || arguments.handle == nullptr ||
      (arguments.use & SECPKG_CRED_BOTH) == 0 || (arguments.use & ~kKnownUses) != 0) {
    return SEC_E_INVALID_PARAMETER;
  }
  if (arguments.get_key != nullptr || arguments.get_key_argument != nullptr) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if (arguments.logon_id != nullptr) {
    return SEC_E_NOT_OWNER;
  }
  const auto name = TextOf(package_name);
  const PackagePtr package = name.has_value() ? FindPackage(*name) : nullptr;
  if (package == nullptr) {
    return SEC_E_SECPKG_NOT_FOUND;
  }
  auto set = MakeCredentials(package, arguments.use, arguments.auth_data);
  WriteFaultText(arguments.auth_data, set.status());
  if (!set.ok()) {
    return StatusOfFault(set.status());
  }
  *arguments.handle = TheCredentials().Insert(*std::move(set));
  PutTime(kNever, arguments.expiry);
  return SEC_E_OK;
}

template <typename Char>
SECURITY_STATUS QueryAttribute(const SecHandle* handle, ULONG attribute, void* buffer, ULONG size,
                               Char) {
  using Names = typename Form<Char>::CredentialNames;
  const auto set = TheCredentials().Find(handle);
  if (set == nullptr) {
    return SEC_E_INVALID_HANDLE;
  }
  if (attribute != SECPKG_CRED_ATTR_NAMES) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if (buffer == nullptr) {
    return SEC_E_INVALID_PARAMETER;
  }
  if (size < sizeof(Names)) {
    return SEC_E_BUFFER_TOO_SMALL;
  }
  const std::string name =
      set->initiator == nullptr ? std::string() : Joined(set->initiator->initiator_name());
  return name.empty()
             ? SEC_E_NO_CREDENTIALS
             : PutText(name, SEC_E_UNKNOWN_CREDENTIALS, static_cast<Names*>(buffer)->sUserName);
}

}  // namespace

std::string Joined(const InitiatorName& name) {
  return name.domain.empty() ? name.user : name.domain + "\\" + name.user;
}

CredentialTable& TheCredentials() {
  static CredentialTable& table = *new CredentialTable();
  return table;
}

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_AcquireCredentialsHandleA(SEC_CHAR*, SEC_CHAR* pszPackage,
                                                        ULONG fCredentialUse, void* pvLogonId,
                                                        void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                        void* pvGetKeyArgument,
                                                        PCredHandle phCredential,
                                                        PTimeStamp ptsExpiry) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::Acquire(pszPackage, {fCredentialUse, pvLogonId, pAuthData, pGetKeyFn,
                                           pvGetKeyArgument, phCredential, ptsExpiry});
  });
}

SECURITY_STATUS SEC_ENTRY epa_AcquireCredentialsHandleW(SEC_WCHAR*, SEC_WCHAR* pszPackage,
                                                        ULONG fCredentialUse, void* pvLogonId,
                                                        void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                        void* pvGetKeyArgument,
                                                        PCredHandle phCredential,
                                                        PTimeStamp ptsExpiry) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::Acquire(pszPackage, {fCredentialUse, pvLogonId, pAuthData, pGetKeyFn,
                                           pvGetKeyArgument, phCredential, ptsExpiry});
  });
}

SECURITY_STATUS SEC_ENTRY epa_FreeCredentialsHandle(PCredHandle phCredential) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::TheCredentials().Remove(phCredential) != nullptr ? SEC_E_OK
                                                                       : SEC_E_INVALID_HANDLE;
  });
}

SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesA(PCredHandle phCredential,
                                                          ULONG ulAttribute,
                                                          void* pBuffer) noexcept {
  return epa_QueryCredentialsAttributesExA(phCredential, ulAttribute, pBuffer,
                                           std::numeric_limits<ULONG>::max());
}

SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesW(PCredHandle phCredential,
                                                          ULONG ulAttribute,
                                                          void* pBuffer) noexcept {
  return epa_QueryCredentialsAttributesExW(phCredential, ulAttribute, pBuffer,
                                           std::numeric_limits<ULONG>::max());
}

SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesExA(PCredHandle phCredential,
                                                            ULONG ulAttribute, void* pBuffer,
                                                            ULONG cbBuffer) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::QueryAttribute(phCredential, ulAttribute, pBuffer, cbBuffer, SEC_CHAR());
  });
}

SECURITY_STATUS SEC_ENTRY epa_QueryCredentialsAttributesExW(PCredHandle phCredential,
                                                            ULONG ulAttribute, void* pBuffer,
                                                            ULONG cbBuffer) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::QueryAttribute(phCredential, ulAttribute, pBuffer, cbBuffer, SEC_WCHAR());
  });
}
