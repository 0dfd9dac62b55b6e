// InitSecurityInterface: every function in one table.
#include "epa/sspi/sspi.h"

namespace {

// The version is the one that Windows writes, whatever the table has; the third and the fourth
// reserved member are what EncryptMessage and DecryptMessage once were.
const SecurityFunctionTableA kTableA = {
    .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
    .EnumerateSecurityPackagesA = epa_EnumerateSecurityPackagesA,
    .QueryCredentialsAttributesA = epa_QueryCredentialsAttributesA,
    .AcquireCredentialsHandleA = epa_AcquireCredentialsHandleA,
    .FreeCredentialsHandle = epa_FreeCredentialsHandle,
    .Reserved2 = nullptr,
    .InitializeSecurityContextA = epa_InitializeSecurityContextA,
    .AcceptSecurityContext = epa_AcceptSecurityContext,
    .CompleteAuthToken = epa_CompleteAuthToken,
    .DeleteSecurityContext = epa_DeleteSecurityContext,
    .ApplyControlToken = epa_ApplyControlToken,
    .QueryContextAttributesA = epa_QueryContextAttributesA,
    .ImpersonateSecurityContext = epa_ImpersonateSecurityContext,
    .RevertSecurityContext = epa_RevertSecurityContext,
    .MakeSignature = epa_MakeSignature,
    .VerifySignature = epa_VerifySignature,
    .FreeContextBuffer = epa_FreeContextBuffer,
    .QuerySecurityPackageInfoA = epa_QuerySecurityPackageInfoA,
    .Reserved3 = reinterpret_cast<void*>(&epa_EncryptMessage),
    .Reserved4 = reinterpret_cast<void*>(&epa_DecryptMessage),
    .ExportSecurityContext = epa_ExportSecurityContext,
    .ImportSecurityContextA = epa_ImportSecurityContextA,
    .AddCredentialsA = epa_AddCredentialsA,
    .Reserved8 = nullptr,
    .QuerySecurityContextToken = epa_QuerySecurityContextToken,
    .EncryptMessage = epa_EncryptMessage,
    .DecryptMessage = epa_DecryptMessage,
    .SetContextAttributesA = epa_SetContextAttributesA,
    .SetCredentialsAttributesA = epa_SetCredentialsAttributesA,
    .ChangeAccountPasswordA = epa_ChangeAccountPasswordA,
    .QueryContextAttributesExA = epa_QueryContextAttributesExA,
    .QueryCredentialsAttributesExA = epa_QueryCredentialsAttributesExA,
};

const SecurityFunctionTableW kTableW = {
    .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
    .EnumerateSecurityPackagesW = epa_EnumerateSecurityPackagesW,
    .QueryCredentialsAttributesW = epa_QueryCredentialsAttributesW,
    .AcquireCredentialsHandleW = epa_AcquireCredentialsHandleW,
    .FreeCredentialsHandle = epa_FreeCredentialsHandle,
    .Reserved2 = nullptr,
    .InitializeSecurityContextW = epa_InitializeSecurityContextW,
    .AcceptSecurityContext = epa_AcceptSecurityContext,
    .CompleteAuthToken = epa_CompleteAuthToken,
    .DeleteSecurityContext = epa_DeleteSecurityContext,
    .ApplyControlToken = epa_ApplyControlToken,
    .QueryContextAttributesW = epa_QueryContextAttributesW,
    .ImpersonateSecurityContext = epa_ImpersonateSecurityContext,
    .RevertSecurityContext = epa_RevertSecurityContext,
    .MakeSignature = epa_MakeSignature,
    .VerifySignature = epa_VerifySignature,
    .FreeContextBuffer = epa_FreeContextBuffer,
    .QuerySecurityPackageInfoW = epa_QuerySecurityPackageInfoW,
    .Reserved3 = reinterpret_cast<void*>(&epa_EncryptMessage),
    .Reserved4 = reinterpret_cast<void*>(&epa_DecryptMessage),
    .ExportSecurityContext = epa_ExportSecurityContext,
    .ImportSecurityContextW = epa_ImportSecurityContextW,
    .AddCredentialsW = epa_AddCredentialsW,
    .Reserved8 = nullptr,
    .QuerySecurityContextToken = epa_QuerySecurityContextToken,
    .EncryptMessage = epa_EncryptMessage,
    .DecryptMessage = epa_DecryptMessage,
    .SetContextAttributesW = epa_SetContextAttributesW,
    .SetCredentialsAttributesW = epa_SetCredentialsAttributesW,
    .ChangeAccountPasswordW = epa_ChangeAccountPasswordW,
    .QueryContextAttributesExW = epa_QueryContextAttributesExW,
    .QueryCredentialsAttributesExW = epa_QueryCredentialsAttributesExW,
};

}  // namespace

// Not const in the signature of Windows; the first caller to write to it finds out.
PSecurityFunctionTableA SEC_ENTRY epa_InitSecurityInterfaceA(void) noexcept {
  return const_cast<PSecurityFunctionTableA>(&kTableA);
}

// Not const in the signature of Windows; the first caller to write to it finds out.
PSecurityFunctionTableW SEC_ENTRY epa_InitSecurityInterfaceW(void) noexcept {
  return const_cast<PSecurityFunctionTableW>(&kTableW);
}
