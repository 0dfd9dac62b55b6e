#include "providers/kerberos/initiator.h"

#include <utility>

#include "absl/status/status.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "providers/kerberos/ap_options.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/principal_text.h"
#include "providers/kerberos/request_checksum.h"
#include "providers/kerberos/service_principal.h"
#include "providers/kerberos/ticket_identity.h"
#include "providers/kerberos/ticket_work.h"

namespace epa::kerberos {
namespace {

constexpr uint32_t kAlwaysAsked = kReplayDetection | kSequence;

krb5_authdata Claim(krb5_authdatatype type, std::span<const uint8_t> octets) {
  krb5_authdata claim = {};
  claim.magic = KV5M_AUTHDATA;
  claim.ad_type = type;
  claim.length = static_cast<unsigned int>(octets.size());
  claim.contents = const_cast<krb5_octet*>(octets.data());
  return claim;
}

}  // namespace

KerberosInitiator::KerberosInitiator(std::shared_ptr<const InitiatorCredentials> credentials,
                                     ServicePrincipalName target, RequestClaims claims,
                                     ExtendedProtectionEvidence evidence)
    : KerberosExchange(credentials->store().pool(), Party::kInitiator),
      credentials_(std::move(credentials)),
      target_(std::move(target)),
      claims_(std::move(claims)),
      evidence_(std::move(evidence)) {
  claims_.flags |= kAlwaysAsked;
}

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
    case State::kFetching:
    case State::kVerified:
    case State::kEnded:
      break;
  }
  return Reject(Reason::kUnexpectedMessage);
}

absl::StatusOr<MechanismResult> KerberosInitiator::Start() {
  CredentialStore& store = credentials_->store();
  EPA_ASSIGN_OR_RETURN(ContextPool::Lease lease, pool()->Acquire());
  OwnedPrincipal server(lease.context());
  EPA_RETURN_IF_ERROR(FaultOf(
      lease.context(), MakeServicePrincipal(lease.context(), target_,
                                            credentials_->policy().port_in_principal, server)));
  OwnedCreds ticket(lease.context());
  if (store.Find(lease.context(), server.get(), ticket) == 0) {
    return SendRequest(lease.context(), *ticket.get());
  }
  question_ = std::make_shared<TicketQuestion>(credentials_, std::move(lease), std::move(server));
  state_ = State::kFetching;
  return MechanismResult::Pending(std::make_unique<TicketWork>(question_));
}

absl::StatusOr<MechanismResult> KerberosInitiator::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kFetching || work == nullptr) {
    return absl::FailedPreconditionError("this work does not belong to this exchange");
  }
  state_ = State::kEnded;
  const auto question = std::exchange(question_, nullptr);
  if (!question->asked()) {
    return absl::UnavailableError("the pending work was not run");
  }
  if (question->code() != 0) {
    return RejectionOf(question->context(), question->code());
  }
  return SendRequest(question->context(), question->ticket());
}

// One container, as Windows writes it and looks for it ([MS-KILE] 3.2.5.8).
absl::Status KerberosInitiator::AddClaims(krb5_context context, krb5_creds& ticket) const {
  ByteWriter options;
  std::vector<uint8_t> target;
  std::array<krb5_authdata, 2> claims = {};
  std::array<krb5_authdata*, 3> list = {};
  size_t count = 0;
  if (claims_.target.has_value()) {
    const std::string realm = TextOf(ticket.server->realm);
    auto utf16 = Utf8ToUtf16Le(*claims_.target + "@" + realm);
    if (!utf16.has_value()) {
      return absl::InvalidArgumentError("the target name is not UTF-8");
    }
    target = *std::move(utf16);
    claims[count] = Claim(kAuthDataClientTarget, target);
    list[count] = &claims[count];
    ++count;
  }
  if (claims_.ap_options.has_value()) {
    options.WriteU32(*claims_.ap_options);
    claims[count] = Claim(kAuthDataApOptions, options.written());
    list[count] = &claims[count];
    ++count;
  }
  // The ticket's own, if any, went to the KDC.
  krb5_free_authdata(context, std::exchange(ticket.authdata, nullptr));
  if (count == 0) {
    return absl::OkStatus();
  }
  return FaultOf(context, krb5_encode_authdata_container(context, KRB5_AUTHDATA_IF_RELEVANT,
                                                         list.data(), &ticket.authdata));
}

absl::StatusOr<MechanismResult> KerberosInitiator::SendRequest(krb5_context context,
                                                               krb5_creds& ticket) {
  const InitiatorPolicy& policy = credentials_->policy();
  if (!pool()->allow_weak_encryption() && IsWeakEncryption(ticket.keyblock.enctype)) {
    return Reject(Reason::kEncryptionTypeRefused);
  }
  EPA_RETURN_IF_ERROR(AddClaims(context, ticket));
  EPA_ASSIGN_OR_RETURN(const OwnedCache cache, credentials_->store().OpenCache(context));
  RequestChecksum checksum;
  checksum.fields.binding = claims_.binding;
  checksum.fields.flags = claims_.flags | (policy.mutual_authentication ? kMutual : 0u);
  checksum.ticket = &ticket;
  checksum.cache = policy.delegate && (ticket.ticket_flags & TKT_FLG_OK_AS_DELEGATE) != 0
                       ? cache.get()
                       : nullptr;
  EPA_RETURN_IF_ERROR(FaultOf(context, krb5_auth_con_init(context, &auth_)));
  krb5_auth_con_setflags(context, auth_, KRB5_AUTH_CONTEXT_DO_SEQUENCE);
  krb5_auth_con_set_req_cksumtype(context, auth_, kGssChecksumType);
  krb5_auth_con_set_checksum_func(context, auth_, &WriteRequestChecksum, &checksum);
  OwnedData message(context);
  const krb5_flags options =
      AP_OPTS_USE_SUBKEY | (policy.mutual_authentication ? AP_OPTS_MUTUAL_REQUIRED : 0);
  const krb5_error_code code =
      krb5_mk_req_extended(context, &auth_, options, nullptr, &ticket, message.out());
  krb5_auth_con_set_checksum_func(context, auth_, nullptr, nullptr);
  if (code != 0) {
    return RejectionOf(context, code);
  }
  keys_.flags = checksum.fields.flags;
  EPA_RETURN_IF_ERROR(TakeSentKeys(context));
  expiry_time_ = FileTimeOf(ticket.times.endtime);
  client_ = NameOfClient(context, ticket.client);
  auto token = WriteFramedMessage(Frame::kKerberos, MessageKind::kApReq, message.octets());
  if (policy.mutual_authentication) {
    state_ = State::kExpectReply;
    return MechanismResult::Continue(std::move(token));
  }
  state_ = State::kVerified;
  return MechanismResult::Verified(std::move(token));
}

absl::Status KerberosInitiator::TakeSentKeys(krb5_context context) {
  krb5_int32 sequence = 0;
  krb5_error_code code = krb5_auth_con_getsendsubkey_k(context, auth_, keys_.key.out());
  if (code == 0) {
    code = krb5_auth_con_getlocalseqnumber(context, auth_, &sequence);
  }
  keys_.send_sequence = static_cast<uint32_t>(sequence);
  keys_.receive_sequence = keys_.send_sequence;
  return FaultOf(context, code);
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
