#include "lib/service/setting_table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "epa/service/setting.h"
#include "lib/service/values.h"
#include "lib/winbind/account_sources.h"

namespace epa::service {
namespace {

using Text = std::string_view;

// Puts a value there if there is one.
template <typename Value, typename Place>
bool Take(std::optional<Value> value, Place& place) {
  if (value.has_value()) {
    place = *std::move(value);
  }
  return value.has_value();
}

template <auto kMember>
bool TakeSwitch(Text value, Text /*folder*/, ServiceSettings& settings) {
  return Take(ParseSwitch(value), settings.*kMember);
}

template <auto kMember>
bool TakeText(Text value, Text /*folder*/, ServiceSettings& settings) {
  settings.*kMember = value;
  return true;
}

template <auto kMember>
bool TakePath(Text value, Text folder, ServiceSettings& settings) {
  settings.*kMember = PathBelow(folder, value);
  return true;
}

template <auto kMember>
bool AddPath(Text value, Text folder, ServiceSettings& settings) {
  (settings.*kMember).push_back(PathBelow(folder, value));
  return true;
}

constexpr uint32_t kMostWorkers = 1024;
constexpr uint32_t kMostConnections = 1'000'000;
constexpr uint32_t kLongestLogin = 3600;
constexpr uint32_t kLongestRollOver = 30 * 24 * 3600;

template <auto kMember, uint32_t kLeast, uint32_t kMost>
bool TakeNumber(Text value, Text /*folder*/, ServiceSettings& settings) {
  return Take(ParseNumber(value, kLeast, kMost), settings.*kMember);
}

template <auto kMember, uint32_t kLeast, uint32_t kMost>
bool TakeSeconds(Text value, Text /*folder*/, ServiceSettings& settings) {
  const std::optional<uint32_t> number = ParseNumber(value, kLeast, kMost);
  settings.*kMember = std::chrono::seconds(number.value_or(0));
  return number.has_value();
}

bool TakeAccounts(Text value, Text folder, ServiceSettings& settings) {
  constexpr Text kFile = "file:";
  if (winbind::NamesDomain(value)) {
    settings.accounts.emplace_back(value);
    return true;
  }
  const Text path = value.starts_with(kFile) ? value.substr(kFile.size()) : value;
  settings.accounts.push_back(std::string(kFile) + PathBelow(folder, path));
  return !path.empty();
}

bool TakeListen(Text value, Text folder, ServiceSettings& settings) {
  constexpr Text kUnix = "unix:";
  const bool local = value.starts_with(kUnix);
  settings.listen = local ? std::string(kUnix) + PathBelow(folder, value.substr(kUnix.size()))
                          : std::string(value);
  return value != kUnix;
}

bool TakeName(std::string& place, Text value) {
  place = value;
  return true;
}

// RFC 1001 5.2: a name has 16 octets, of which Windows takes the last for itself.
bool TakeNetBiosName(std::string& place, Text value) {
  constexpr size_t kMostOctets = 15;
  return value.size() <= kMostOctets && value.find_first_of("\\/:*?\"<>|") == Text::npos &&
         TakeName(place, value);
}

bool TakeDnsName(std::string& place, Text value) {
  constexpr size_t kMostOctets = 255;  // RFC 1035 2.3.4
  return value.size() <= kMostOctets && TakeName(place, value);
}

bool TakeFlag(Text value, Text /*folder*/, ServiceSettings& settings) {
  struct Flag {
    Text name;
    bool ServiceSettings::*member;
  };
  constexpr std::array kFlags = {
      Flag{"proxy-cohosting", &ServiceSettings::proxy_cohosting},
      Flag{"no-service-name-check", &ServiceSettings::no_service_name_check},
      Flag{"service-name-on-tls", &ServiceSettings::service_name_on_tls},
      Flag{"allow-dotless-spn", &ServiceSettings::allow_dotless_spn},
      Flag{"nothing-to-check", &ServiceSettings::nothing_to_check}};
  const auto* const flag = std::ranges::find(kFlags, value, &Flag::name);
  if (flag == kFlags.end()) {
    return false;
  }
  settings.*(flag->member) = true;
  return true;
}

bool TakeDialect(Text value, Text /*folder*/, ServiceSettings& settings) {
  const std::optional<smb2::Dialect> dialect = ParseDialect(value);
  if (dialect.has_value()) {
    settings.dialects.push_back(*dialect);
  }
  return dialect.has_value();
}

bool TakeShare(Text value, Text folder, ServiceSettings& settings) {
  const size_t equals = value.find('=');
  if (equals == Text::npos || equals == 0 || equals + 1 == value.size()) {
    return false;
  }
  settings.share =
      std::string(value.substr(0, equals + 1)) + PathBelow(folder, value.substr(equals + 1));
  return true;
}

bool IsFileOfAudit(Text value) {
  return value != "-" && value != "journal" && !value.starts_with("journal:");
}

bool TakeAudit(Text value, Text folder, ServiceSettings& settings) {
  settings.audit.push_back(IsFileOfAudit(value) ? PathBelow(folder, value) : std::string(value));
  return value != "journal:";
}

constexpr uint32_t Only(Protocol protocol) {
  return uint32_t{1} << static_cast<unsigned>(protocol);
}
constexpr uint32_t AllBut(Protocol protocol) { return Setting::kAllProtocols & ~Only(protocol); }
constexpr uint32_t AllBut(Protocol one, Protocol other) { return AllBut(one) & AllBut(other); }
constexpr uint32_t kSaslProtocols =
    Only(Protocol::kSmtp) | Only(Protocol::kImap) | Only(Protocol::kPop3) | Only(Protocol::kLdap);

struct Row {
  Setting setting;
  Apply apply;
};

using S = ServiceSettings;

// clang-format off
// Initialised before all that runs: modules ask for it while they are loaded.
constexpr Row kRows[] = {
    // Logins.
    {{.name = "package", .kind = SettingKind::kText, .value = "NAME",
      .text = "How clients may log in. Negotiate offers every package that has credentials here, and NTLM by itself as well; Kerberos is Negotiate with Kerberos alone; NTLM is NTLM by itself",
      .default_value = "Negotiate", .expected = "Negotiate, NTLM or Kerberos", .repeatable = true},
     [](Text value, Text, S& s) { return AddPackage(value, s.packages); }},
    {{.name = "accounts", .kind = SettingKind::kText, .value = "WHERE",
      .text = "Whose NTLM logins are verified: a file of DOMAIN:user:password or smbpasswd lines, or a domain through Samba's winbindd. Several are tried in this order until one knows the user",
      .expected = "PATH, file:PATH or winbind:[DOMAIN]", .repeatable = true},
     TakeAccounts},
    {{.name = "keytab", .kind = SettingKind::kPath, .value = "FILE",
      .text = "The service's Kerberos keys",
      .expected = "the path of a keytab",
      .protocols = AllBut(Protocol::kTelnet)},
     TakePath<&S::keytab>},
    {{.name = "exclusive-key", .kind = SettingKind::kSwitch,
      .text = "Declares that no other service has the keytab's keys, so that a Kerberos ticket's own service name counts where the client signed none",
      .default_value = "no",
      .protocols = AllBut(Protocol::kTelnet)},
     TakeSwitch<&S::exclusive_key>},
    {{.name = "require-pac", .kind = SettingKind::kSwitch,
      .text = "Refuse Kerberos logins whose account is not named by a verified PAC",
      .default_value = "no; yes with winbind: accounts",
      .protocols = AllBut(Protocol::kTelnet)},
     TakeSwitch<&S::require_pac>},
    {{.name = "allow-weak-encryption", .kind = SettingKind::kSwitch,
      .text = "Accept RC4 Kerberos tickets as well",
      .default_value = "no",
      .protocols = AllBut(Protocol::kTelnet)},
     TakeSwitch<&S::allow_weak_encryption>},
    {{.name = "krb5-config", .kind = SettingKind::kPath, .value = "FILE",
      .text = "The Kerberos configuration to use",
      .default_value = "/etc/krb5.conf", .expected = "the path of a krb5.conf",
      .protocols = AllBut(Protocol::kTelnet)},
     TakePath<&S::krb5_config>},
    {{.name = "netbios-name", .kind = SettingKind::kText, .value = "NAME",
      .text = "This computer's name in NTLM's challenge",
      .default_value = "the domain's own, or made from the host's", .expected = "a NetBIOS name of at most 15 characters"},
     [](Text value, Text, S& s) { return TakeNetBiosName(s.names.netbios_computer, value); }},
    {{.name = "netbios-domain", .kind = SettingKind::kText, .value = "NAME",
      .text = "The domain's name in NTLM's challenge",
      .default_value = "the domain's own, or a computer of its own", .expected = "a NetBIOS name of at most 15 characters"},
     [](Text value, Text, S& s) { return TakeNetBiosName(s.names.netbios_domain, value); }},
    {{.name = "dns-name", .kind = SettingKind::kText, .value = "NAME",
      .text = "This computer's DNS name in NTLM's challenge",
      .default_value = "the host's", .expected = "a DNS name"},
     [](Text value, Text, S& s) { return TakeDnsName(s.names.dns_computer, value); }},
    {{.name = "dns-domain", .kind = SettingKind::kText, .value = "NAME",
      .text = "The domain's DNS name in NTLM's challenge",
      .default_value = "none", .expected = "a DNS name"},
     [](Text value, Text, S& s) { return TakeDnsName(s.names.dns_domain, value); }},
    // Extended protection.
    {{.name = "extended-protection", .kind = SettingKind::kText, .value = "MODE",
      .text = "What clients must prove about the channel and the service's name: nothing; what they send must be right; or they must send it",
      .default_value = "2, unless a registry file says otherwise",
      .expected = "0, 1, 2, legacy, allow or require"},
     [](Text value, Text, S& s) { return Take(ParseMode(value), s.mode); }},
    {{.name = "scenario", .kind = SettingKind::kText, .value = "WHERE",
      .text = "Where TLS ends: here, at a proxy in front, or nowhere",
      .default_value = "tls; clear for telnet, and with tls none", .expected = "tls, proxy or clear",
      .protocols = AllBut(Protocol::kSmb)},
     [](Text value, Text, S& s) { return Take(ParseScenario(value), s.scenario); }},
    {{.name = "flag", .kind = SettingKind::kText, .value = "NAME",
      .text = "An exception from the rules of the mode and the scenario",
      .expected = "proxy-cohosting, no-service-name-check, service-name-on-tls, allow-dotless-spn or nothing-to-check",
      .repeatable = true,
      .protocols = AllBut(Protocol::kSmb)},
     TakeFlag},
    {{.name = "spn", .kind = SettingKind::kText, .value = "NAME",
      .text = "An accepted service principal name, such as HTTP/www.example.com",
      .expected = "a service principal name", .repeatable = true},
     [](Text value, Text, S& s) { s.spns.emplace_back(value); return true; }},
    {{.name = "port-rule", .kind = SettingKind::kText, .value = "RULE",
      .text = "How the port in a client's name is compared: it must equal that of spn; it is ignored; or it counts only where spn has one",
      .default_value = "exact", .expected = "exact, ignore or if-listed",
      .protocols = AllBut(Protocol::kSmb)},
     [](Text value, Text, S& s) { return Take(ParsePortRule(value), s.port_rule); }},
    {{.name = "require-mic", .kind = SettingKind::kSwitch,
      .text = "Refuse NTLM clients that do not protect the messages of the login, in every mode",
      .default_value = "no"},
     TakeSwitch<&S::require_mic>},
    {{.name = "audit-only", .kind = SettingKind::kSwitch,
      .text = "Evaluate and report, but refuse nothing because of extended protection",
      .default_value = "no"},
     TakeSwitch<&S::audit_only>},
    {{.name = "registry", .kind = SettingKind::kPath, .value = "FILE.reg",
      .text = "Settings in Windows' registry-export format; later files win, and settings given here win over all of them",
      .expected = "the path of a registry file", .repeatable = true},
     AddPath<&S::registry_files>},
    {{.name = "windows", .kind = SettingKind::kText, .value = "NAME",
      .text = "The Windows version whose defaults apply below the registry files: windows10-1709/pro, server-2025 and so on",
      .default_value = "the newest", .expected = "a version of Windows, as in docs/settings.md"},
     [](Text value, Text, S& s) { return Take(registry::ParseWindowsVersion(value), s.windows); }},
    // The channel.
    {{.name = "cert", .kind = SettingKind::kPath, .value = "FILE",
      .text = "The certificate, in PEM, with its chain. Where another process ends TLS, also DER, or a folder of certificates",
      .expected = "the path of a certificate", .repeatable = true,
      .protocols = AllBut(Protocol::kSmb),
      .use = SettingUse::kNotInWebServer},
     AddPath<&S::certificates>},
    {{.name = "key", .kind = SettingKind::kPath, .value = "FILE",
      .text = "The PEM key of the certificate in the same position",
      .expected = "the path of a key", .repeatable = true,
      .protocols = AllBut(Protocol::kSmb, Protocol::kHelper),
      .use = SettingUse::kNotInWebServer},
     AddPath<&S::keys>},
    {{.name = "tls", .kind = SettingKind::kText, .value = "HOW",
      .text = "How TLS begins: with the connection, by the protocol's command, or not at all, as with scenario clear",
      .default_value = "implicit; none with scenario clear", .expected = "implicit, starttls or none",
      .protocols = kSaslProtocols},
     [](Text value, Text, S& s) { return Take(ParseTlsStart(value), s.tls_start); }},
    {{.name = "clear-logins", .kind = SettingKind::kSwitch,
      .text = "With tls starttls: also allow logins before TLS, which nothing binds to their connection",
      .default_value = "no", .protocols = kSaslProtocols},
     TakeSwitch<&S::clear_logins>},
    {{.name = "undefined-hash", .kind = SettingKind::kText, .value = "RULE",
      .text = "What to do with certificates for which RFC 5929 defines no hash (Ed25519): refuse them, serve without a binding, or use SHA-256",
      .default_value = "fail in mode 2, else unbound", .expected = "fail, unbound or sha256",
      .protocols = AllBut(Protocol::kSmb)},
     [](Text value, Text, S& s) { return Take(ParseUndefinedHashRule(value), s.undefined_hash); }},
    {{.name = "certificate-roll-over", .kind = SettingKind::kNumber, .value = "SECONDS",
      .text = "How long a replaced certificate still counts where another process ends TLS, in seconds",
      .default_value = "3600", .least = 0, .most = kLongestRollOver, .elsewhere = true,
      .protocols = AllBut(Protocol::kSmb)},
     TakeSeconds<&S::certificate_roll_over, 0, kLongestRollOver>},
    // Programs that load the plug-ins of GSS-API and of Cyrus SASL.
    {{.name = "gss", .kind = SettingKind::kText, .value = "RULE",
      .text = "What logins by GSS-API or Cyrus SASL are bound to in the programs that executable names: with application, to what the program itself supplies, and logins without it are left alone; with certificate, the same, and to cert where the program supplies nothing; with off, to nothing",
      .default_value = "certificate", .expected = "application, certificate or off", .elsewhere = true,
      .protocols = AllBut(Protocol::kSmb, Protocol::kHelper)},
     [](Text value, Text, S& s) { return Take(ParseGssRule(value), s.gss); }},
    {{.name = "executable", .kind = SettingKind::kText, .value = "PROGRAM",
      .text = "A program whose logins by GSS-API or Cyrus SASL belong to this service: its path, or its name alone",
      .expected = "a program's path or name", .repeatable = true, .elsewhere = true,
      .protocols = AllBut(Protocol::kSmb, Protocol::kHelper)},
     [](Text value, Text, S& s) { s.executables.emplace_back(value); return true; }},
    {{.name = "acceptor", .kind = SettingKind::kText, .value = "NAME",
      .text = "Which of such a program's Kerberos tickets belong to this service: those for a class, such as HTTP, or for one name, such as HTTP/www.example.com",
      .default_value = "all", .expected = "CLASS or CLASS/HOST", .repeatable = true, .elsewhere = true,
      .protocols = AllBut(Protocol::kSmb, Protocol::kHelper)},
     [](Text value, Text, S& s) { s.acceptors.emplace_back(value); return true; }},
    {{.name = "own-logins", .kind = SettingKind::kSwitch,
      .text = "Accept, unbound, Kerberos logins that the same process began: a web server checks Basic authentication's passwords this way",
      .default_value = "no", .elsewhere = true,
      .protocols = AllBut(Protocol::kSmb, Protocol::kHelper)},
     TakeSwitch<&S::own_logins>},
    // The audit.
    {{.name = "audit", .kind = SettingKind::kText, .value = "FILE",
      .text = "Where audit events go, one JSON object a line: a file, - for standard error, or journal for systemd's",
      .default_value = "nowhere", .expected = "a path, -, journal or journal:PATH",
      .repeatable = true},
     TakeAudit},
    // A server of its own.
    {{.name = "listen", .kind = SettingKind::kText, .value = "WHERE",
      .text = "Where epa serve listens",
      .default_value = "127.0.0.1:0, any free port; unix:/run/epa/helper.sock for helper",
      .expected = "ADDR:PORT; unix:PATH for helper",
      .use = SettingUse::kNotInWebServer},
     TakeListen},
    {{.name = "socket-mode", .kind = SettingKind::kText, .value = "MODE",
      .text = "The mode of the socket in the file system, which says who may connect",
      .default_value = "0660", .expected = "octal digits up to 777",
      .protocols = Only(Protocol::kHelper)},
     [](Text value, Text, S& s) { return Take(ParseFileMode(value), s.socket_mode); }},
    {{.name = "socket-group", .kind = SettingKind::kText, .value = "GROUP",
      .text = "The group that owns the socket in the file system",
      .default_value = "the process's", .expected = "the name of a group",
      .protocols = Only(Protocol::kHelper)},
     TakeText<&S::socket_group>},
    {{.name = "max-connections", .kind = SettingKind::kNumber, .value = "N",
      .text = "Concurrent connections", .default_value = "4096; smb 2048",
      .least = 1, .most = kMostConnections,
      .use = SettingUse::kNotInWebServer},
     TakeNumber<&S::max_connections, 1, kMostConnections>},
    {{.name = "max-connections-per-address", .kind = SettingKind::kNumber, .value = "N",
      .text = "Concurrent connections from one IPv4 address or one IPv6 /64",
      .default_value = "half of max-connections; behind a proxy all",
      .least = 1, .most = kMostConnections,
      .protocols = AllBut(Protocol::kHelper),
      .use = SettingUse::kNotInWebServer},
     TakeNumber<&S::max_connections_per_address, 1, kMostConnections>},
    {{.name = "login-time", .kind = SettingKind::kNumber, .value = "SECONDS",
      .text = "Seconds from connecting to being logged in; with helper, how long a login may stay half-way", .default_value = "30",
      .least = 1, .most = kLongestLogin,
      .use = SettingUse::kNotInWebServer},
     TakeSeconds<&S::login_time, 1, kLongestLogin>},
    {{.name = "workers", .kind = SettingKind::kNumber, .value = "N",
      .text = "Threads", .default_value = "the number of processors",
      .least = 1, .most = kMostWorkers,
      .use = SettingUse::kNotInWebServer},
     TakeNumber<&S::workers, 1, kMostWorkers>},
    // One protocol's.
    {{.name = "authenticate-each-request", .kind = SettingKind::kSwitch,
      .text = "No login lasts longer than its request", .default_value = "yes with scenario proxy, else no",
      .protocols = Only(Protocol::kHttp)},
     TakeSwitch<&S::authenticate_each_request>},
    {{.name = "user-name", .kind = SettingKind::kText, .value = "FORM",
      .text = "How an application is told who logged in: DOMAIN\\user, user@domain, or the user's name alone, which several domains may share",
      .default_value = "full", .expected = "full, principal or plain",
      .protocols = Only(Protocol::kHttp), .use = SettingUse::kInWebServerOnly},
     [](Text value, Text, S& s) { return Take(ParseUserNameForm(value), s.user_name); }},
    {{.name = "delegated-credentials", .kind = SettingKind::kPath, .value = "DIR",
      .text = "Give an application the Kerberos tickets that its user delegates, in a file of this directory that lasts as long as the login",
      .default_value = "none: applications get no tickets", .expected = "the path of a directory",
      .protocols = Only(Protocol::kHttp), .use = SettingUse::kInWebServerOnly},
     TakePath<&S::delegated_credentials>},
    {{.name = "share", .kind = SettingKind::kText, .value = "NAME=DIR",
      .text = "The one share: this directory, read-only", .expected = "NAME=DIR",
      .protocols = Only(Protocol::kSmb)},
     TakeShare},
    {{.name = "dialect", .kind = SettingKind::kText, .value = "VERSION",
      .text = "A dialect of SMB to offer", .default_value = "all",
      .expected = "2.0.2, 2.1, 3.0, 3.0.2 or 3.1.1", .repeatable = true, .protocols = Only(Protocol::kSmb)},
     TakeDialect},
    {{.name = "signing", .kind = SettingKind::kText, .value = "RULE",
      .text = "Whether every session must sign: in SMB (RequireSecuritySignature); or sign or seal, in LDAP without TLS (LDAPServerIntegrity)",
      .default_value = "required", .expected = "required or optional",
      .protocols = Only(Protocol::kSmb) | Only(Protocol::kLdap)},
     [](Text value, Text, S& s) { return Take(ParseSigningRequired(value), s.require_signing); }},
    {{.name = "sicily", .kind = SettingKind::kSwitch,
      .text = "NTLM by the authentication choices that Windows' LDAP clients had before SASL",
      .default_value = "no", .protocols = Only(Protocol::kLdap)},
     TakeSwitch<&S::sicily>},
    {{.name = "encryption", .kind = SettingKind::kText, .value = "RULE",
      .text = "Whether sessions encrypt", .default_value = "available",
      .expected = "off, available or required", .protocols = Only(Protocol::kSmb)},
     [](Text value, Text, S& s) { return Take(ParseEncryption(value), s.encryption); }},
    {{.name = "map-to-guest", .kind = SettingKind::kText, .value = "RULE",
      .text = "Whether unknown users are refused or become guests", .default_value = "never",
      .expected = "never or bad-user", .protocols = Only(Protocol::kSmb)},
     [](Text value, Text, S& s) { return Take(ParseGuestRule(value), s.guests); }},
};
// clang-format on

constexpr size_t kCount = std::size(kRows);

}  // namespace

std::span<const Setting> Settings() {
  static const std::array<Setting, kCount>& settings = *[] {
    auto* all = new std::array<Setting, kCount>();
    std::ranges::transform(kRows, all->begin(), &Row::setting);
    return all;
  }();
  return settings;
}

Apply ApplyOf(const Setting& setting) {
  return kRows[static_cast<size_t>(&setting - Settings().data())].apply;
}

}  // namespace epa::service
