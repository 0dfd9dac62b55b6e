// What a program may do with an identity of any form without knowing it.
#include <cstring>
#include <vector>

#include "absl/status/status.h"
#include "epa/core/service_principal_name.h"
#include "lib/base/upper_case.h"
#include "lib/sspi/auth_data.h"
#include "lib/sspi/credentials.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/memory.h"
#include "lib/sspi/opaque_identity.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

constexpr ULONG kEncrypted = SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED |
                             SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |
                             SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED |
                             SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED;

// A user as it was given, "DOMAIN\user" too.
SECURITY_STATUS Read(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity, AuthData& out) {
  if (identity == nullptr || IsEpaAuthData(identity)) {
    return SEC_E_INVALID_TOKEN;
  }
  return ReadAuthData(identity, out).ok() ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS;
}

// UTF-16 of text that was read from an identity, wiped at the end.
class Wide {
 public:
  explicit Wide(std::string_view utf8)
      : octets_(EncodeText(utf8, SEC_WCHAR()).value_or(SecretBytes())) {}

  WideView view() const {
    return {reinterpret_cast<const SEC_WCHAR*>(octets_.Expose().data()),
            octets_.size() / sizeof(SEC_WCHAR)};
  }

 private:
  SecretBytes octets_;
};

std::string_view PasswordOf(const AuthData& data) {
  return data.password != nullptr ? data.password->ExposeText() : std::string_view();
}

SECURITY_STATUS Encode(const AuthData& data, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  const Wide user(data.user), domain(data.domain), password(PasswordOf(data)),
      list(data.package_list);
  OpaqueParts parts;
  if (!data.user.empty()) {
    parts.user = user.view();
  }
  if (!data.domain.empty()) {
    parts.domain = domain.view();
  }
  if (data.password != nullptr) {
    parts.password = password.view();
  }
  parts.package_list = list.view();
  return EncodeIdentity(parts, out);
}

SECURITY_STATUS Copy(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity,
                     PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  AuthData data;
  const SECURITY_STATUS status = Read(identity, data);
  return status != SEC_E_OK || out == nullptr ? (out == nullptr ? SEC_E_INVALID_TOKEN : status)
                                              : Encode(data, out);
}

SECURITY_STATUS PutString(std::string_view text, bool present, PCWSTR* out) {
  if (out == nullptr) {
    return SEC_E_OK;
  }
  SEC_WCHAR* copy = nullptr;
  const SECURITY_STATUS status =
      present ? PutText(text, SEC_E_UNKNOWN_CREDENTIALS, copy) : SEC_E_OK;
  *out = copy;
  return status;
}

SECURITY_STATUS Decode(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity, PCWSTR* user, PCWSTR* domain,
                       PCWSTR* password) {
  AuthData data;
  const SECURITY_STATUS status = Read(identity, data);
  if (status != SEC_E_OK) {
    return status;
  }
  PCWSTR texts[3] = {nullptr, nullptr, nullptr};
  const SECURITY_STATUS outcomes[] = {
      PutString(data.user, !data.user.empty(), &texts[0]),
      PutString(data.domain, !data.domain.empty(), &texts[1]),
      PutString(PasswordOf(data), data.password != nullptr, &texts[2])};
  PCWSTR* const places[] = {user, domain, password};
  SECURITY_STATUS worst = SEC_E_OK;
  for (const SECURITY_STATUS outcome : outcomes) {
    worst = outcome != SEC_E_OK ? outcome : worst;
  }
  for (size_t i = 0; i < std::size(texts); ++i) {
    if (worst == SEC_E_OK && places[i] != nullptr) {
      *places[i] = texts[i];
    } else {
      FreeBlock(const_cast<WCHAR*>(texts[i]));
    }
  }
  return worst;
}

SECURITY_STATUS Exclude(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity, PCWSTR package,
                        PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  AuthData data;
  const SECURITY_STATUS status = Read(identity, data);
  const auto name = TextOf(package);
  if (status != SEC_E_OK || out == nullptr || !name.has_value() || name->empty()) {
    return status != SEC_E_OK ? status : SEC_E_INVALID_TOKEN;
  }
  data.package_list += (data.package_list.empty() ? "!" : ",!") + *name;
  return Encode(data, out);
}

SECURITY_STATUS Marshal(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity, ULONG* length, char** out) {
  if (length == nullptr || out == nullptr) {
    return SEC_E_INVALID_TOKEN;
  }
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE copy = nullptr;
  const SECURITY_STATUS status = Copy(identity, &copy);
  if (status == SEC_E_OK) {
    SEC_WINNT_AUTH_IDENTITY_EX2 header;
    std::memcpy(&header, copy, sizeof(header));
    *length = header.cbStructureLength;
    *out = static_cast<char*>(copy);
  }
  return status;
}

SECURITY_STATUS Unmarshal(ULONG length, const char* octets, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  SEC_WINNT_AUTH_IDENTITY_EX2 header;
  if (octets == nullptr || out == nullptr || length < sizeof(header)) {
    return SEC_E_INVALID_TOKEN;
  }
  std::memcpy(&header, octets, sizeof(header));
  if (header.Version != SEC_WINNT_AUTH_IDENTITY_VERSION_2 || header.cbStructureLength > length) {
    return SEC_E_INVALID_TOKEN;
  }
  return Copy(const_cast<char*>(octets), out);
}

SECURITY_STATUS Compare(PSEC_WINNT_AUTH_IDENTITY_OPAQUE one, PSEC_WINNT_AUTH_IDENTITY_OPAQUE other,
                        BOOLEAN* same_user, BOOLEAN* same_identity) {
  AuthData a, b;
  SECURITY_STATUS status = Read(one, a);
  if (status == SEC_E_OK) {
    status = Read(other, b);
  }
  if (status != SEC_E_OK) {
    return status;
  }
  const bool user = EqualsIgnoringCase(a.user, b.user) && EqualsIgnoringCase(a.domain, b.domain);
  const bool secrets = (a.password == nullptr) == (b.password == nullptr) &&
                       (a.password == nullptr || *a.password == *b.password);
  if (same_user != nullptr) {
    *same_user = user ? 1 : 0;
  }
  if (same_identity != nullptr) {
    *same_identity = user && secrets ? 1 : 0;
  }
  return SEC_E_OK;
}

ULONG FlagsOf(const void* identity) {
  const Heading heading = HeadingOf(identity);
  if (heading.version == SEC_WINNT_AUTH_IDENTITY_VERSION_2) {
    SEC_WINNT_AUTH_IDENTITY_EX2 header;
    std::memcpy(&header, identity, sizeof(header));
    return header.Flags;
  }
  return heading.version == SEC_WINNT_AUTH_IDENTITY_VERSION &&
                 heading.length == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW)
             ? static_cast<const SEC_WINNT_AUTH_IDENTITY_EXW*>(identity)->Flags
             : static_cast<const SEC_WINNT_AUTH_IDENTITY_W*>(identity)->Flags;
}

// What a credential manager would store, for programs that have one of their own.
SECURITY_STATUS PrepareWrite(PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity, PCWSTR target, PULONG type,
                             PCWSTR* target_name, PCWSTR* user_name, PUCHAR* blob, PULONG size) {
  constexpr ULONG kDomainPassword = 2;  // CRED_TYPE_DOMAIN_PASSWORD of wincred.h
  AuthData data;
  const SECURITY_STATUS read = Read(identity, data);
  const auto given_target = TextOf(target);
  if (read != SEC_E_OK || !given_target.has_value() || type == nullptr || target_name == nullptr ||
      user_name == nullptr || blob == nullptr || size == nullptr) {
    return read != SEC_E_OK ? read : SEC_E_INVALID_TOKEN;
  }
  const std::string user = Joined({data.user, data.domain, {}});
  const Wide password(PasswordOf(data));
  SEC_WCHAR* names[2] = {nullptr, nullptr};
  SECURITY_STATUS status =
      PutText(target != nullptr ? *given_target : user, SEC_E_UNKNOWN_CREDENTIALS, names[0]);
  if (status == SEC_E_OK) {
    status = PutText(user, SEC_E_UNKNOWN_CREDENTIALS, names[1]);
  }
  const WideView secret = password.view();
  void* const copy = AllocateCopy(
      {reinterpret_cast<const uint8_t*>(secret.data()), secret.size() * sizeof(SEC_WCHAR)});
  if (status != SEC_E_OK || copy == nullptr) {
    FreeBlock(names[0]);
    FreeBlock(names[1]);
    FreeBlock(copy);
    return status != SEC_E_OK ? status : SEC_E_INSUFFICIENT_MEMORY;
  }
  *type = kDomainPassword;
  *target_name = names[0];
  *user_name = names[1];
  *blob = static_cast<PUCHAR>(copy);
  *size = static_cast<ULONG>(secret.size() * sizeof(SEC_WCHAR));
  return SEC_E_OK;
}

SECURITY_STATUS HostName(PCWSTR target, PWSTR* out) {
  const auto text = TextOf(target);
  if (target == nullptr || out == nullptr || !text.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  const auto name = ServicePrincipalName::Parse(*text);
  return name.ok() ? PutText(name->host(), SEC_E_INVALID_TOKEN, *out) : SEC_E_TARGET_UNKNOWN;
}

bool MightHelp(ULONG status) {
  // STATUS_WRONG_PASSWORD, STATUS_LOGON_FAILURE, STATUS_PASSWORD_EXPIRED of [MS-ERREF] 2.3.1.
  constexpr ULONG kNtStatuses[] = {0xC000006A, 0xC000006D, 0xC0000071};
  for (const ULONG nt_status : kNtStatuses) {
    if (status == nt_status) {
      return true;
    }
  }
  switch (static_cast<SECURITY_STATUS>(status)) {
    case SEC_E_LOGON_DENIED:
    case SEC_E_NO_CREDENTIALS:
    case SEC_E_UNKNOWN_CREDENTIALS:
    case SEC_E_WRONG_PRINCIPAL:
      return true;
    default:
      return false;
  }
}

}  // namespace
}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_SspiEncodeAuthIdentityAsStrings(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR* ppszUserName, PCWSTR* ppszDomainName,
    PCWSTR* ppszPackedCredentialsString) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::Decode(pAuthIdentity, ppszUserName, ppszDomainName,
                             ppszPackedCredentialsString);
  });
}

void SEC_ENTRY epa_SspiLocalFree(PVOID DataBuffer) noexcept { epa::sspi::FreeBlock(DataBuffer); }

SECURITY_STATUS SEC_ENTRY
epa_SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) noexcept {
  return epa::sspi::Entry([&] {
    epa::sspi::AuthData data;
    return epa::sspi::Read(AuthData, data);
  });
}

SECURITY_STATUS SEC_ENTRY
epa_SspiCopyAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData,
                         PSEC_WINNT_AUTH_IDENTITY_OPAQUE* AuthDataCopy) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Copy(AuthData, AuthDataCopy); });
}

SECURITY_STATUS SEC_ENTRY
epa_SspiExcludePackage(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszPackageName,
                       PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppNewAuthIdentity) noexcept {
  return epa::sspi::Entry(
      [&] { return epa::sspi::Exclude(AuthIdentity, pszPackageName, ppNewAuthIdentity); });
}

SECURITY_STATUS SEC_ENTRY
epa_SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength, char* AuthIdentityByteArray,
                              PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::Unmarshal(AuthIdentityLength, AuthIdentityByteArray, ppAuthIdentity);
  });
}

SECURITY_STATUS SEC_ENTRY epa_SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                      ULONG* AuthIdentityLength,
                                                      char** AuthIdentityByteArray) noexcept {
  return epa::sspi::Entry(
      [&] { return epa::sspi::Marshal(AuthIdentity, AuthIdentityLength, AuthIdentityByteArray); });
}

SECURITY_STATUS SEC_ENTRY epa_SspiCompareAuthIdentities(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity1, PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity2,
    BOOLEAN* SameSuppliedUser, BOOLEAN* SameSuppliedIdentity) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::Compare(AuthIdentity1, AuthIdentity2, SameSuppliedUser, SameSuppliedIdentity);
  });
}

BOOLEAN SEC_ENTRY
epa_SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData) noexcept {
  return EncryptedAuthData != nullptr &&
         (epa::sspi::FlagsOf(EncryptedAuthData) & epa::sspi::kEncrypted) != 0;
}

SECURITY_STATUS SEC_ENTRY epa_SspiPrepareForCredWrite(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
    PULONG pCredmanCredentialType, PCWSTR* ppszCredmanTargetName, PCWSTR* ppszCredmanUserName,
    PUCHAR* ppCredentialBlob, PULONG pCredentialBlobSize) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::PrepareWrite(AuthIdentity, pszTargetName, pCredmanCredentialType,
                                   ppszCredmanTargetName, ppszCredmanUserName, ppCredentialBlob,
                                   pCredentialBlobSize);
  });
}

BOOLEAN SEC_ENTRY epa_SspiIsPromptingNeeded(ULONG ErrorOrNtStatus) noexcept {
  return epa::sspi::MightHelp(ErrorOrNtStatus);
}

SECURITY_STATUS SEC_ENTRY epa_SspiGetTargetHostName(PCWSTR pszTargetName,
                                                    PWSTR* pszHostName) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::HostName(pszTargetName, pszHostName); });
}
