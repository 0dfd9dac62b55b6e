#include "providers/kerberos/ticket_identity.h"

#include <string_view>
#include <utility>

#include "lib/base/status_macros.h"
#include "providers/kerberos/credential_store.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/initiator.h"
#include "providers/kerberos/pac.h"

namespace epa::kerberos {
namespace {

// [MS-DTYP] 2.4.2.4: the guest account of a domain.
bool IsGuestSid(std::string_view sid) {
  return sid.starts_with("S-1-5-21-") && sid.ends_with("-501");
}

absl::StatusOr<std::string> PrincipalText(krb5_context context, krb5_const_principal principal,
                                          int flags) {
  OwnedText text(context);
  EPA_RETURN_IF_ERROR(
      FaultOf(context, krb5_unparse_name_flags(context, principal, flags, text.out())));
  return std::string(text.get());
}

// True when the PAC is signed with the key that opened the ticket.
bool VerifyPac(Workspace& workspace, const ApRequest& request, krb5_pac pac) {
  krb5_context context = workspace.context;
  const krb5_ticket& ticket = *request.ticket.get();
  krb5_keytab_entry entry;
  if (krb5_kt_get_entry(context, workspace.keytab, ticket.server, ticket.enc_part.kvno,
                        ticket.enc_part.enctype, &entry) != 0) {
    return false;
  }
  const krb5_error_code code = krb5_pac_verify(context, pac, ticket.enc_part2->times.authtime,
                                               ticket.enc_part2->client, &entry.key, nullptr);
  krb5_free_keytab_entry_contents(context, &entry);
  return code == 0;
}

void CollectPac(Workspace& workspace, const ApRequest& request, AuthorizationData& out) {
  krb5_context context = workspace.context;
  OwnedAuthData found(context);
  if (krb5_find_authdata(context, request.ticket->enc_part2->authorization_data, nullptr,
                         KRB5_AUTHDATA_WIN2K_PAC, found.out()) != 0 ||
      !found || found.get()[0] == nullptr) {
    return;
  }
  const auto octets = OctetsOf(*found.get()[0]);
  OwnedPac pac(context);
  if (krb5_pac_parse(context, octets.data(), octets.size(), pac.out()) != 0 ||
      !VerifyPac(workspace, request, pac.get())) {
    return;
  }
  out.has_verified_pac = true;
  OwnedData logon(context);
  if (krb5_pac_get_buffer(context, pac.get(), KRB5_PAC_LOGON_INFO, logon.out()) != 0) {
    return;
  }
  auto information = ReadLogonInformation(logon.octets());
  if (information.ok()) {
    out.logon_name = std::move(information->logon_name);
    out.logon_domain = std::move(information->logon_domain);
    out.user_sid = std::move(information->user_sid);
    out.group_sids = std::move(information->group_sids);
  }
}

std::shared_ptr<const Credentials> TakeDelegated(krb5_context context,
                                                 const std::shared_ptr<ContextPool>& pool,
                                                 const ApRequest& request,
                                                 std::span<const uint8_t> delegated) {
  // Neither times nor numbers: the authenticator around it vouches for both.
  krb5_auth_con_setflags(context, request.auth.get(), 0);
  const krb5_data data = ViewOf(delegated);
  OwnedCredsList list(context);
  if (krb5_rd_cred(context, request.auth.get(), const_cast<krb5_data*>(&data), list.out(),
                   nullptr) != 0 ||
      !list || list.get()[0] == nullptr) {
    return nullptr;
  }
  auto store = CredentialStore::FromTicket(pool, context, *list.get()[0]);
  if (!store.ok()) {
    return nullptr;
  }
  return std::make_shared<InitiatorCredentials>(*std::move(store), InitiatorPolicy{});
}

}  // namespace

absl::StatusOr<TicketIdentity> ReadTicketIdentity(Workspace& workspace,
                                                  const std::shared_ptr<ContextPool>& pool,
                                                  const ApRequest& request,
                                                  std::span<const uint8_t> delegated) {
  krb5_context context = workspace.context;
  const krb5_enc_tkt_part& ticket = *request.ticket->enc_part2;
  TicketIdentity identity;
  EPA_ASSIGN_OR_RETURN(identity.claims.user, PrincipalText(context, ticket.client,
                                                           KRB5_PRINCIPAL_UNPARSE_NO_REALM |
                                                               KRB5_PRINCIPAL_UNPARSE_DISPLAY));
  identity.claims.domain = TextOf(ticket.client->realm);
  auto authorization = std::make_shared<AuthorizationData>();
  EPA_ASSIGN_OR_RETURN(authorization->principal, PrincipalText(context, ticket.client, 0));
  authorization->realm = identity.claims.domain;
  authorization->authentication_time = FileTimeOf(ticket.times.authtime);
  CollectPac(workspace, request, *authorization);
  if (!delegated.empty()) {
    authorization->delegated_credentials = TakeDelegated(context, pool, request, delegated);
  }
  if (krb5_principal_compare_any_realm(context, ticket.client, krb5_anonymous_principal())) {
    return identity;
  }
  if (IsGuestSid(authorization->user_sid)) {
    identity.identity = PeerIdentity::Guest();
    return identity;
  }
  AccountIdentity account;
  account.user = identity.claims.user;
  account.domain = account.dns_domain = authorization->realm;
  account.proof = authorization->has_verified_pac ? IdentityProof::kPac : IdentityProof::kTicket;
  account.authorization = std::move(authorization);
  identity.identity = PeerIdentity::Account(std::move(account));
  return identity;
}

}  // namespace epa::kerberos
