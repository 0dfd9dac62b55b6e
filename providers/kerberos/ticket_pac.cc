#include "providers/kerberos/ticket_pac.h"

#include <utility>

#include "lib/base/status_macros.h"

namespace epa::kerberos {
namespace {

bool SignatureHolds(krb5_context context, const krb5_ticket& ticket, krb5_pac pac,
                    const krb5_keyblock& key) {
  return krb5_pac_verify(context, pac, ticket.enc_part2->times.authtime, ticket.enc_part2->client,
                         &key, nullptr) == 0;
}

// A ticket under a name that the keytab does not have is opened by a key of any version.
bool HoldsWithAnyVersion(Workspace& workspace, const krb5_ticket& ticket, krb5_pac pac) {
  krb5_context context = workspace.context;
  krb5_kt_cursor cursor = nullptr;
  if (krb5_kt_start_seq_get(context, workspace.keytab, &cursor) != 0) {
    return false;
  }
  bool holds = false;
  krb5_keytab_entry entry;
  while (!holds && krb5_kt_next_entry(context, workspace.keytab, &entry, &cursor) == 0) {
    holds = krb5_principal_compare(context, entry.principal, ticket.server) &&
            SignatureHolds(context, ticket, pac, entry.key);
    krb5_free_keytab_entry_contents(context, &entry);
  }
  krb5_kt_end_seq_get(context, workspace.keytab, &cursor);
  return holds;
}

bool Verifies(Workspace& workspace, const krb5_ticket& ticket, krb5_pac pac) {
  krb5_context context = workspace.context;
  krb5_keytab_entry entry;
  if (krb5_kt_get_entry(context, workspace.keytab, ticket.server, ticket.enc_part.kvno,
                        ticket.enc_part.enctype, &entry) != 0) {
    return HoldsWithAnyVersion(workspace, ticket, pac);
  }
  const bool holds = SignatureHolds(context, ticket, pac, entry.key);
  krb5_free_keytab_entry_contents(context, &entry);
  return holds;
}

}  // namespace

absl::StatusOr<TicketPac> ReadTicketPac(Workspace& workspace, const ApRequest& request) {
  krb5_context context = workspace.context;
  const krb5_ticket& ticket = *request.ticket.get();
  TicketPac result;
  OwnedAuthData found(context);
  if (krb5_find_authdata(context, ticket.enc_part2->authorization_data, nullptr,
                         KRB5_AUTHDATA_WIN2K_PAC, found.out()) != 0 ||
      !found) {
    return result;
  }
  // A KDC may add what the client put beside its own: the one that verifies counts.
  for (krb5_authdata** each = found.get();
       *each != nullptr && result.evidence != PacEvidence::kVerified; ++each) {
    const auto octets = OctetsOf(**each);
    OwnedPac pac(context);
    result.evidence = PacEvidence::kInvalid;
    if (krb5_pac_parse(context, octets.data(), octets.size(), pac.out()) != 0 ||
        !Verifies(workspace, ticket, pac.get())) {
      continue;
    }
    result.evidence = PacEvidence::kVerified;
    OwnedData logon(context);
    if (krb5_pac_get_buffer(context, pac.get(), KRB5_PAC_LOGON_INFO, logon.out()) == 0) {
      EPA_ASSIGN_OR_RETURN(result.logon, ReadLogonInformation(logon.octets()));
    }
  }
  return result;
}

}  // namespace epa::kerberos
