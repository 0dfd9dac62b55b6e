/* The structures of sspi.h, member for member. Of a structure with strings there are two, for the
   functions that end in A and in W; with UNICODE defined the plain name is the W one. */
#ifndef EPA_SSPI_SSPI_STRUCTURES_H_
#define EPA_SSPI_SSPI_STRUCTURES_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include "epa/sspi/sspi_constants.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Text of the A functions is UTF-8, as a Windows program's is whose code page is 65001. */
typedef char SEC_CHAR;
typedef WCHAR SEC_WCHAR;

typedef LARGE_INTEGER SECURITY_INTEGER, *PSECURITY_INTEGER;
/* 100 ns ticks since 1601, local or UTC as documented for each; here always UTC. */
typedef SECURITY_INTEGER TimeStamp, *PTimeStamp;

#ifndef __SECHANDLE_DEFINED__
#define __SECHANDLE_DEFINED__
typedef struct _SecHandle {
  ULONG_PTR dwLower;
  ULONG_PTR dwUpper;
} SecHandle, *PSecHandle;
#endif
typedef SecHandle CredHandle, CtxtHandle;
typedef PSecHandle PCredHandle, PCtxtHandle;

#define SecInvalidateHandle(x)                 \
  do {                                         \
    (x)->dwLower = (x)->dwUpper = UINTPTR_MAX; \
  } while (0)
#define SEC_DELETED_HANDLE ((ULONG_PTR)(-2))
#define SecIsValidHandle(x) ((x)->dwLower != UINTPTR_MAX && (x)->dwUpper != UINTPTR_MAX)

typedef struct _SecBuffer {
  ULONG cbBuffer;
  ULONG BufferType;
  void* pvBuffer;
} SecBuffer, *PSecBuffer;

typedef struct _SecBufferDesc {
  ULONG ulVersion; /* SECBUFFER_VERSION */
  ULONG cBuffers;
  PSecBuffer pBuffers;
} SecBufferDesc, *PSecBufferDesc;

typedef struct _SecPkgInfoA {
  ULONG fCapabilities;
  USHORT wVersion;
  USHORT wRPCID;
  ULONG cbMaxToken;
  SEC_CHAR* Name;
  SEC_CHAR* Comment;
} SecPkgInfoA, *PSecPkgInfoA;

typedef struct _SecPkgInfoW {
  ULONG fCapabilities;
  USHORT wVersion;
  USHORT wRPCID;
  ULONG cbMaxToken;
  SEC_WCHAR* Name;
  SEC_WCHAR* Comment;
} SecPkgInfoW, *PSecPkgInfoW;

/* The payload follows; offsets count from the start of the structure. */
typedef struct _SEC_CHANNEL_BINDINGS {
  ULONG dwInitiatorAddrType;
  ULONG cbInitiatorLength;
  ULONG dwInitiatorOffset;
  ULONG dwAcceptorAddrType;
  ULONG cbAcceptorLength;
  ULONG dwAcceptorOffset;
  ULONG cbApplicationDataLength;
  ULONG dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS, *PSEC_CHANNEL_BINDINGS;

typedef struct _SEC_CHANNEL_BINDINGS_EX {
  ULONG magicNumber; /* SEC_CHANNEL_BINDINGS_EX_MAGIC */
  ULONG flags;
  ULONG cbHeaderLength;
  ULONG cbStructureLength;
  ULONG dwInitiatorAddrType;
  ULONG cbInitiatorLength;
  ULONG dwInitiatorOffset;
  ULONG dwAcceptorAddrType;
  ULONG cbAcceptorLength;
  ULONG dwAcceptorOffset;
  ULONG cbApplicationDataLength;
  ULONG dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS_EX, *PSEC_CHANNEL_BINDINGS_EX;

typedef struct _SEC_CHANNEL_BINDINGS_RESULT {
  ULONG flags;
} SEC_CHANNEL_BINDINGS_RESULT, *PSEC_CHANNEL_BINDINGS_RESULT;

typedef struct _SEC_NEGOTIATION_INFO {
  ULONG Size;
  ULONG NameLength;
  SEC_WCHAR* Name;
  void* Reserved;
} SEC_NEGOTIATION_INFO, *PSEC_NEGOTIATION_INFO;

typedef struct _SECURITY_PACKAGE_OPTIONS {
  ULONG Size; /* of this structure */
  ULONG Type; /* SECPKG_OPTIONS_TYPE_* */
  ULONG Flags;
  ULONG SignatureSize;
  void* Signature;
} SECURITY_PACKAGE_OPTIONS, *PSECURITY_PACKAGE_OPTIONS;

typedef enum _SecDelegationType {
  SecFull,
  SecService,
  SecTree,
  SecDirectory,
  SecObject
} SecDelegationType,
    *PSecDelegationType;

/* What QueryContextAttributes fills in. Every pointer in them is freed with FreeContextBuffer. */

typedef struct _SecPkgContext_Sizes {
  ULONG cbMaxToken;
  ULONG cbMaxSignature;
  ULONG cbBlockSize;
  ULONG cbSecurityTrailer;
} SecPkgContext_Sizes, *PSecPkgContext_Sizes;

typedef struct _SecPkgContext_StreamSizes {
  ULONG cbHeader;
  ULONG cbTrailer;
  ULONG cbMaximumMessage;
  ULONG cBuffers;
  ULONG cbBlockSize;
} SecPkgContext_StreamSizes, *PSecPkgContext_StreamSizes;
typedef SecPkgContext_StreamSizes SecPkgContext_DatagramSizes;
typedef PSecPkgContext_StreamSizes PSecPkgContext_DatagramSizes;

typedef struct _SecPkgContext_Lifespan {
  TimeStamp tsStart;
  TimeStamp tsExpiry;
} SecPkgContext_Lifespan, *PSecPkgContext_Lifespan;

typedef struct _SecPkgContext_PasswordExpiry {
  TimeStamp tsPasswordExpires;
} SecPkgContext_PasswordExpiry, *PSecPkgContext_PasswordExpiry;

typedef struct _SecPkgContext_LogoffTime {
  TimeStamp tsLogoffTime;
} SecPkgContext_LogoffTime, *PSecPkgContext_LogoffTime;

typedef struct _SecPkgContext_DceInfo {
  ULONG AuthzSvc;
  void* pPac;
} SecPkgContext_DceInfo, *PSecPkgContext_DceInfo;

typedef struct _SecPkgContext_Flags {
  ULONG Flags;
} SecPkgContext_Flags, *PSecPkgContext_Flags;

typedef struct _SecPkgContext_UserFlags {
  ULONG UserFlags;
} SecPkgContext_UserFlags, *PSecPkgContext_UserFlags;

typedef struct _SecPkgContext_SessionKey {
  ULONG SessionKeyLength;
  UCHAR* SessionKey;
} SecPkgContext_SessionKey, *PSecPkgContext_SessionKey;

typedef struct _SecPkgContext_NegoKeys {
  ULONG KeyType;
  USHORT KeyLength;
  UCHAR* KeyValue;
  ULONG VerifyKeyType;
  USHORT VerifyKeyLength;
  UCHAR* VerifyKeyValue;
} SecPkgContext_NegoKeys, *PSecPkgContext_NegoKeys;

typedef struct _SecPkgContext_NegoStatus {
  ULONG LastStatus;
} SecPkgContext_NegoStatus, *PSecPkgContext_NegoStatus;

typedef struct _SecPkgContext_NegoPackageInfo {
  ULONG PackageMask;
} SecPkgContext_NegoPackageInfo, *PSecPkgContext_NegoPackageInfo;

typedef struct _SecPkgContext_TargetInformation {
  ULONG MarshalledTargetInfoLength;
  UCHAR* MarshalledTargetInfo;
} SecPkgContext_TargetInformation, *PSecPkgContext_TargetInformation;

typedef struct _SecPkgContext_Target {
  ULONG TargetLength;
  char* Target;
} SecPkgContext_Target, *PSecPkgContext_Target;

typedef struct _SecPkgContext_AccessToken {
  void* AccessToken;
} SecPkgContext_AccessToken, *PSecPkgContext_AccessToken;

/* Wide in the A functions too. */
typedef struct _SecPkgContext_ClientSpecifiedTarget {
  SEC_WCHAR* sTargetName;
} SecPkgContext_ClientSpecifiedTarget, *PSecPkgContext_ClientSpecifiedTarget;

typedef struct _SecPkgContext_Bindings {
  ULONG BindingsLength;
  SEC_CHANNEL_BINDINGS* Bindings;
} SecPkgContext_Bindings, *PSecPkgContext_Bindings;

typedef enum _SECPKG_ATTR_LCT_STATUS {
  SecPkgAttrLastClientTokenYes,
  SecPkgAttrLastClientTokenNo,
  SecPkgAttrLastClientTokenMaybe
} SECPKG_ATTR_LCT_STATUS,
    *PSECPKG_ATTR_LCT_STATUS;

typedef struct _SecPkgContext_LastClientTokenStatus {
  SECPKG_ATTR_LCT_STATUS LastClientTokenStatus;
} SecPkgContext_LastClientTokenStatus, *PSecPkgContext_LastClientTokenStatus;

typedef enum _SECPKG_CRED_CLASS {
  SecPkgCredClass_None = 0,
  SecPkgCredClass_Ephemeral = 10,
  SecPkgCredClass_PersistedGeneric = 20,
  SecPkgCredClass_PersistedSpecific = 30,
  SecPkgCredClass_Explicit = 40
} SECPKG_CRED_CLASS,
    *PSECPKG_CRED_CLASS;

typedef struct _SecPkgContext_CredInfo {
  SECPKG_CRED_CLASS CredClass;
  ULONG IsPromptingNeeded;
} SecPkgContext_CredInfo, *PSecPkgContext_CredInfo;

typedef struct _SecPkgContext_NamesA {
  SEC_CHAR* sUserName;
} SecPkgContext_NamesA, *PSecPkgContext_NamesA;

typedef struct _SecPkgContext_NamesW {
  SEC_WCHAR* sUserName;
} SecPkgContext_NamesW, *PSecPkgContext_NamesW;

typedef struct _SecPkgContext_NativeNamesA {
  SEC_CHAR* sClientName;
  SEC_CHAR* sServerName;
} SecPkgContext_NativeNamesA, *PSecPkgContext_NativeNamesA;

typedef struct _SecPkgContext_NativeNamesW {
  SEC_WCHAR* sClientName;
  SEC_WCHAR* sServerName;
} SecPkgContext_NativeNamesW, *PSecPkgContext_NativeNamesW;

typedef struct _SecPkgContext_KeyInfoA {
  SEC_CHAR* sSignatureAlgorithmName;
  SEC_CHAR* sEncryptAlgorithmName;
  ULONG KeySize; /* bits */
  ULONG SignatureAlgorithm;
  ULONG EncryptAlgorithm;
} SecPkgContext_KeyInfoA, *PSecPkgContext_KeyInfoA;

typedef struct _SecPkgContext_KeyInfoW {
  SEC_WCHAR* sSignatureAlgorithmName;
  SEC_WCHAR* sEncryptAlgorithmName;
  ULONG KeySize; /* bits */
  ULONG SignatureAlgorithm;
  ULONG EncryptAlgorithm;
} SecPkgContext_KeyInfoW, *PSecPkgContext_KeyInfoW;

typedef struct _SecPkgContext_AuthorityA {
  SEC_CHAR* sAuthorityName;
} SecPkgContext_AuthorityA, *PSecPkgContext_AuthorityA;

typedef struct _SecPkgContext_AuthorityW {
  SEC_WCHAR* sAuthorityName;
} SecPkgContext_AuthorityW, *PSecPkgContext_AuthorityW;

typedef struct _SecPkgContext_ProtoInfoA {
  SEC_CHAR* sProtocolName;
  ULONG majorVersion;
  ULONG minorVersion;
} SecPkgContext_ProtoInfoA, *PSecPkgContext_ProtoInfoA;

typedef struct _SecPkgContext_ProtoInfoW {
  SEC_WCHAR* sProtocolName;
  ULONG majorVersion;
  ULONG minorVersion;
} SecPkgContext_ProtoInfoW, *PSecPkgContext_ProtoInfoW;

typedef struct _SecPkgContext_PackageInfoA {
  PSecPkgInfoA PackageInfo;
} SecPkgContext_PackageInfoA, *PSecPkgContext_PackageInfoA;

typedef struct _SecPkgContext_PackageInfoW {
  PSecPkgInfoW PackageInfo;
} SecPkgContext_PackageInfoW, *PSecPkgContext_PackageInfoW;

typedef struct _SecPkgContext_NegotiationInfoA {
  PSecPkgInfoA PackageInfo;
  ULONG NegotiationState;
} SecPkgContext_NegotiationInfoA, *PSecPkgContext_NegotiationInfoA;

typedef struct _SecPkgContext_NegotiationInfoW {
  PSecPkgInfoW PackageInfo;
  ULONG NegotiationState;
} SecPkgContext_NegotiationInfoW, *PSecPkgContext_NegotiationInfoW;

typedef struct _SecPkgContext_CredentialNameA {
  ULONG CredentialType;
  SEC_CHAR* sCredentialName;
} SecPkgContext_CredentialNameA, *PSecPkgContext_CredentialNameA;

typedef struct _SecPkgContext_CredentialNameW {
  ULONG CredentialType;
  SEC_WCHAR* sCredentialName;
} SecPkgContext_CredentialNameW, *PSecPkgContext_CredentialNameW;

typedef struct _SecPkgCredentials_NamesA {
  SEC_CHAR* sUserName;
} SecPkgCredentials_NamesA, *PSecPkgCredentials_NamesA;

typedef struct _SecPkgCredentials_NamesW {
  SEC_WCHAR* sUserName;
} SecPkgCredentials_NamesW, *PSecPkgCredentials_NamesW;

/* What AcquireCredentialsHandle takes as pAuthData. Lengths count characters, without a terminator;
   Flags say which kind of characters the strings are made of. */

#ifndef _AUTH_IDENTITY_DEFINED
#define _AUTH_IDENTITY_DEFINED
typedef struct _SEC_WINNT_AUTH_IDENTITY_A {
  UCHAR* User;
  ULONG UserLength;
  UCHAR* Domain;
  ULONG DomainLength;
  UCHAR* Password;
  ULONG PasswordLength;
  ULONG Flags; /* SEC_WINNT_AUTH_IDENTITY_ANSI or _UNICODE */
} SEC_WINNT_AUTH_IDENTITY_A, *PSEC_WINNT_AUTH_IDENTITY_A;

typedef struct _SEC_WINNT_AUTH_IDENTITY_W {
  unsigned short* User;
  ULONG UserLength;
  unsigned short* Domain;
  ULONG DomainLength;
  unsigned short* Password;
  ULONG PasswordLength;
  ULONG Flags; /* SEC_WINNT_AUTH_IDENTITY_ANSI or _UNICODE */
} SEC_WINNT_AUTH_IDENTITY_W, *PSEC_WINNT_AUTH_IDENTITY_W;
#endif

typedef struct _SEC_WINNT_AUTH_IDENTITY_EXA {
  ULONG Version; /* SEC_WINNT_AUTH_IDENTITY_VERSION */
  ULONG Length;  /* of this structure */
  UCHAR* User;
  ULONG UserLength;
  UCHAR* Domain;
  ULONG DomainLength;
  UCHAR* Password;
  ULONG PasswordLength;
  ULONG Flags;
  UCHAR* PackageList; /* "Kerberos,!NTLM": only these, and not those */
  ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXA, *PSEC_WINNT_AUTH_IDENTITY_EXA;

typedef struct _SEC_WINNT_AUTH_IDENTITY_EXW {
  ULONG Version; /* SEC_WINNT_AUTH_IDENTITY_VERSION */
  ULONG Length;  /* of this structure */
  unsigned short* User;
  ULONG UserLength;
  unsigned short* Domain;
  ULONG DomainLength;
  unsigned short* Password;
  ULONG PasswordLength;
  ULONG Flags;
  unsigned short* PackageList; /* "Kerberos,!NTLM": only these, and not those */
  ULONG PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXW, *PSEC_WINNT_AUTH_IDENTITY_EXW;

/* In one piece: offsets and lengths count octets from the start of the structure. */
#ifndef _AUTH_IDENTITY_EX2_DEFINED
#define _AUTH_IDENTITY_EX2_DEFINED
typedef struct _SEC_WINNT_AUTH_IDENTITY_EX2 {
  ULONG Version; /* SEC_WINNT_AUTH_IDENTITY_VERSION_2 */
  USHORT cbHeaderLength;
  ULONG cbStructureLength;
  ULONG UserOffset;
  USHORT UserLength;
  ULONG DomainOffset;
  USHORT DomainLength;
  ULONG PackedCredentialsOffset;
  USHORT PackedCredentialsLength;
  ULONG Flags;
  ULONG PackageListOffset;
  USHORT PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EX2, *PSEC_WINNT_AUTH_IDENTITY_EX2;
#endif

#ifndef _AUTH_IDENTITY_INFO_DEFINED
#define _AUTH_IDENTITY_INFO_DEFINED
typedef union _SEC_WINNT_AUTH_IDENTITY_INFO {
  SEC_WINNT_AUTH_IDENTITY_EXW AuthIdExw;
  SEC_WINNT_AUTH_IDENTITY_EXA AuthIdExa;
  SEC_WINNT_AUTH_IDENTITY_A AuthId_a;
  SEC_WINNT_AUTH_IDENTITY_W AuthId_w;
  SEC_WINNT_AUTH_IDENTITY_EX2 AuthIdEx2;
} SEC_WINNT_AUTH_IDENTITY_INFO, *PSEC_WINNT_AUTH_IDENTITY_INFO;
#endif

/* Any of the above. */
typedef PVOID PSEC_WINNT_AUTH_IDENTITY_OPAQUE;

/* What the packed credentials of an EX2 hold. */

typedef struct _SEC_WINNT_AUTH_BYTE_VECTOR {
  ULONG ByteArrayOffset; /* from the start of the packed credentials */
  USHORT ByteArrayLength;
} SEC_WINNT_AUTH_BYTE_VECTOR, *PSEC_WINNT_AUTH_BYTE_VECTOR;

typedef struct _SEC_WINNT_AUTH_DATA {
  GUID CredType;
  SEC_WINNT_AUTH_BYTE_VECTOR CredData;
} SEC_WINNT_AUTH_DATA, *PSEC_WINNT_AUTH_DATA;

typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS {
  USHORT cbHeaderLength;
  USHORT cbStructureLength;
  SEC_WINNT_AUTH_DATA AuthData;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS;

typedef struct _SEC_WINNT_AUTH_DATA_PASSWORD {
  SEC_WINNT_AUTH_BYTE_VECTOR UnicodePassword;
} SEC_WINNT_AUTH_DATA_PASSWORD, *PSEC_WINNT_AUTH_DATA_PASSWORD;

/* {28BFC32F-10F6-4738-98D1-1AC061DF716A}, as an initialiser. */
#define SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_GUID                                     \
  {                                                                                \
    0x28bfc32f, 0x10f6, 0x4738, { 0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a } \
  }

#ifdef UNICODE
typedef SEC_WCHAR* SECURITY_PSTR;
typedef const SEC_WCHAR* SECURITY_PCSTR;
typedef SecPkgInfoW SecPkgInfo;
typedef PSecPkgInfoW PSecPkgInfo;
typedef SecPkgContext_NamesW SecPkgContext_Names;
typedef PSecPkgContext_NamesW PSecPkgContext_Names;
typedef SecPkgContext_NativeNamesW SecPkgContext_NativeNames;
typedef PSecPkgContext_NativeNamesW PSecPkgContext_NativeNames;
typedef SecPkgContext_KeyInfoW SecPkgContext_KeyInfo;
typedef PSecPkgContext_KeyInfoW PSecPkgContext_KeyInfo;
typedef SecPkgContext_AuthorityW SecPkgContext_Authority;
typedef PSecPkgContext_AuthorityW PSecPkgContext_Authority;
typedef SecPkgContext_ProtoInfoW SecPkgContext_ProtoInfo;
typedef PSecPkgContext_ProtoInfoW PSecPkgContext_ProtoInfo;
typedef SecPkgContext_PackageInfoW SecPkgContext_PackageInfo;
typedef PSecPkgContext_PackageInfoW PSecPkgContext_PackageInfo;
typedef SecPkgContext_NegotiationInfoW SecPkgContext_NegotiationInfo;
typedef PSecPkgContext_NegotiationInfoW PSecPkgContext_NegotiationInfo;
typedef SecPkgContext_CredentialNameW SecPkgContext_CredentialName;
typedef PSecPkgContext_CredentialNameW PSecPkgContext_CredentialName;
typedef SecPkgCredentials_NamesW SecPkgCredentials_Names;
typedef PSecPkgCredentials_NamesW PSecPkgCredentials_Names;
typedef SEC_WINNT_AUTH_IDENTITY_W SEC_WINNT_AUTH_IDENTITY;
typedef PSEC_WINNT_AUTH_IDENTITY_W PSEC_WINNT_AUTH_IDENTITY;
typedef SEC_WINNT_AUTH_IDENTITY_EXW SEC_WINNT_AUTH_IDENTITY_EX;
typedef PSEC_WINNT_AUTH_IDENTITY_EXW PSEC_WINNT_AUTH_IDENTITY_EX;
#else
typedef SEC_CHAR* SECURITY_PSTR;
typedef const SEC_CHAR* SECURITY_PCSTR;
typedef SecPkgInfoA SecPkgInfo;
typedef PSecPkgInfoA PSecPkgInfo;
typedef SecPkgContext_NamesA SecPkgContext_Names;
typedef PSecPkgContext_NamesA PSecPkgContext_Names;
typedef SecPkgContext_NativeNamesA SecPkgContext_NativeNames;
typedef PSecPkgContext_NativeNamesA PSecPkgContext_NativeNames;
typedef SecPkgContext_KeyInfoA SecPkgContext_KeyInfo;
typedef PSecPkgContext_KeyInfoA PSecPkgContext_KeyInfo;
typedef SecPkgContext_AuthorityA SecPkgContext_Authority;
typedef PSecPkgContext_AuthorityA PSecPkgContext_Authority;
typedef SecPkgContext_ProtoInfoA SecPkgContext_ProtoInfo;
typedef PSecPkgContext_ProtoInfoA PSecPkgContext_ProtoInfo;
typedef SecPkgContext_PackageInfoA SecPkgContext_PackageInfo;
typedef PSecPkgContext_PackageInfoA PSecPkgContext_PackageInfo;
typedef SecPkgContext_NegotiationInfoA SecPkgContext_NegotiationInfo;
typedef PSecPkgContext_NegotiationInfoA PSecPkgContext_NegotiationInfo;
typedef SecPkgContext_CredentialNameA SecPkgContext_CredentialName;
typedef PSecPkgContext_CredentialNameA PSecPkgContext_CredentialName;
typedef SecPkgCredentials_NamesA SecPkgCredentials_Names;
typedef PSecPkgCredentials_NamesA PSecPkgCredentials_Names;
typedef SEC_WINNT_AUTH_IDENTITY_A SEC_WINNT_AUTH_IDENTITY;
typedef PSEC_WINNT_AUTH_IDENTITY_A PSEC_WINNT_AUTH_IDENTITY;
typedef SEC_WINNT_AUTH_IDENTITY_EXA SEC_WINNT_AUTH_IDENTITY_EX;
typedef PSEC_WINNT_AUTH_IDENTITY_EXA PSEC_WINNT_AUTH_IDENTITY_EX;
#endif

#ifdef __cplusplus
} /* extern "C" */
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_SSPI_STRUCTURES_H_ */
