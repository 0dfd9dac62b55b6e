#include "lib/sspi/credentials.h"

#include <limits>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/expiry.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

// "DOMAIN\user" comes apart.
void SplitDomain(AuthData& data) {
  const size_t backslash = data.user.find('\\');
  if (data.domain.empty() && backslash != std::string::npos) {
    data.domain = data.user.substr(0, backslash);
    data.user.erase(0, backslash + 1);
  }
}

absl::StatusOr<std::shared_ptr<const CredentialSet>> MakeCredentials(const Package& package,
                                                                     ULONG use, const void* data) {
  AuthData auth_data;
  if (data != nullptr) {
    EPA_RETURN_IF_ERROR(ReadAuthData(data, auth_data));
  }
  SplitDomain(auth_data);
  auto set = std::make_shared<CredentialSet>();
  set->package = &package;
  if ((use & SECPKG_CRED_OUTBOUND) != 0) {
    EPA_ASSIGN_OR_RETURN(set->initiator, MakeInitiator(package.id, auth_data));
  }
  if ((use & SECPKG_CRED_INBOUND) != 0) {
    EPA_ASSIGN_OR_RETURN(set->acceptor, MakeAcceptor(package.id, auth_data));
  }
  set->policy = std::move(auth_data.policy);
  set->audit = std::move(auth_data.audit);
  set->mutual_authentication = (auth_data.flags & EPA_AUTH_NO_MUTUAL_AUTH) == 0;
  set->user_name = auth_data.domain.empty() ? std::move(auth_data.user)
                                            : auth_data.domain + "\\" + auth_data.user;
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
  const void* auth_data;
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
  const Package* const package = name.has_value() ? FindPackage(*name) : nullptr;
  if (package == nullptr) {
    return SEC_E_SECPKG_NOT_FOUND;
  }
  auto set = MakeCredentials(*package, arguments.use, arguments.auth_data);
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
  if (set->user_name.empty()) {
    return SEC_E_NO_CREDENTIALS;
  }
  return PutText(set->user_name, SEC_E_UNKNOWN_CREDENTIALS, static_cast<Names*>(buffer)->sUserName);
}

}  // namespace

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
