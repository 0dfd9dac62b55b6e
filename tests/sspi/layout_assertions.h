/* Sizes and offsets of Windows' 64-bit structures, checked by every compiler that reads this, as C
   and as C++. */
#ifndef EPA_TESTS_SSPI_LAYOUT_ASSERTIONS_H_
#define EPA_TESTS_SSPI_LAYOUT_ASSERTIONS_H_

#include <assert.h>
#include <stddef.h>

#include "epa/sspi/epa_sspi.h"

#define EPA_EXPECT_SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#define EPA_EXPECT_OFFSET(type, member, offset) \
  static_assert(offsetof(type, member) == (offset), #type "." #member)

EPA_EXPECT_SIZE(LONG, 4);
EPA_EXPECT_SIZE(ULONG, 4);
EPA_EXPECT_SIZE(USHORT, 2);
EPA_EXPECT_SIZE(WCHAR, 2);
EPA_EXPECT_SIZE(BOOLEAN, 1);
EPA_EXPECT_SIZE(ULONG_PTR, 8);
EPA_EXPECT_SIZE(SECURITY_STATUS, 4);
EPA_EXPECT_SIZE(LARGE_INTEGER, 8);
EPA_EXPECT_OFFSET(LARGE_INTEGER, HighPart, 4);
EPA_EXPECT_SIZE(TimeStamp, 8);
EPA_EXPECT_SIZE(GUID, 16);

EPA_EXPECT_SIZE(SecHandle, 16);
EPA_EXPECT_OFFSET(SecHandle, dwUpper, 8);

EPA_EXPECT_SIZE(SecBuffer, 16);
EPA_EXPECT_OFFSET(SecBuffer, BufferType, 4);
EPA_EXPECT_OFFSET(SecBuffer, pvBuffer, 8);
EPA_EXPECT_SIZE(SecBufferDesc, 16);
EPA_EXPECT_OFFSET(SecBufferDesc, cBuffers, 4);
EPA_EXPECT_OFFSET(SecBufferDesc, pBuffers, 8);

EPA_EXPECT_SIZE(SecPkgInfoA, 32);
EPA_EXPECT_SIZE(SecPkgInfoW, 32);
EPA_EXPECT_OFFSET(SecPkgInfoW, wVersion, 4);
EPA_EXPECT_OFFSET(SecPkgInfoW, wRPCID, 6);
EPA_EXPECT_OFFSET(SecPkgInfoW, cbMaxToken, 8);
EPA_EXPECT_OFFSET(SecPkgInfoW, Name, 16);
EPA_EXPECT_OFFSET(SecPkgInfoW, Comment, 24);

EPA_EXPECT_SIZE(SEC_CHANNEL_BINDINGS, 32);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS, cbInitiatorLength, 4);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS, dwInitiatorOffset, 8);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS, dwAcceptorAddrType, 12);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS, cbAcceptorLength, 16);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS, dwAcceptorOffset, 20);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS, cbApplicationDataLength, 24);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS, dwApplicationDataOffset, 28);
EPA_EXPECT_SIZE(SEC_CHANNEL_BINDINGS_EX, 48);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS_EX, flags, 4);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS_EX, cbHeaderLength, 8);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS_EX, cbStructureLength, 12);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS_EX, dwInitiatorAddrType, 16);
EPA_EXPECT_OFFSET(SEC_CHANNEL_BINDINGS_EX, dwApplicationDataOffset, 44);
EPA_EXPECT_SIZE(SEC_CHANNEL_BINDINGS_RESULT, 4);
EPA_EXPECT_SIZE(SEC_NEGOTIATION_INFO, 24);

EPA_EXPECT_SIZE(SecPkgContext_Sizes, 16);
EPA_EXPECT_OFFSET(SecPkgContext_Sizes, cbSecurityTrailer, 12);
EPA_EXPECT_SIZE(SecPkgContext_StreamSizes, 20);
EPA_EXPECT_SIZE(SecPkgContext_NamesW, 8);
EPA_EXPECT_SIZE(SecPkgContext_NativeNamesW, 16);
EPA_EXPECT_SIZE(SecPkgContext_Lifespan, 16);
EPA_EXPECT_OFFSET(SecPkgContext_Lifespan, tsExpiry, 8);
EPA_EXPECT_SIZE(SecPkgContext_PasswordExpiry, 8);
EPA_EXPECT_SIZE(SecPkgContext_LogoffTime, 8);
EPA_EXPECT_SIZE(SecPkgContext_DceInfo, 16);
EPA_EXPECT_SIZE(SecPkgContext_Flags, 4);
EPA_EXPECT_SIZE(SecPkgContext_UserFlags, 4);
EPA_EXPECT_SIZE(SecPkgContext_SessionKey, 16);
EPA_EXPECT_OFFSET(SecPkgContext_SessionKey, SessionKey, 8);
EPA_EXPECT_SIZE(SecPkgContext_NegoKeys, 32);
EPA_EXPECT_OFFSET(SecPkgContext_NegoKeys, KeyValue, 8);
EPA_EXPECT_OFFSET(SecPkgContext_NegoKeys, VerifyKeyValue, 24);
EPA_EXPECT_SIZE(SecPkgContext_KeyInfoW, 32);
EPA_EXPECT_OFFSET(SecPkgContext_KeyInfoW, KeySize, 16);
EPA_EXPECT_OFFSET(SecPkgContext_KeyInfoW, EncryptAlgorithm, 24);
EPA_EXPECT_SIZE(SecPkgContext_AuthorityW, 8);
EPA_EXPECT_SIZE(SecPkgContext_ProtoInfoW, 16);
EPA_EXPECT_SIZE(SecPkgContext_PackageInfoW, 8);
EPA_EXPECT_SIZE(SecPkgContext_NegotiationInfoW, 16);
EPA_EXPECT_OFFSET(SecPkgContext_NegotiationInfoW, NegotiationState, 8);
EPA_EXPECT_SIZE(SecPkgContext_CredentialNameW, 16);
EPA_EXPECT_SIZE(SecPkgContext_TargetInformation, 16);
EPA_EXPECT_SIZE(SecPkgContext_Target, 16);
EPA_EXPECT_SIZE(SecPkgContext_AccessToken, 8);
EPA_EXPECT_SIZE(SecPkgContext_ClientSpecifiedTarget, 8);
EPA_EXPECT_SIZE(SecPkgContext_Bindings, 16);
EPA_EXPECT_OFFSET(SecPkgContext_Bindings, Bindings, 8);
EPA_EXPECT_SIZE(SecPkgContext_LastClientTokenStatus, 4);
EPA_EXPECT_SIZE(SecPkgContext_CredInfo, 8);
EPA_EXPECT_SIZE(SecPkgCredentials_NamesW, 8);

EPA_EXPECT_SIZE(SEC_WINNT_AUTH_IDENTITY_W, 48);
EPA_EXPECT_SIZE(SEC_WINNT_AUTH_IDENTITY_A, 48);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_W, UserLength, 8);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_W, Domain, 16);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_W, Password, 32);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_W, PasswordLength, 40);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_W, Flags, 44);
EPA_EXPECT_SIZE(SEC_WINNT_AUTH_IDENTITY_EXW, 72);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EXW, Length, 4);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EXW, User, 8);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EXW, Flags, 52);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EXW, PackageList, 56);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EXW, PackageListLength, 64);
EPA_EXPECT_SIZE(SEC_WINNT_AUTH_IDENTITY_EX2, 48);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, cbHeaderLength, 4);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, cbStructureLength, 8);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, UserOffset, 12);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, UserLength, 16);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, DomainOffset, 20);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, PackedCredentialsOffset, 28);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, Flags, 36);
EPA_EXPECT_OFFSET(SEC_WINNT_AUTH_IDENTITY_EX2, PackageListLength, 44);
EPA_EXPECT_SIZE(SEC_WINNT_AUTH_BYTE_VECTOR, 8);
EPA_EXPECT_SIZE(SEC_WINNT_AUTH_DATA, 24);
EPA_EXPECT_SIZE(SEC_WINNT_AUTH_PACKED_CREDENTIALS, 28);

/* 31 members behind the version, each a pointer. */
EPA_EXPECT_SIZE(SecurityFunctionTableA, 256);
EPA_EXPECT_SIZE(SecurityFunctionTableW, 256);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, EnumerateSecurityPackagesW, 8);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, AcquireCredentialsHandleW, 24);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, FreeCredentialsHandle, 32);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, InitializeSecurityContextW, 48);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, AcceptSecurityContext, 56);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, DeleteSecurityContext, 72);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, QueryContextAttributesW, 88);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, MakeSignature, 112);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, FreeContextBuffer, 128);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, QuerySecurityPackageInfoW, 136);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, ExportSecurityContext, 160);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, QuerySecurityContextToken, 192);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, EncryptMessage, 200);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, DecryptMessage, 208);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, SetContextAttributesW, 216);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, ChangeAccountPasswordW, 232);
EPA_EXPECT_OFFSET(SecurityFunctionTableW, QueryCredentialsAttributesExW, 248);

/* The structures of this library: once published they do not move either. */
EPA_EXPECT_SIZE(EPA_PROTECTION_POLICY, 32);
EPA_EXPECT_OFFSET(EPA_PROTECTION_POLICY, AcceptedNames, 24);
EPA_EXPECT_SIZE(EPA_AUTH_DATA, 192);
EPA_EXPECT_OFFSET(EPA_AUTH_DATA, PackageList, 16);
EPA_EXPECT_OFFSET(EPA_AUTH_DATA, AccountSources, 72);
EPA_EXPECT_OFFSET(EPA_AUTH_DATA, Policy, 152);
EPA_EXPECT_OFFSET(EPA_AUTH_DATA, cbFaultText, 184);

#endif /* EPA_TESTS_SSPI_LAYOUT_ASSERTIONS_H_ */
