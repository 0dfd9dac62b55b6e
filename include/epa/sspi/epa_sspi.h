/* What sspi.h has no words for: where a credentials handle gets its accounts and keys from, a whole
   extended-protection policy, the audit trail, and the bindings of an OpenSSL connection. */
#ifndef EPA_SSPI_EPA_SSPI_H_
#define EPA_SSPI_EPA_SSPI_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include "epa/sspi/sspi.h"

struct ssl_st; /* OpenSSL's SSL */

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* EPA_PROTECTION_POLICY.Mode: the values of the registry setting ExtendedProtection. */
#define EPA_PROTECTION_LEGACY 0  /* nothing is compared */
#define EPA_PROTECTION_ALLOW 1   /* what a client sends must be right; it may send nothing */
#define EPA_PROTECTION_REQUIRE 2 /* every client must bind */

/* EPA_PROTECTION_POLICY.Scenario */
#define EPA_SCENARIO_TRANSPORT_SELECTED 0 /* the channel decides */
#define EPA_SCENARIO_TRUSTED_PROXY 1      /* TLS ends at a proxy: some binding, and our name */

/* EPA_PROTECTION_POLICY.Flags */
#define EPA_POLICY_PROXY_COHOSTING 0x01       /* behind a proxy the name alone decides */
#define EPA_POLICY_NO_SERVICE_NAME_CHECK 0x02 /* any service name */
#define EPA_POLICY_SERVICE_NAME_ON_TLS 0x04   /* the service name on TLS too */
#define EPA_POLICY_AUDIT_ONLY 0x08            /* report, refuse nothing */
#define EPA_POLICY_REQUIRE_MIC 0x10           /* refuse NTLM users without a MIC */
#define EPA_POLICY_ALLOW_GUEST 0x20
#define EPA_POLICY_ALLOW_ANONYMOUS 0x40
#define EPA_POLICY_ALLOW_DOTLESS 0x80 /* accepted names may be host names without a dot */
/* without TLS, and without a service-name check, mode 1 and 2 may accept every login */
#define EPA_POLICY_NOTHING_TO_CHECK 0x100

/* EPA_PROTECTION_POLICY.NameProfile and PortRule: epa/core/service_principal_name.h */
#define EPA_NAMES_STANDARD 0
#define EPA_NAMES_DOTNET 1
#define EPA_NAMES_SMB 2
#define EPA_PORT_EXACT 0
#define EPA_PORT_IGNORE 1
#define EPA_PORT_IF_LISTED 2

/* An ExtendedProtectionPolicy (epa/core/extended_protection.h), which says what each part means. */
typedef struct _EPA_PROTECTION_POLICY {
  ULONG Length; /* sizeof(EPA_PROTECTION_POLICY) */
  ULONG Mode;
  ULONG Scenario;
  ULONG Flags;
  ULONG NameProfile;
  ULONG PortRule;
  /* UTF-8, the last one null; null for none. */
  const char* const* AcceptedNames;
} EPA_PROTECTION_POLICY, *PEPA_PROTECTION_POLICY;

/* Told of the end of every login, once, as one JSON object (docs/sspi.md), on the thread whose call
   ended it. `Json` is terminated and gone when the function returns. The function must not use the
   handle of that login. */
typedef void(SEC_ENTRY* EPA_AUDIT_FN)(void* Argument, const char* Json);

#define EPA_AUTH_DATA_VERSION 0x41504531 /* "1EPA" */

/* EPA_AUTH_DATA.Flags */
#define EPA_AUTH_ANONYMOUS 0x01               /* client, NTLM: log in as nobody */
#define EPA_AUTH_NO_MUTUAL_AUTH 0x02          /* client, Kerberos: done after one message */
#define EPA_AUTH_DELEGATE 0x04                /* client, Kerberos: forward the user's ticket */
#define EPA_AUTH_PORT_IN_PRINCIPAL 0x08       /* client, Kerberos: ask for class/host:port */
#define EPA_AUTH_REPLAY_CACHE_IN_PROCESS 0x10 /* server, Kerberos: this handle's own cache */
#define EPA_AUTH_NO_REPLAY_CACHE 0x20         /* server, Kerberos: accept replays; for tests */
#define EPA_AUTH_ALLOW_SHORT_KEYS 0x40        /* NTLM: keys of less than 128 bits */
#define EPA_AUTH_ALLOW_WEAK_ENCRYPTION 0x80   /* Kerberos: RC4 and single DES */
#define EPA_AUTH_EXCLUSIVE_KEY 0x100          /* server, Kerberos: no other service has the keys */
#define EPA_AUTH_REQUIRE_PAC 0x200            /* server, Kerberos: a PAC must name the account */

/* pAuthData of AcquireCredentialsHandle, A and W. Set it to zeros, then Version, Length and what
   is wanted. Strings are UTF-8 and terminated; null: not given. Everything is copied. A package
   takes what is meant for it and is left out of Negotiate where nothing is. */
typedef struct _EPA_AUTH_DATA {
  ULONG Version; /* EPA_AUTH_DATA_VERSION */
  ULONG Length;  /* sizeof(EPA_AUTH_DATA) */
  ULONG Flags;
  ULONG SuppressExtendedProtection; /* client: 0, 1 or 3, as the registry setting */

  /* Negotiate: "Kerberos,NTLM" offers these alone, "!NTLM" all but that. */
  const char* PackageList;

  /* The client. Kerberos: a cache, or a user with a password or a keytab; NTLM: with a password. */
  const char* User;   /* "user", "DOMAIN\user" or "user@REALM" */
  const char* Domain; /* or in `User` */
  const char* Password;
  const char* Workstation;
  const char* CredentialCache; /* its full name, such as "FILE:/tmp/krb5cc_0" */
  const char* ClientKeytab;    /* a path */

  /* The server. NTLM: where the accounts are, asked in this order until one knows the user, the
     last null: the path of a file of `DOMAIN:user:password` or smbpasswd lines, read again when it
     changes, or "winbind:" with a domain's name or none, for those of the machine's Active
     Directory domain (docs/accounts.md), which sets EPA_AUTH_REQUIRE_PAC, too. Or the text of one
     file. Kerberos: a keytab. */
  const char* const* AccountSources;
  const char* Accounts;
  const char* NetbiosComputerName; /* the names in NTLM's challenge; null: made of the host's */
  const char* NetbiosDomainName;
  const char* DnsComputerName;
  const char* DnsDomainName;
  const char* Keytab;                   /* a path */
  const char* const* ServicePrincipals; /* "class/host", the last null; null: all in the keytab */

  /* Both. Kerberos: paths of a krb5.conf, or its text; neither: /etc/krb5.conf. */
  const char* Krb5Conf;
  const char* Krb5ConfText;

  /* The server's policy. With one it decides, and ASC_REQ_ALLOW_MISSING_BINDINGS,
     ASC_REQ_PROXY_BINDINGS and ASC_REQ_ALLOW_NULL_SESSION change nothing. */
  const EPA_PROTECTION_POLICY* Policy;

  EPA_AUDIT_FN Audit; /* the server; null: nobody is told. Called by several threads at once */
  void* AuditArgument;

  /* Where AcquireCredentialsHandle says why it failed: one terminated sentence, cut where it does
     not fit; empty on success. Null: nowhere. */
  char* FaultText;
  ULONG cbFaultText;
} EPA_AUTH_DATA, *PEPA_AUTH_DATA;

/* What stands in for `pAuthData` from now on, in the whole process, where AcquireCredentialsHandle
   is given null; an identity borrows its Kerberos configuration and its domain, and the server's
   half. `fCredentialUse`: SECPKG_CRED_INBOUND, _OUTBOUND or _BOTH, the role it is for; with
   SECPKG_CRED_DEFAULT it gives way to what was set before. Everything
   is copied. Null: what the configuration file says again (docs/sspi.md). */
SECURITY_STATUS SEC_ENTRY epa_SetDefaultAuthData(ULONG fCredentialUse,
                                                 const EPA_AUTH_DATA* pAuthData) EPA_SSPI_NOEXCEPT;

/* Another configuration file than /etc/epa/sspi.conf, in the whole process. Null: that one again.
   SEC_E_UNKNOWN_CREDENTIALS for one that cannot be understood, which then is not used, and
   `FaultText` says why as EPA_AUTH_DATA's does. */
SECURITY_STATUS SEC_ENTRY epa_SetDefaultAuthDataFile(const char* pszPath, char* FaultText,
                                                     ULONG cbFaultText) EPA_SSPI_NOEXCEPT;

/* QueryContextAttributes on any context, established or not: why it was refused. */
#define EPA_SECPKG_ATTR_REASON 0x45504101

/* For the operator, never for the peer. Both are freed with FreeContextBuffer. */
typedef struct _EPA_SecPkgContext_Reason {
  char* sReason; /* such as "binding_mismatch"; "none" until the login has ended */
  char* sDetail; /* more about it, or empty */
} EPA_SecPkgContext_Reason, *PEPA_SecPkgContext_Reason;

/* epa_WrapTlsConnection: where a certificate has no binding (RFC 5929 4.1; Ed25519), SHA-256, as
   Java and Schannel's default branch. */
#define EPA_TLS_UNDEFINED_HASH_SHA256 0x1

/* Makes a context handle of an OpenSSL connection, as Schannel's are: it answers
   SECPKG_ATTR_ENDPOINT_BINDINGS, SECPKG_ATTR_UNIQUE_BINDINGS and nothing else, and is released with
   DeleteSecurityContext. The bindings are read here; `ssl` is not kept. Either side of the
   connection. SEC_E_OUT_OF_SEQUENCE before the handshake has ended. A binding that the connection
   does not have (tls-unique: TLS 1.3, or no extended master secret) is SEC_E_UNSUPPORTED_FUNCTION
   when it is asked for. `ssl` must be of the same libssl.so.3 that libepa-sspi is linked to. */
SECURITY_STATUS SEC_ENTRY epa_WrapTlsConnection(struct ssl_st* ssl, ULONG fFlags,
                                                PCtxtHandle phContext) EPA_SSPI_NOEXCEPT;

#pragma GCC visibility pop
#ifdef __cplusplus
} /* extern "C" */
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_EPA_SSPI_H_ */
