// The settings of one service, each checked against the table.
#ifndef EPA_SERVICE_SERVICE_SETTINGS_H_
#define EPA_SERVICE_SERVICE_SETTINGS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/extended_protection.h"
#include "epa/core/service_principal_name.h"
#include "epa/ntlm/authority.h"
#include "epa/registry/windows_version.h"
#include "epa/service/setting.h"
#include "epa/smb2/protocol.h"
#include "epa/tls/channel_binding.h"

#pragma GCC visibility push(default)

namespace epa::service {

// One value as an administrator said it.
struct GivenSetting {
  std::string name;
  std::string value;
  // Where: "/etc/epa/epa.conf:12: keytab", "--keytab". Errors begin with it.
  std::string where;
  // Relative paths in the value are below this folder; empty: below the process's.
  std::string folder;
  // Said for several services: one that has no use for it goes without.
  bool inherited = false;
};

// `base` but for the settings that `over` says: those are its own.
std::vector<GivenSetting> Override(std::vector<GivenSetting> base, std::vector<GivenSetting> over);

enum class Scenario : uint8_t { kTls, kProxy, kClear };
std::string_view ScenarioName(Scenario scenario);  // "tls", "proxy", "clear"

// What binds the logins of programs that load the plug-in of GSS-API or of Cyrus SASL.
enum class GssRule : uint8_t { kOff, kApplication, kCertificate };

// How an application is told who logged in.
enum class UserNameForm : uint8_t {
  kFull,       // DOMAIN\user
  kPrincipal,  // user@domain, with the domain's DNS name or realm where that is known
  kPlain,      // user
};

// How TLS begins where a protocol has a command for it.
enum class TlsStart : uint8_t { kImplicit, kCommand, kNone };

// What `package` names.
struct PackageChoice {
  bool negotiate = false;
  bool ntlm = false;
  bool kerberos = false;
};

// How a front end spells a setting's name where that is more than a prefix.
using Spelling = std::string (*)(std::string_view name);

// What a service is to be. Where nothing was said there is the default, or no value where that
// depends on other settings.
struct ServiceSettings {
  Protocol protocol = Protocol::kHttp;

  // Logins.
  PackageChoice packages;
  std::vector<std::string> accounts;  // "file:PATH" or "winbind:[DOMAIN]"
  bool guests = false;
  ntlm::ChallengeNames names;
  std::string keytab;
  bool exclusive_key = false;
  std::optional<bool> require_pac;
  bool allow_weak_encryption = false;
  std::string krb5_config;

  // Extended protection.
  std::optional<ExtendedProtectionMode> mode;
  std::optional<Scenario> scenario;
  bool proxy_cohosting = false;
  bool no_service_name_check = false;
  bool allow_dotless_spn = false;
  bool nothing_to_check = false;
  bool service_name_on_tls = false;
  std::vector<std::string> spns;
  PortRule port_rule = PortRule::kExact;
  bool require_mic = false;
  bool audit_only = false;
  std::vector<std::string> registry_files;
  std::optional<registry::WindowsVersion> windows;

  // The channel.
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::optional<TlsStart> tls_start;
  bool clear_logins = false;
  std::optional<tls::UndefinedHashRule> undefined_hash;
  std::chrono::seconds certificate_roll_over = std::chrono::hours(1);

  // Programs that load the plug-in of GSS-API or of Cyrus SASL.
  std::optional<GssRule> gss;
  std::vector<std::string> executables;
  std::vector<std::string> acceptors;
  bool own_logins = false;

  std::vector<std::string> audit;

  // A server of its own.
  std::string listen;  // "ADDR:PORT", or "unix:PATH" for a helper
  uint32_t socket_mode = 0660;
  std::string socket_group;  // empty: the process's
  std::optional<uint32_t> workers;
  std::optional<uint32_t> max_connections;
  std::optional<uint32_t> max_connections_per_address;
  std::chrono::seconds login_time = std::chrono::seconds(30);
  std::optional<bool> authenticate_each_request;

  UserNameForm user_name = UserNameForm::kFull;
  std::string delegated_credentials;  // a folder; empty: they are kept from applications

  // LDAP and SMB.
  std::optional<bool> require_signing;

  // LDAP.
  bool sicily = false;

  // SMB.
  std::string share;  // "NAME=DIR"
  std::vector<smb2::Dialect> dialects;
  smb2::EncryptionPolicy encryption = smb2::EncryptionPolicy::kAvailable;

  // Whether it was said, be it for several services.
  bool Has(std::string_view name) const { return said.contains(name); }
  // Whether it was said for this one.
  bool HasOwn(std::string_view name) const;
  // Where the `index`-th value was said; empty: nowhere.
  std::string Where(std::string_view name, size_t index = 0) const;

  // "WHERE: TEXT", where that is the first value of the setting, or else the service.
  absl::Status Fault(std::string_view name, std::string_view text) const;
  // As the front end calls it: "keytab", "--keytab", "EpaKeytab".
  std::string Spelled(std::string_view name) const;

  struct Said {
    std::string where;
    bool inherited;
  };
  std::map<std::string, std::vector<Said>, std::less<>> said;
  std::string place;
  std::string prefix;
  Spelling spelling = nullptr;
};

// How errors speak of what was not said.
struct FrontEnd {
  std::string place;   // of the service: "/etc/epa/epa.conf:10: [http]"; may be empty
  std::string prefix;  // of settings' names: "--"
  Spelling spelling = nullptr;
};

// InvalidArgument in one line that begins with where, and says which value and what was expected,
// for: an unknown setting, one of another protocol (unless inherited), one that may be said once
// and was said twice, and a value that it cannot have. Opens no file.
absl::StatusOr<ServiceSettings> ReadSettings(Protocol protocol, std::span<const GivenSetting> given,
                                             const FrontEnd& front_end = {});

}  // namespace epa::service

#pragma GCC visibility pop

#endif  // EPA_SERVICE_SERVICE_SETTINGS_H_
