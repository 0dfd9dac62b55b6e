#include "providers/kerberos/initiator.h"

#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/request_work.h"

namespace epa::kerberos {

KerberosInitiator::KerberosInitiator(RequestOrder order, ExtendedProtectionEvidence evidence)
    : KerberosExchange(order.credentials->store().pool(), Party::kInitiator),
      order_(std::move(order)),
      evidence_(std::move(evidence)),
      mutual_(order_.credentials->policy().mutual_authentication) {}

KerberosInitiator::~KerberosInitiator() {
  if (auth_ == nullptr) {
    return;
  }
  if (const auto lease = pool()->Acquire(); lease.ok()) {
    krb5_auth_con_free(lease->context(), auth_);
  }
}

absl::StatusOr<MechanismResult> KerberosInitiator::Step(std::span<const uint8_t> token) {
  const State before = std::exchange(state_, State::kEnded);
  switch (before) {
    case State::kStart:
      return token.empty() ? Start() : Reject(Reason::kUnexpectedMessage);
    case State::kExpectReply:
      return OnReply(token);
    case State::kOrdered:
    case State::kVerified:
    case State::kEnded:
      break;
  }
  return Reject(Reason::kUnexpectedMessage);
}

absl::StatusOr<MechanismResult> KerberosInitiator::Start() {
  EPA_ASSIGN_OR_RETURN(ContextPool::Lease lease, pool()->Acquire());
  MadeRequest made(lease.context());
  if (auto result = MakeRequestAtOnce(lease.context(), order_, made); result.has_value()) {
    return Send(*std::move(result), made);
  }
  ordered_ = std::make_shared<OrderedRequest>(std::move(order_), std::move(lease));
  state_ = State::kOrdered;
  return MechanismResult::Pending(std::make_unique<RequestWork>(ordered_));
}

absl::StatusOr<MechanismResult> KerberosInitiator::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kOrdered || work == nullptr) {
    return absl::FailedPreconditionError("this work does not belong to this exchange");
  }
  state_ = State::kEnded;
  const auto ordered = std::exchange(ordered_, nullptr);
  return Send(ordered->TakeResult(), ordered->made());
}

absl::StatusOr<MechanismResult> KerberosInitiator::Send(MakingResult result, MadeRequest& made) {
  if (!result.ok() || result->outcome != MechanismResult::Outcome::kVerified) {
    return result;
  }
  auth_ = made.auth.Release();
  keys_ = std::move(made.keys);
  expiry_time_ = made.expiry_time;
  client_ = std::move(made.client);
  if (mutual_) {
    state_ = State::kExpectReply;
    return MechanismResult::Continue(std::move(made.token));
  }
  state_ = State::kVerified;
  return MechanismResult::Verified(std::move(made.token));
}

absl::StatusOr<MechanismResult> KerberosInitiator::OnReply(std::span<const uint8_t> token) {
  if (token.empty()) {
    return Reject(Reason::kMutualAuthenticationFailed, "the server sent no proof of its own");
  }
  if (token.size() > KerberosPackageInfo().max_token_size) {
    return Reject(Reason::kTokenTooLarge);
  }
  const auto framed = ReadFramedMessage(token);
  if (!framed.ok()) {
    return Reject(Reason::kMalformedToken, std::string(framed.status().message()));
  }
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool()->Acquire());
  krb5_context context = lease.context();
  const krb5_data data = ViewOf(framed->message);
  if (framed->kind == MessageKind::kError) {
    OwnedError error(context);
    if (krb5_rd_error(context, &data, error.out()) != 0) {
      return Reject(Reason::kMalformedToken, "the server's error message");
    }
    return Reject(
        Reason::kRefusedByPeer,
        ErrorText(context, static_cast<krb5_error_code>(error->error + ERROR_TABLE_BASE_krb5)));
  }
  if (framed->kind != MessageKind::kApRep) {
    return Reject(Reason::kUnexpectedMessage);
  }
  OwnedApRep reply(context);
  if (const krb5_error_code code = krb5_rd_rep(context, auth_, &data, reply.out()); code != 0) {
    return Reject(Reason::kMutualAuthenticationFailed, ErrorText(context, code));
  }
  EPA_RETURN_IF_ERROR(TakeReplyKeys(context, *reply.get()));
  if (!pool()->allow_weak_encryption() &&
      IsWeakEncryption(krb5_k_key_enctype(context, keys_.key.get()))) {
    return Reject(Reason::kEncryptionTypeRefused);
  }
  server_proved_ = true;
  state_ = State::kVerified;
  return MechanismResult::Verified();
}

absl::Status KerberosInitiator::TakeReplyKeys(krb5_context context,
                                              const krb5_ap_rep_enc_part& reply) {
  keys_.receive_sequence = static_cast<uint32_t>(reply.seq_number);
  if (reply.subkey == nullptr) {
    return absl::OkStatus();
  }
  keys_.acceptor_subkey = true;
  return FaultOf(context, krb5_k_create_key(context, reply.subkey, keys_.key.out()));
}

MechanismResult KerberosInitiator::Reject(Reason reason, std::string detail) {
  state_ = State::kEnded;
  return MechanismResult::Rejected(reason, std::move(detail));
}

}  // namespace epa::kerberos
