#include "providers/kerberos/ticket_identity.h"

#include <string_view>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "providers/kerberos/principal_text.h"
#include "providers/kerberos/ticket_pac.h"

namespace epa::kerberos {
namespace {

// [MS-DTYP] 2.4.2.4: the guest account of a domain.
bool IsGuestSid(std::string_view sid) {
  return sid.starts_with("S-1-5-21-") && sid.ends_with("-501");
}

void TakeLogonInformation(LogonInformation logon, TicketIdentity& out) {
  AuthorizationData& authorization = *out.authorization;
  out.account.user = logon.logon_name;
  out.account.domain = logon.logon_domain;
  out.account.proof = IdentityProof::kPac;
  authorization.logon_name = std::move(logon.logon_name);
  authorization.logon_domain = std::move(logon.logon_domain);
  authorization.user_sid = std::move(logon.user_sid);
  authorization.group_sids = std::move(logon.group_sids);
}

}  // namespace

absl::Status ReadTicketIdentity(Workspace& workspace, const ApRequest& request,
                                TicketIdentity& out) {
  const krb5_enc_tkt_part& ticket = *request.ticket->enc_part2;
  out.claims.user = PrincipalText(*ticket.client);
  out.claims.domain = TextOf(ticket.client->realm);
  if (out.claims.user.empty() || out.claims.domain.empty() || !IsValidUtf8(out.claims.user) ||
      !IsValidUtf8(out.claims.domain)) {
    return absl::InvalidArgumentError("the client's name is empty or not UTF-8");
  }
  out.authorization = std::make_shared<AuthorizationData>();
  AuthorizationData& authorization = *out.authorization;
  authorization.principal = PrincipalTextWithRealm(*ticket.client);
  authorization.realm = out.claims.domain;
  authorization.authentication_time = FileTimeOf(ticket.times.authtime);
  EPA_ASSIGN_OR_RETURN(TicketPac pac, ReadTicketPac(workspace, request));
  out.pac = pac.evidence;
  authorization.has_verified_pac = pac.evidence == PacEvidence::kVerified;
  if (krb5_principal_compare_any_realm(workspace.context, ticket.client,
                                       krb5_anonymous_principal())) {
    return absl::OkStatus();
  }
  out.account.dns_domain = authorization.realm;
  if (pac.logon.has_value()) {
    TakeLogonInformation(*std::move(pac.logon), out);
  } else {
    out.account.user = out.claims.user;
    out.account.domain = authorization.realm;
    out.account.proof = IdentityProof::kTicket;
  }
  out.kind = IsGuestSid(authorization.user_sid) ? IdentityKind::kGuest : IdentityKind::kUser;
  return absl::OkStatus();
}

PeerIdentity PeerOf(TicketIdentity identity) {
  switch (identity.kind) {
    case IdentityKind::kUser:
      identity.account.authorization = std::move(identity.authorization);
      return PeerIdentity::Account(std::move(identity.account));
    case IdentityKind::kGuest:
      return PeerIdentity::Guest();
    case IdentityKind::kAnonymous:
      break;
  }
  return PeerIdentity::Anonymous();
}

}  // namespace epa::kerberos
