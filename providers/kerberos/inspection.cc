#include "providers/kerberos/inspection.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/principal_text.h"

namespace epa::kerberos {
namespace {

MechanismResult Refused(Reason reason, const absl::Status& why) {
  return MechanismResult::Rejected(reason, std::string(why.message()));
}

// Absent, zero, matching and different are four cases ([MS-KILE] 3.4.5). A client that says that
// it knows bindings and sends none had no channel, with or without a checksum.
void CollectBinding(const Channel& channel, const ClientChecksum& checksum,
                    const ClientClaims& claims, ExtendedProtectionEvidence& evidence) {
  if (!checksum.gss.has_value() || checksum.gss->binding.IsZero()) {
    evidence.binding =
        claims.knows_bindings ? BindingEvidence::kExplicitNone : BindingEvidence::kAbsent;
    return;
  }
  evidence.matched_binding = channel.Find(checksum.gss->binding);
  evidence.binding = evidence.matched_binding.has_value() ? BindingEvidence::kMatched
                                                          : BindingEvidence::kMismatched;
}

TargetNameVoucher VoucherOf(const ClientClaims& claims, const InspectionRules& rules) {
  if (claims.target_unverified) {
    return TargetNameVoucher::kUnsureClient;
  }
  if (claims.target.has_value()) {
    return TargetNameVoucher::kClient;
  }
  return rules.exclusive_key ? TargetNameVoucher::kExclusiveKey : TargetNameVoucher::kNobody;
}

// The client's own word, else the name in the ticket, which anybody on the way may have put there.
// What the keytab calls the key says nothing about what the client meant.
void CollectTargetName(const Workspace& workspace, const InspectionRules& rules,
                       ClientClaims& claims, Inspection& out) {
  ExtendedProtectionEvidence& evidence = out.evidence;
  evidence.target_name_voucher = VoucherOf(claims, rules);
  evidence.target_name =
      claims.target.has_value() ? std::move(claims.target) : PrincipalText(out.names.service());
  if (evidence.target_name_voucher == TargetNameVoucher::kExclusiveKey) {
    evidence.key_names = workspace.keys->names().Of(*out.request.ticket->server);
  }
}

}  // namespace

absl::StatusOr<MechanismResult> OpenRequest(Workspace& workspace, const InspectionRules& rules,
                                            std::span<const uint8_t> message, RequestUse use,
                                            Inspection& out) {
  auto names = ReadTicketNames(message);
  if (!names.ok()) {
    return Refused(Reason::kMalformedToken, names.status());
  }
  out.names = *std::move(names);
  EPA_RETURN_IF_ERROR(rules.keytab.Refresh(workspace));
  const ServiceFilter& wanted = rules.keytab.wanted();
  if (!wanted.takes_all()) {
    std::string service = PrincipalText(out.names.service());
    if (!wanted.Takes(service, out.names.realm)) {
      return MechanismResult::Rejected(Reason::kServiceNotAccepted, std::move(service));
    }
  }
  const krb5_error_code code =
      use == RequestUse::kInspection
          ? InspectApRequest(workspace, message, out.names, out.request)
          : CheckApRequest(workspace, message, out.names, use == RequestUse::kLoginInSharedCache,
                           out.request);
  if (code != 0) {
    return RejectionOf(workspace.context, code);
  }
  return !rules.allow_weak_encryption && UsesWeakEncryption(out.request)
             ? MechanismResult::Rejected(Reason::kEncryptionTypeRefused)
             : MechanismResult::Verified();
}

absl::StatusOr<MechanismResult> CollectEvidence(Workspace& workspace, const InspectionRules& rules,
                                                const Channel& channel, Inspection& out) {
  auto checksum = ReadChecksum(workspace.context, out.request);
  if (!checksum.ok()) {
    return Refused(
        absl::IsDataLoss(checksum.status()) ? Reason::kTicketInvalid : Reason::kMalformedToken,
        checksum.status());
  }
  out.checksum = *std::move(checksum);
  ClientClaims claims;
  if (!ReadClaims(out.request, claims)) {
    return MechanismResult::Rejected(Reason::kMalformedToken,
                                     "the authenticator's authorization data");
  }
  CollectBinding(channel, out.checksum, claims, out.evidence);
  CollectTargetName(workspace, rules, claims, out);
  const krb5_principal_data& client = *out.request.ticket->enc_part2->client;
  if (HasNul(client)) {
    return MechanismResult::Rejected(
        Reason::kTicketInvalid, "a NUL in the client's name: " + PrincipalTextWithRealm(client));
  }
  if (const absl::Status status = ReadTicketIdentity(workspace, out.request, out.identity);
      !status.ok()) {
    return Refused(Reason::kTicketInvalid, status);
  }
  out.evidence.pac = out.identity.pac;
  const bool named_by_ticket_alone =
      out.identity.kind == IdentityKind::kUser && out.identity.account.proof != IdentityProof::kPac;
  if (rules.require_pac && named_by_ticket_alone) {
    return MechanismResult::Rejected(Reason::kPacRequired);
  }
  return MechanismResult::Verified();
}

}  // namespace epa::kerberos
