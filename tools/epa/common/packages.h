// Which packages a command line asks for, and the credentials it gives for them.
#ifndef EPA_TOOLS_EPA_COMMON_PACKAGES_H_
#define EPA_TOOLS_EPA_COMMON_PACKAGES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/file_observer.h"
#include "epa/core/audit.h"
#include "epa/core/security_package.h"
#include "epa/http/scheme.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

// The names in NTLM's challenge.
inline constexpr OptionSpec kNetbiosNameOption = {"--netbios-name", "NAME",
                                                  "this computer's, in NTLM's challenge; default: "
                                                  "from the host's"};
inline constexpr OptionSpec kNetbiosDomainOption = {
    "--netbios-domain", "NAME", "the domain's there; default: a computer of its own"};
inline constexpr OptionSpec kDnsNameOption = {"--dns-name", "NAME",
                                              "this computer's there; default: the host's"};
inline constexpr OptionSpec kDnsDomainOption = {"--dns-domain", "NAME",
                                                "the domain's there; default: none"};
inline constexpr OptionSpec kAllowWeakEncryptionOption = {"--allow-weak-encryption", "",
                                                          "take Kerberos tickets of RC4, too"};
// Of a client.
inline constexpr OptionSpec kCcacheOption = {
    "--ccache", "NAME", "Kerberos tickets: a file, or as KRB5CCNAME; user@REALM gets some as well"};
inline constexpr OptionSpec kNoMutualOption = {
    "--no-mutual", "", "do without the server's proof that it has the service's Kerberos key"};

// Credentials of one side, for protocols that carry Negotiate, NTLM or both.
struct PackageSet {
  // Negotiate over Kerberos, NTLM or both; null where only package NTLM was asked for.
  std::shared_ptr<const Credentials> negotiate;
  // NTLM by itself; null where it was not asked for or has no credentials.
  std::shared_ptr<const Credentials> ntlm;
  // Kerberos by itself; null where it was not asked for, not even in Negotiate, or has no
  // credentials.
  std::shared_ptr<const Credentials> kerberos;
};

struct ServerFileObservers {
  FileObserver accounts;
  FileObserver keytab;
};

// From --map-to-guest, which only some servers have: whether users without an account are guests.
absl::StatusOr<bool> GuestsFrom(const CommandLine& line);

// A server's, from --package, --accounts, --map-to-guest and the names in the challenge (NTLM),
// --keytab and --allow-weak-encryption (Kerberos), --krb5-config and --registry,
// whose notes are told. Accounts and keytab are read again when they change: `observers`, which may
// be empty, hear of it.
//
// Package Negotiate, the default, is all that credentials are given for, and NTLM by itself
// besides; Kerberos is Negotiate over Kerberos alone; NTLM is NTLM by itself.
absl::StatusOr<PackageSet> ServerPackagesFrom(const CommandLine& line,
                                              const ServerFileObservers& observers = {});

// A client's, from --package, --user, --password-file (NTLM; with user@REALM Kerberos too),
// --ccache and --no-mutual (Kerberos), --krb5-config, --registry (where --binding is not given:
// what it says wins), whose notes are told. What settings refuse or report goes to `audit`. Asks on
// the terminal for a password it needs.
absl::StatusOr<PackageSet> ClientPackagesFrom(const CommandLine& line,
                                              const std::shared_ptr<AuditSink>& audit);

// The HTTP authentication schemes for them: Negotiate, Kerberos (WinRM's), NTLM. Preferred first.
std::vector<http::Scheme> HttpSchemesFor(const PackageSet& packages);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_PACKAGES_H_
