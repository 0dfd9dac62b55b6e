#include "providers/kerberos/ticket_pac.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/authorization_data.h"
#include "providers/kerberos/principal_text.h"
#include "providers/kerberos/ticket_identity.h"

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

// What libkrb5 verifies, too, of a PAC that is as most are. With one that is not libkrb5 is asked.
bool HoldsAtOnce(OpenedTicket& opened, const PacBuffers& buffers, std::span<const uint8_t> octets) {
  if (opened.signed_pac == octets.data()) {
    return true;
  }
  const auto client = ReadClientInformation(buffers.client_information);
  const krb5_enc_tkt_part& ticket = opened.fields.part;
  if (!client.has_value() ||
      client->authentication_time / kTicksPerSecond !=
          FileTimeOf(ticket.times.authtime) / kTicksPerSecond ||
      client->name != PrincipalText(*ticket.client)) {
    return false;
  }
  // [MS-PAC] 2.8.1: over the whole PAC, with zeros in place of both signatures.
  constexpr size_t kTypeSize = 4;
  std::vector<uint8_t> signed_octets(octets.begin(), octets.end());
  for (const auto signature : {buffers.server_signature, buffers.kdc_signature}) {
    if (signature.size() < kTypeSize) {
      return false;
    }
    const auto begin = static_cast<size_t>(signature.data() - octets.data());
    std::ranges::fill(
        std::span(signed_octets).subspan(begin + kTypeSize, signature.size() - kTypeSize),
        uint8_t{0});
  }
  if (!opened.key->HasSigned(signed_octets, buffers.server_signature)) {
    return false;
  }
  opened.signed_pac = octets.data();
  return true;
}

absl::Status ReadLogon(std::span<const uint8_t> octets, TicketPac& out) {
  EPA_ASSIGN_OR_RETURN(out.logon, ReadLogonInformation(octets));
  return absl::OkStatus();
}

absl::Status ReadPac(Workspace& workspace, const ApRequest& request,
                     std::span<const uint8_t> octets, TicketPac& out) {
  PacBuffers buffers;
  if (request.opened != nullptr && ReadPacBuffers(octets, buffers) &&
      HoldsAtOnce(*request.opened->ticket, buffers, octets)) {
    out.evidence = PacEvidence::kVerified;
    return buffers.logon_information.empty() ? absl::OkStatus()
                                             : ReadLogon(buffers.logon_information, out);
  }
  krb5_context context = workspace.context;
  OwnedPac pac(context);
  out.evidence = PacEvidence::kInvalid;
  if (krb5_pac_parse(context, octets.data(), octets.size(), pac.out()) != 0 ||
      !Verifies(workspace, *request.ticket, pac.get())) {
    return absl::OkStatus();
  }
  out.evidence = PacEvidence::kVerified;
  OwnedData logon(context);
  if (krb5_pac_get_buffer(context, pac.get(), KRB5_PAC_LOGON_INFO, logon.out()) == 0) {
    return ReadLogon(logon.octets(), out);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TicketPac> ReadTicketPac(Workspace& workspace, const ApRequest& request) {
  const krb5_ticket& ticket = *request.ticket;
  TicketPac result;
  absl::Status status;
  // A KDC may add what the client put beside its own: the one that verifies counts.
  const auto visit = [&](int32_t type, std::span<const uint8_t> octets) {
    if (type == KRB5_AUTHDATA_WIN2K_PAC) {
      status = ReadPac(workspace, request, octets, result);
    }
    return status.ok() && result.evidence != PacEvidence::kVerified;
  };
  const bool read = VisitAuthorizationData(ticket.enc_part2->authorization_data, visit);
  EPA_RETURN_IF_ERROR(status);
  if (!read && result.evidence != PacEvidence::kVerified) {
    return absl::InvalidArgumentError("the ticket's authorization data");
  }
  return result;
}

}  // namespace epa::kerberos
