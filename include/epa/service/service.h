// What a server needs, made of its settings: credentials, policy, audit and channel, and again
// whenever an administrator changes something.
#ifndef EPA_SERVICE_SERVICE_H_
#define EPA_SERVICE_SERVICE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_package.h"
#include "epa/ntlm/authority.h"
#include "epa/service/configuration_file.h"
#include "epa/service/service_settings.h"
#include "epa/smb2/server_connection.h"
#include "epa/tls/certificate_files.h"

#pragma GCC visibility push(default)

namespace epa::service {

// For protocols that carry Negotiate, NTLM or both.
struct Packages {
  // Negotiate over Kerberos, NTLM or both; null where only package NTLM was asked for.
  std::shared_ptr<const Credentials> negotiate;
  // NTLM by itself; null where it was not asked for or has no credentials.
  std::shared_ptr<const Credentials> ntlm;
  // Kerberos by itself; null where it was not asked for, not even in Negotiate, or has no
  // credentials.
  std::shared_ptr<const Credentials> kerberos;
  // Who verifies NTLM logins; null where there are no accounts.
  std::shared_ptr<const ntlm::NtlmAuthority> authority;
};

// PEM files; the certificate's may go on with its chain.
struct KeyPairPaths {
  std::string certificate;
  std::string key;
};

// Where TLS ends with scenario tls.
enum class TlsEnd : uint8_t {
  kHere,       // every certificate needs a key, and channels are those of connections
  kElsewhere,  // in another part of the program or another process: channels are certificates'
  kWebServer,  // in the web server that this is part of: it has the certificates, and channels are
               // those of its connections
};

// Told which files changed ("accounts", "keytab", "certificates", "configuration") and whether they
// took effect: as FileObserver.
using ServiceObserver = std::function<void(std::string_view what, const absl::Status& status)>;

// All of a service at one time. Immutable; shared by all threads. Accounts, keytab and certificates
// that change take effect by themselves, within two seconds.
struct ServiceParts {
  ServiceSettings settings;
  Packages packages;
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  // All sinks of `audit`; NoAudit() without any.
  std::shared_ptr<AuditSink> audit;
  Scenario scenario = Scenario::kTls;
  tls::UndefinedHashRule undefined_hash = tls::UndefinedHashRule::kFail;
  // With TlsEnd::kHere and scenario tls or proxy.
  std::vector<KeyPairPaths> key_pairs;
  // With TlsEnd::kElsewhere and scenario tls; else null, and with gss = application.
  std::shared_ptr<const tls::CertificateFiles> certificates;
  // Protocol smb: all but the audit sink and limits.
  std::optional<smb2::ServerOptions> smb;
  // What an administrator should know of, a line each.
  std::vector<std::string> notes;

  // The channel of all logins, for servers that do not see their TLS connections.
  // FailedPrecondition where each connection has its own: scenario tls, and not TlsEnd::kElsewhere,
  // or gss = application.
  absl::StatusOr<Channel> ChannelNow() const;
};

// Accounts and Kerberos keys of several services, for those of one configuration: each source is
// read once, and its changes are followed once. Not for two threads at once.
class SharedAccounts {
 public:
  // `observer` is told of the source's changes if this is the first that asks for it. Fails as the
  // source: Unavailable for a directory that cannot be reached.
  absl::StatusOr<std::shared_ptr<const ntlm::NtlmAuthority>> Get(const std::string& source,
                                                                 const ServiceObserver& observer);
  // What the keytab and what else `settings` say of Kerberos make; `observer` likewise. Fails as
  // kerberos::CreateAcceptorCredentials.
  absl::StatusOr<std::shared_ptr<const Credentials>> GetKerberos(const ServiceSettings& settings,
                                                                 const ServiceObserver& observer);

 private:
  std::map<std::string, std::shared_ptr<const ntlm::NtlmAuthority>> authorities_;
  // By all that they are made of.
  std::map<std::string, std::shared_ptr<const Credentials>> kerberos_;
};

struct PartsOptions {
  TlsEnd tls_end = TlsEnd::kHere;
  ServiceObserver observer;  // may be empty
  // What was in use until now, or null: its certificates count for their time.
  const ServiceParts* predecessor = nullptr;
  // Somebody else does the Kerberos logins: packages.kerberos verifies and reports without
  // answering (kerberos::CreateInspectorCredentials), and Negotiate goes without Kerberos.
  bool inspect_kerberos = false;
  SharedAccounts* accounts = nullptr;  // null: nobody shares them
};

// All or nothing. Fails in one line that begins with where the setting was said, for settings that
// contradict each other or have no use here (unless inherited), and files that cannot be read or
// are damaged; Unavailable where a directory cannot be reached (winbind:), for which it may wait.
absl::StatusOr<std::shared_ptr<const ServiceParts>> MakeParts(ServiceSettings settings,
                                                              const PartsOptions& options);

// What a program makes of new parts before they take effect. An error leaves the old ones in
// effect.
using UseParts = std::function<absl::Status(const std::shared_ptr<const ServiceParts>& parts)>;

struct ServiceOptions {
  ServiceName service;
  std::string configuration = kConfigurationPath;  // a file's path; empty: none
  // What a command line or a host's own configuration says: wins over the file.
  std::vector<GivenSetting> overrides;
  std::string prefix;           // of settings' names in errors: "--"
  Spelling spelling = nullptr;  // likewise
  TlsEnd tls_end = TlsEnd::kHere;
  bool inspect_kerberos = false;  // as PartsOptions
  // Read the configuration again when the file changes, as the others, and not at Reload alone: for
  // those whom nobody tells.
  bool watch_configuration = false;
  // Null: nobody shares them. Those that were read stay at Reload.
  std::shared_ptr<SharedAccounts> accounts;
  ServiceObserver observer;  // may be empty
  UseParts use;              // likewise; not called by two threads at once
};

// One service over time. For several threads.
class Service {
 public:
  // Fails as ConfigurationFile, MakeParts and `use`.
  static absl::StatusOr<std::unique_ptr<Service>> Create(ServiceOptions options);
  ~Service();

  // Never null. Logins under way keep theirs.
  std::shared_ptr<const ServiceParts> parts() const;
  // Reads everything again, registry files too, and reopens the audit. What cannot be used
  // changes nothing.
  absl::Status Reload();

 private:
  struct Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::service

#pragma GCC visibility pop

#endif  // EPA_SERVICE_SERVICE_H_
