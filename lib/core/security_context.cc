#include "epa/core/security_context.h"

#include <new>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"

namespace epa {
namespace {

absl::Status CheckOptions(const AcceptOptions& options) {
  if (options.credentials == nullptr || options.policy == nullptr) {
    return absl::InvalidArgumentError("an acceptor needs credentials and a policy");
  }
  if (!options.channel.has_value()) {
    return absl::InvalidArgumentError(
        "an acceptor needs the connection's channel: TLS with its bindings, a trusted proxy, or "
        "plain");
  }
  EPA_RETURN_IF_ERROR(CheckAudit(*options.policy, options.audit));
  return options.policy->CheckChannel(options.channel->kind());
}

// A CREDENTIAL_TARGET_INFORMATION marshalled into a name begins so: a server reached by the first
// part, a name made up of the second (CVE-2025-33073).
constexpr std::string_view kMarshalledTarget = "1UWhRCA";

}  // namespace

absl::StatusOr<std::unique_ptr<SecurityContext>> SecurityContext::Accept(AcceptOptions options) {
  EPA_RETURN_IF_ERROR(CheckOptions(options));
  auto acceptance = std::make_unique<Acceptance>();
  acceptance->policy = std::move(options.policy);
  acceptance->audit = std::move(options.audit);
  acceptance->connection = std::move(options.connection);
  acceptance->clock = options.clock != nullptr ? options.clock : &SystemClock();
  acceptance->owner = std::move(options.owner);
  std::unique_ptr<SecurityContext> context(
      new SecurityContext(std::move(acceptance), *std::move(options.channel)));
  EPA_ASSIGN_OR_RETURN(context->mechanism_, options.credentials->CreateAcceptor(context->channel_));
  return context;
}

absl::StatusOr<std::unique_ptr<SecurityContext>> SecurityContext::Initiate(
    InitiateOptions options) {
  if (options.credentials == nullptr) {
    return absl::InvalidArgumentError("an initiator needs credentials");
  }
  if (!options.channel.has_value()) {
    return absl::InvalidArgumentError("an initiator needs the connection's channel");
  }
  if (options.parameters.target_name.find(kMarshalledTarget) != std::string::npos) {
    return absl::InvalidArgumentError("the target name carries marshalled target information");
  }
  std::unique_ptr<SecurityContext> context(
      new SecurityContext(nullptr, *std::move(options.channel)));
  EPA_ASSIGN_OR_RETURN(context->mechanism_, options.credentials->CreateInitiator(
                                                context->channel_, std::move(options.parameters)));
  return context;
}

SecurityContext::SecurityContext(std::unique_ptr<Acceptance> acceptance, Channel channel)
    : acceptor_(acceptance != nullptr),
      acceptance_(std::move(acceptance)),
      channel_(std::move(channel)) {}

SecurityContext::~SecurityContext() {
  if (state_ == State::kExchanging || state_ == State::kPending) {
    reason_ = Reason::kAbandoned;
    try {
      Audit(AuditOutcome::kAbandoned);
    } catch (const std::bad_alloc&) {
      // No memory for the event, and nobody to tell.
    }
  }
}

absl::StatusOr<StepResult> SecurityContext::Step(std::span<const uint8_t> token) {
  if (state_ != State::kFresh && state_ != State::kExchanging) {
    return absl::FailedPreconditionError(state_ == State::kPending
                                             ? "the exchange waits for its pending work"
                                             : "the exchange has ended");
  }
  state_ = State::kExchanging;
  return Conclude(mechanism_->Step(token));
}

absl::StatusOr<StepResult> SecurityContext::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  state_ = State::kExchanging;
  return Conclude(mechanism_->Resume(std::move(work)));
}

absl::Status SecurityContext::SetChannel(Channel channel) {
  if (acceptor_ || channel_.has_bindings() ||
      (state_ != State::kFresh && state_ != State::kExchanging)) {
    return absl::FailedPreconditionError("the channel of this exchange is settled");
  }
  channel_ = std::move(channel);
  return absl::OkStatus();
}

absl::StatusOr<StepResult> SecurityContext::Conclude(absl::StatusOr<MechanismResult> result) {
  if (!result.ok()) {
    state_ = State::kEnded;
    reason_ = absl::IsUnavailable(result.status()) ? Reason::kAuthorityUnavailable
                                                   : Reason::kInternalFault;
    detail_ = std::string(result.status().message());
    Audit(AuditOutcome::kFault);
    return result.status();
  }
  switch (result->outcome) {
    case MechanismResult::Outcome::kContinue:
      return Continue(*std::move(result));
    case MechanismResult::Outcome::kPending: {
      state_ = State::kPending;
      StepResult step;
      step.state = StepState::kPending;
      step.status = SecurityStatus::kContinueNeeded;
      step.pending_work = std::move(result->work);
      return step;
    }
    case MechanismResult::Outcome::kProven:
    case MechanismResult::Outcome::kVerified: {
      const Reason refusal = Decide();
      if (refusal != Reason::kNone) {
        // The mechanism's token tells of success: it stays here.
        return Reject(MechanismResult::Rejected(refusal));
      }
      return result->outcome == MechanismResult::Outcome::kProven ? Continue(*std::move(result))
                                                                  : Establish(*std::move(result));
    }
    case MechanismResult::Outcome::kRejected:
      return Reject(*std::move(result));
  }
  return absl::InternalError("unknown outcome");
}

Reason SecurityContext::Decide() {
  if (!acceptor_) {
    return Reason::kNone;
  }
  if (acceptance_ == nullptr) {
    return Reason::kInternalFault;
  }
  const PeerIdentity& peer = mechanism_->identity();
  decision_ = EvaluateExtendedProtection(*acceptance_->policy, channel_, peer.kind(),
                                         mechanism_->evidence());
  if (!decision_.accepted) {
    return decision_.reason;
  }
  if (acceptance_->owner.has_value() && !SameIdentity(*acceptance_->owner, peer)) {
    return Reason::kConnectionOwnerDiffers;
  }
  return Reason::kNone;
}

StepResult SecurityContext::Continue(MechanismResult result) {
  StepResult step;
  step.state = StepState::kContinue;
  step.status = SecurityStatus::kContinueNeeded;
  step.token = std::move(result.token);
  return step;
}

StepResult SecurityContext::Establish(MechanismResult result) {
  reason_ = decision_.reason;
  state_ = State::kEstablished;
  Audit(AuditOutcome::kAccepted);
  StepResult step;
  step.state = StepState::kEstablished;
  step.token = std::move(result.token);
  return step;
}

StepResult SecurityContext::Reject(MechanismResult result) {
  state_ = State::kEnded;
  reason_ = result.reason;
  detail_ = std::move(result.detail);
  Audit(AuditOutcome::kRefused);
  StepResult step;
  step.state = StepState::kRejected;
  step.status = StatusOf(reason_);
  step.token = std::move(result.token);
  return step;
}

void SecurityContext::Audit(AuditOutcome outcome) {
  const std::unique_ptr<Acceptance> acceptance = std::move(acceptance_);
  if (acceptance == nullptr || acceptance->audit == NoAudit()) {
    return;
  }
  const ExtendedProtectionEvidence& evidence = mechanism_->evidence();
  const bool decided = decision_.reason != Reason::kNone;
  AuditEvent event;
  event.time = acceptance->clock->Now();
  event.outcome = outcome;
  event.reason = reason_;
  event.status = outcome == AuditOutcome::kAccepted ? SecurityStatus::kOk : StatusOf(reason_);
  event.detail = detail_;
  event.connection = acceptance->connection;
  event.package = std::string(mechanism_->package_name());
  event.negotiation = mechanism_->negotiation();
  event.claims = mechanism_->claims();
  if (decided) {
    const PeerIdentity& peer = mechanism_->identity();
    event.identity = peer.kind();
    if (const AccountIdentity* const account = peer.account()) {
      event.identity_verified = true;
      event.user = account->user;
      event.domain = account->domain;
    }
  }
  event.channel = channel_.kind();
  event.mode = acceptance->policy->mode();
  event.audit_only = acceptance->policy->audit_only();
  event.binding = evidence.binding;
  if (evidence.matched_binding.has_value() &&
      *evidence.matched_binding < channel_.bindings().size()) {
    event.matched_binding = channel_.bindings()[*evidence.matched_binding].type();
  }
  event.target_name = evidence.target_name;
  event.target_name_voucher = evidence.target_name_voucher;
  event.mic = evidence.mic;
  event.pac = evidence.pac;
  if (decided) {
    event.accepted_if_required = decision_.accepted_if_required;
    event.reason_if_required = decision_.reason_if_required;
  }
  if (outcome == AuditOutcome::kRefused && event.status == SecurityStatus::kBadBindings) {
    event.windows_event = BadBindingsEvent({.user = event.user,
                                            .domain = event.domain,
                                            .workstation = event.claims.workstation,
                                            .package = event.package,
                                            .connection = event.connection});
  }
  acceptance->audit->OnEvent(event);
}

absl::Status SecurityContext::RequireEstablished() const {
  return established() ? absl::OkStatus()
                       : absl::FailedPreconditionError("the security context is not established");
}

absl::StatusOr<PeerIdentity> SecurityContext::peer() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  if (!acceptor_) {
    return absl::FailedPreconditionError("a client knows its peer by server()");
  }
  return mechanism_->identity();
}

absl::StatusOr<ServerIdentity> SecurityContext::server() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  if (acceptor_) {
    return absl::FailedPreconditionError("a server knows its peer by peer()");
  }
  const ExtendedProtectionEvidence& sent = mechanism_->evidence();
  ServerIdentity server;
  server.target_name = sent.target_name.value_or("");
  server.mutually_authenticated = mechanism_->server_proved();
  server.bound_to_channel = sent.binding == BindingEvidence::kMatched;
  server.claims = mechanism_->claims();
  return server;
}

absl::StatusOr<bool> SecurityContext::anonymous() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  return acceptor_ ? mechanism_->identity().kind() == IdentityKind::kAnonymous
                   : mechanism_->anonymous();
}

absl::StatusOr<InitiatorName> SecurityContext::initiator_name() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  if (acceptor_) {
    return absl::FailedPreconditionError("an acceptor knows its peer's name, not its own");
  }
  return mechanism_->initiator_name();
}

absl::StatusOr<std::string_view> SecurityContext::package_name() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  return mechanism_->package_name();
}

absl::StatusOr<ExtendedProtectionEvidence> SecurityContext::evidence() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  return mechanism_->evidence();
}

absl::StatusOr<FileTime> SecurityContext::expiry_time() const {
  if (acceptor_) {
    EPA_RETURN_IF_ERROR(RequireEstablished());
  }
  return mechanism_->expiry_time();
}

absl::StatusOr<ExtendedProtectionDecision> SecurityContext::extended_protection() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  if (!acceptor_) {
    return absl::FailedPreconditionError("only an acceptor decides on extended protection");
  }
  return decision_;
}

BindingEvidence SecurityContext::binding_evidence() const {
  return decision_.reason != Reason::kNone ? mechanism_->evidence().binding
                                           : BindingEvidence::kNotChecked;
}

absl::StatusOr<SecretBytes> SecurityContext::ExportSessionKey() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  return mechanism_->ExportSessionKey();
}

absl::StatusOr<AgreedProtection> SecurityContext::agreed_protection() const {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  return mechanism_->agreed_protection();
}

absl::StatusOr<MessageProtection*> SecurityContext::message_protection() {
  EPA_RETURN_IF_ERROR(RequireEstablished());
  return mechanism_->message_protection();
}

absl::StatusOr<std::vector<uint8_t>> SecurityContext::Wrap(std::span<const uint8_t> message) {
  EPA_ASSIGN_OR_RETURN(MessageProtection * protection, message_protection());
  return protection->Wrap(message, WrapKind::kSealed);
}

absl::StatusOr<std::vector<uint8_t>> SecurityContext::Unwrap(std::span<const uint8_t> wrapped) {
  EPA_ASSIGN_OR_RETURN(MessageProtection * protection, message_protection());
  return protection->Unwrap(wrapped, WrapKind::kSealed);
}

absl::StatusOr<StepResult> StepBlocking(SecurityContext& context, std::span<const uint8_t> token) {
  absl::StatusOr<StepResult> result = context.Step(token);
  while (result.ok() && result->state == StepState::kPending) {
    result->pending_work->Run();
    result = context.Resume(std::move(result->pending_work));
  }
  return result;
}

}  // namespace epa
