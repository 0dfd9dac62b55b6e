// Which packages a client's command line asks for, and the credentials it gives for them.
#ifndef EPA_TOOLS_EPA_COMMON_PACKAGES_H_
#define EPA_TOOLS_EPA_COMMON_PACKAGES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/http/scheme.h"
#include "epa/service/service.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

// Of a client.
inline constexpr OptionSpec kCcacheOption = {
    "--ccache", "NAME",
    "Kerberos tickets: a file, or a name as in KRB5CCNAME; user@REALM requests its own"};
inline constexpr OptionSpec kNoMutualOption = {
    "--no-mutual", "", "do not require the server to prove that it has the service's Kerberos key"};

// Credentials of one side, for protocols that carry Negotiate, NTLM or both.
using PackageSet = service::Packages;

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
