// One login over SMTP, IMAP or POP3.
#ifndef EPA_TOOLS_EPA_LOGIN_MAIL_LOGIN_H_
#define EPA_TOOLS_EPA_LOGIN_MAIL_LOGIN_H_

#include "absl/status/statusor.h"
#include "epa/sasl/mail_server.h"
#include "tools/epa/login/sasl_login.h"

namespace epa::tool {

// Blocks. Logs in, asks for the server's capabilities once more, and leaves. A refusal is an
// outcome. Errors: as SaslStream's, FailedPrecondition where there is no TLS to begin or no
// mechanism in common, and Internal for ours.
absl::StatusOr<SaslLoginOutcome> LogInToMail(sasl::MailProtocol protocol,
                                             const SaslLoginOptions& options);

// The credentials for a mechanism; null: there are none.
const std::shared_ptr<const Credentials>& CredentialsFor(sasl::MechanismType mechanism,
                                                         const PackageSet& packages);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_MAIL_LOGIN_H_
