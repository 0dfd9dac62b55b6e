#include "providers/kerberos/acceptor.h"

#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/delegation.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/request_check.h"
#include "providers/kerberos/ticket_identity.h"

namespace epa::kerberos {

absl::StatusOr<std::unique_ptr<Mechanism>> AcceptorCredentials::CreateAcceptor(
    const Channel& channel) const {
  auto self = std::static_pointer_cast<const AcceptorCredentials>(shared_from_this());
  return std::make_unique<KerberosAcceptor>(std::move(self), channel);
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
  return OnRequest(*framed);
}

absl::StatusOr<MechanismResult> KerberosAcceptor::OnRequest(const FramedMessage& framed) {
  state_ = State::kEnded;
  EPA_ASSIGN_OR_RETURN(ContextPool::Lease lease, pool()->Acquire());
  if (credentials_->shared_replay_cache()) {
    check_ = std::make_shared<RequestCheck>(credentials_, std::move(lease), framed);
    state_ = State::kChecking;
    return MechanismResult::Pending(std::make_unique<RequestCheckWork>(check_));
  }
  Inspection inspection(lease.context());
  auto opened = OpenRequest(lease.workspace(), credentials_->rules(), framed.message,
                            RequestUse::kLogin, inspection);
  return OnOpened(std::move(opened), lease.workspace(), inspection, framed.frame);
}

absl::StatusOr<MechanismResult> KerberosAcceptor::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kChecking || work == nullptr) {
    return absl::FailedPreconditionError("this work does not belong to this exchange");
  }
  state_ = State::kEnded;
  const auto check = std::exchange(check_, nullptr);
  return OnOpened(check->TakeResult(), check->workspace(), check->inspection(), check->frame());
}

absl::StatusOr<MechanismResult> KerberosAcceptor::OnOpened(absl::StatusOr<MechanismResult> opened,
                                                           Workspace& workspace,
                                                           Inspection& inspection, Frame frame) {
  if (!opened.ok() || opened->outcome != MechanismResult::Outcome::kVerified) {
    return opened;
  }
  auto result = Judge(workspace, inspection, frame);
  if (result.ok() && result->outcome == MechanismResult::Outcome::kVerified) {
    state_ = State::kVerified;
  }
  return result;
}

absl::StatusOr<MechanismResult> KerberosAcceptor::Judge(Workspace& workspace,
                                                        Inspection& inspection, Frame frame) {
  EPA_ASSIGN_OR_RETURN(MechanismResult found,
                       CollectEvidence(workspace, credentials_->rules(), channel_, inspection));
  claims_ = std::move(inspection.identity.claims);
  evidence_ = std::move(inspection.evidence);
  if (found.outcome != MechanismResult::Outcome::kVerified) {
    return found;
  }
  const ApRequest& request = inspection.request;
  EPA_ASSIGN_OR_RETURN(const bool fresh,
                       credentials_->StoreAuthenticator(workspace.context, request));
  if (!fresh) {
    return Reject(Reason::kReplay);
  }
  if ((inspection.checksum.flags & kDceStyle) != 0) {
    return Reject(Reason::kUnsupportedMechanism, "a third message (DCE style) is not offered");
  }
  keys_.flags = inspection.checksum.flags;
  expiry_time_ = FileTimeOf(request.ticket->enc_part2->times.endtime);
  TakeIdentity(workspace.context, inspection);
  return Accept(workspace.context, request, frame);
}

void KerberosAcceptor::TakeIdentity(krb5_context context, Inspection& inspection) {
  TicketIdentity& found = inspection.identity;
  if (inspection.checksum.gss.has_value() && !inspection.checksum.gss->delegated.empty()) {
    found.authorization->delegated_credentials =
        TakeDelegated(context, pool(), inspection.request, inspection.checksum.gss->delegated);
  }
  identity_ = PeerOf(std::move(found));
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
