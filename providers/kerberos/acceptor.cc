#include "providers/kerberos/acceptor.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/service_principal.h"
#include "providers/kerberos/ticket_identity.h"

namespace epa::kerberos {

absl::StatusOr<std::unique_ptr<Mechanism>> AcceptorCredentials::CreateAcceptor(
    const Channel& channel) const {
  auto self = std::static_pointer_cast<const AcceptorCredentials>(shared_from_this());
  return std::make_unique<KerberosAcceptor>(std::move(self), channel);
}

bool AcceptorCredentials::AcceptsService(const krb5_principal_data& server) const {
  if (services_.empty()) {
    return true;
  }
  const std::string name = absl::AsciiStrToLower(PrincipalName(server));
  const std::string with_realm = name + "@" + absl::AsciiStrToLower(TextOf(server.realm));
  return std::ranges::any_of(services_, [&](const std::string& service) {
    return service == name || service == with_realm;
  });
}

absl::StatusOr<bool> AcceptorCredentials::StoreAuthenticator(krb5_context context,
                                                             const ApRequest& request) const {
  if (replay_cache_ != ReplayCache::kInProcess) {
    return true;
  }
  krb5_timestamp now = 0;
  EPA_RETURN_IF_ERROR(FaultOf(context, krb5_timeofday(context, &now)));
  EPA_ASSIGN_OR_RETURN(const auto tag, ReplayTag(request));
  // An authenticator from a clock that is ahead stays good for twice the skew.
  return seen_.Store(tag, static_cast<uint32_t>(now), 2 * int64_t{pool_->clock_skew()});
}

absl::StatusOr<MechanismResult> KerberosAcceptor::Step(std::span<const uint8_t> token) {
  if (state_ != State::kExpectRequest) {
    return Reject(Reason::kUnexpectedMessage);
  }
  if (token.size() > KerberosPackageInfo().max_token_size) {
    return Reject(Reason::kTokenTooLarge);
  }
  const auto framed = ReadFramedMessage(token);
  if (!framed.ok()) {
    return Reject(Reason::kMalformedToken, std::string(framed.status().message()));
  }
  if (framed->kind != MessageKind::kApReq) {
    return Reject(Reason::kUnexpectedMessage);
  }
  auto result = OnRequest(*framed);
  const bool verified = result.ok() && result->outcome == MechanismResult::Outcome::kVerified;
  state_ = verified ? State::kVerified : State::kEnded;
  return result;
}

absl::StatusOr<MechanismResult> KerberosAcceptor::Resume(std::unique_ptr<PendingWork>) {
  return absl::FailedPreconditionError("a Kerberos acceptor has no pending work");
}

absl::StatusOr<MechanismResult> KerberosAcceptor::OnRequest(const FramedMessage& framed) {
  const auto names = ReadTicketNames(framed.message);
  if (!names.ok()) {
    return Reject(Reason::kMalformedToken, std::string(names.status().message()));
  }
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool()->Acquire());
  EPA_RETURN_IF_ERROR(credentials_->keytab().Refresh(lease.workspace()));
  ApRequest request(lease.context());
  const krb5_error_code code =
      CheckApRequest(lease.context(), lease.workspace().keytab, framed.message, *names,
                     credentials_->shared_replay_cache(), request);
  if (code != 0) {
    return RejectionOf(lease.context(), code);
  }
  if (!pool()->allow_weak_encryption() && UsesWeakEncryption(request)) {
    return Reject(Reason::kEncryptionTypeRefused);
  }
  if (!credentials_->AcceptsService(*request.ticket->server)) {
    return Reject(Reason::kServiceNotAccepted, PrincipalName(*request.ticket->server));
  }
  EPA_ASSIGN_OR_RETURN(const bool fresh,
                       credentials_->StoreAuthenticator(lease.context(), request));
  if (!fresh) {
    return Reject(Reason::kReplay);
  }
  const auto checksum = ReadChecksum(lease.context(), request);
  if (!checksum.ok()) {
    return Reject(
        absl::IsDataLoss(checksum.status()) ? Reason::kTicketInvalid : Reason::kMalformedToken,
        std::string(checksum.status().message()));
  }
  if ((checksum->flags & kDceStyle) != 0) {
    return Reject(Reason::kUnsupportedMechanism, "a third message (DCE style) is not offered");
  }
  ClientClaims claims;
  if (!ReadClaims(lease.context(), request, claims)) {
    return Reject(Reason::kMalformedToken, "the authenticator's authorization data");
  }
  CollectBinding(*checksum, claims);
  evidence_.target_name =
      claims.target.has_value() ? *claims.target : PrincipalName(*request.ticket->server);
  evidence_.target_name_trusted = !claims.target_unverified;
  EPA_RETURN_IF_ERROR(CollectIdentity(lease.workspace(), request, *checksum));
  keys_.flags = checksum->flags;
  return Accept(lease.context(), request, framed.frame);
}

// Absent, zero, matching and different are four cases ([MS-KILE] 3.4.5). A client that says that
// it knows bindings and sends none had no channel, with or without a checksum.
void KerberosAcceptor::CollectBinding(const ClientChecksum& checksum, const ClientClaims& claims) {
  if (!checksum.gss.has_value() || checksum.gss->binding.IsZero()) {
    evidence_.binding =
        claims.knows_bindings ? BindingEvidence::kExplicitNone : BindingEvidence::kAbsent;
    return;
  }
  evidence_.matched_binding = channel_.Find(checksum.gss->binding);
  evidence_.binding = evidence_.matched_binding.has_value() ? BindingEvidence::kMatched
                                                            : BindingEvidence::kMismatched;
}

absl::Status KerberosAcceptor::CollectIdentity(Workspace& workspace, const ApRequest& request,
                                               const ClientChecksum& checksum) {
  const bool delegates = checksum.gss.has_value() && !checksum.gss->delegated.empty();
  EPA_ASSIGN_OR_RETURN(
      TicketIdentity found,
      ReadTicketIdentity(workspace, pool(), request,
                         delegates ? checksum.gss->delegated : std::span<const uint8_t>()));
  identity_ = std::move(found.identity);
  claims_ = std::move(found.claims);
  expiry_time_ = FileTimeOf(request.ticket->enc_part2->times.endtime);
  return absl::OkStatus();
}

absl::StatusOr<MechanismResult> KerberosAcceptor::Accept(krb5_context context,
                                                         const ApRequest& request, Frame frame) {
  const bool mutual = (keys_.flags & kMutual) != 0;
  std::vector<uint8_t> token;
  if (mutual) {
    // The reply carries a key of our own making.
    krb5_auth_con_setflags(context, request.auth.get(),
                           KRB5_AUTH_CONTEXT_DO_SEQUENCE | KRB5_AUTH_CONTEXT_USE_SUBKEY);
    OwnedData reply(context);
    EPA_RETURN_IF_ERROR(FaultOf(context, krb5_mk_rep(context, request.auth.get(), reply.out())));
    token = WriteFramedMessage(frame, MessageKind::kApRep, reply.octets());
  }
  EPA_RETURN_IF_ERROR(TakeKeys(context, request, mutual));
  return MechanismResult::Verified(std::move(token));
}

// RFC 4121 2: the acceptor's subkey, else the initiator's, else the session key.
absl::Status KerberosAcceptor::TakeKeys(krb5_context context, const ApRequest& request,
                                        bool mutual) {
  krb5_auth_context auth = request.auth.get();
  krb5_error_code code = mutual ? krb5_auth_con_getsendsubkey_k(context, auth, keys_.key.out())
                                : krb5_auth_con_getrecvsubkey_k(context, auth, keys_.key.out());
  keys_.acceptor_subkey = mutual;
  if (code == 0 && !keys_.key) {
    code = krb5_auth_con_getkey_k(context, auth, keys_.key.out());
  }
  krb5_int32 sequence = 0;
  if (code == 0) {
    code = krb5_auth_con_getremoteseqnumber(context, auth, &sequence);
    keys_.receive_sequence = static_cast<uint32_t>(sequence);
  }
  if (code == 0 && mutual) {
    code = krb5_auth_con_getlocalseqnumber(context, auth, &sequence);
  }
  // Without a reply both directions start at the initiator's number.
  keys_.send_sequence = static_cast<uint32_t>(sequence);
  return FaultOf(context, code);
}

MechanismResult KerberosAcceptor::Reject(Reason reason, std::string detail) {
  state_ = State::kEnded;
  return MechanismResult::Rejected(reason, std::move(detail));
}

}  // namespace epa::kerberos
