// Kerberos version 5 (RFC 4120, RFC 4121, [MS-KILE]) as a security package, over MIT's libkrb5.
// libkrb5 checks every ticket, key, clock and signature. No environment variable of libkrb5 is
// honoured but those of its shared replay cache; everything else is an option here.
#ifndef EPA_KERBEROS_KERBEROS_H_
#define EPA_KERBEROS_KERBEROS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/base/file_observer.h"
#include "epa/base/secret.h"
#include "epa/core/security_package.h"

#pragma GCC visibility push(default)

namespace epa::kerberos {

// "Kerberos"; 1.2.840.113554.1.2.2, then Windows' 1.2.840.48018.1.2.2; tokens up to 64 KiB - 1.
const PackageInfo& KerberosPackageInfo();

// Where libkrb5 learns about realms and KDCs. At most one of the two; with neither, the file
// /etc/krb5.conf if there is one. Read once, when credentials are created. Three settings are
// always ours: host names are never canonicalised with DNS (`dns_canonicalize_hostname`, `rdns`),
// and `client_aware_channel_bindings` is off because this library sends that mark itself.
struct Configuration {
  std::string path;      // one krb5.conf, or several with colons between them
  std::string contents;  // the text of a krb5.conf
};

enum class ReplayCache : uint8_t {
  // MIT's default file, shared by all processes of this user. It is synchronised to disk, so each
  // login has pending work.
  kShared,
  kInProcess,  // these credentials alone: quicker, blind to other processes and to restarts
  kNone,       // accepts replays: for tests
};

struct AcceptorOptions {
  // Exactly one of the two. The file is read into memory; a thread looks once a second whether it
  // has changed and reads it again. If it is gone or damaged, the keys stay as they were, and
  // `keytab_observer`, which may be empty, is told.
  std::string keytab_path;
  SecretBytes keytab;  // the octets of a keytab file
  FileObserver keytab_observer;
  // The services to accept tickets for, "class/host" or "class/host@REALM", compared without
  // regard to ASCII case. Empty: every service in the keytab. Only their keys open tickets, and
  // only tickets that carry their names are taken; where keys are shared, see `exclusive_key`.
  std::vector<std::string> service_principals;
  // The operator's word that the realm uses the keytab's keys for no service but this one, which a
  // keytab cannot show: in Active Directory all service principal names of an account have its
  // key. The service name in a ticket is protected by nothing but the key, so it counts as the
  // client's target name with this alone, and only where every name under which the keytab has
  // the key is an accepted one. Clients that name their target in the authenticator (Windows,
  // this library) do not need it.
  bool exclusive_key = false;
  // Refuse a login whose account no verified PAC names (kPacRequired). Set it in a Windows domain:
  // there a client can have a ticket without a PAC, and under a name of its own choice
  // (CVE-2020-25719). Where there is a PAC it names user and domain with and without this.
  bool require_pac = false;
  Configuration configuration;
  ReplayCache replay_cache = ReplayCache::kShared;
  // RC4 and single DES, as far as libkrb5 has them.
  bool allow_weak_encryption = false;
  // Null: the system's. Outlives the credentials.
  const Clock* clock = nullptr;
};

// A server's credentials. Fails when the keytab holds no key, or none of `service_principals`, or
// when it or the configuration cannot be read.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    AcceptorOptions options);

// For servers whose Kerberos logins another implementation does: the acceptor verifies a client's
// first token, an AP-REQ, in every framing and reports who the client is and what it proved. It
// answers nothing, has no keys, touches no replay cache (`replay_cache` is not looked at), and so
// lets a token be accepted afterwards. Fails as CreateAcceptorCredentials.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateInspectorCredentials(
    AcceptorOptions options);

// The client settings of Windows that concern extended protection.
struct ClientPolicy {
  // SuppressExtendedProtection: 0 sends bindings and says that this client knows of them; 1 sends
  // the bindings of a TLS channel without saying so; 3 sends nothing. Other values are refused.
  uint32_t suppress_extended_protection = 0;
};

struct InitiatorOptions {
  // One of four: a credential cache by its full name ("FILE:/tmp/krb5cc_0"), or the one that the
  // configuration names (`default_ccache_name`, else FILE:/tmp/krb5cc_UID), or a principal with a
  // password, or a principal with a keytab.
  std::string credential_cache;
  bool default_credential_cache = false;
  // "user@REALM"; without a realm, the configuration's default realm. With a password also a user
  // principal name, "First.Last@corp.example" or, with the realm to ask, "...@corp.example@REALM",
  // and a realm in lower case. The KDC's spelling of the account is the one that counts.
  std::string principal;
  SecretBytes password;
  std::string client_keytab_path;
  Configuration configuration;
  // Ask the server to prove itself.
  bool mutual_authentication = true;
  // Forward the user's ticket-granting ticket to servers that the KDC marks ok-as-delegate, and
  // to no others.
  bool delegate = false;
  // Ask the KDC for "class/host:port" where the target name has a port. Without it the port is
  // left out, as Windows and browsers do for web servers; SQL Server's names need it.
  bool port_in_principal = false;
  bool allow_weak_encryption = false;
  ClientPolicy policy;
  const Clock* clock = nullptr;
};

// A client's credentials. Does not talk to the KDC: a login does, in pending work. A login has none
// where all is in memory: the ticket in a cache of type MEMORY or of these credentials' own, no
// ticket-granting ticket to forward, no module of the configuration that tells realms. Fails on a
// credential cache or a configuration that cannot be read; a cache that does not exist yet may
// still come.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    InitiatorOptions options);

}  // namespace epa::kerberos

#pragma GCC visibility pop

#endif  // EPA_KERBEROS_KERBEROS_H_
