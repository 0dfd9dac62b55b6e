#include "epa/core/security_context.h"

#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"

namespace epa {
namespace {

// A clear channel is protected by the service name alone.
absl::Status CheckPolicyFitsChannel(const ExtendedProtectionOptions& policy,
                                    const Channel& channel) {
  if (policy.mode != ExtendedProtectionMode::kLegacy && channel.kind() != ChannelKind::kTls &&
      policy.accepted_names.empty() && !policy.no_service_name_check) {
    return absl::InvalidArgumentError(
        "on a channel without TLS of its own the service name decides: give the accepted names");
  }
  return absl::OkStatus();
}

// A CREDENTIAL_TARGET_INFORMATION marshalled into a name begins so: a server reached by the first
// part, a name made up of the second (CVE-2025-33073).
constexpr std::string_view kMarshalledTarget = "1UWhRCA";

// One source says what kind of identity it is: the evidence.
PeerIdentity PeerOf(const Mechanism& mechanism) {
  PeerIdentity peer = mechanism.identity();
  peer.kind = mechanism.evidence().identity;
  return peer;
}

bool SameIdentity(const PeerIdentity& a, const PeerIdentity& b) {
  return a.kind == b.kind && UppercaseUtf8(a.user) == UppercaseUtf8(b.user) &&
         UppercaseUtf8(a.domain) == UppercaseUtf8(b.domain);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SecurityContext>> SecurityContext::Accept(AcceptOptions options) {
  if (options.credentials == nullptr || options.policy == nullptr) {
    return absl::InvalidArgumentError("an acceptor needs credentials and a policy");
  }
  EPA_RETURN_IF_ERROR(CheckPolicyFitsChannel(options.policy->options(), options.channel));
  auto acceptance = std::make_unique<Acceptance>();
  acceptance->policy = std::move(options.policy);
  acceptance->audit = std::move(options.audit);
  acceptance->connection = std::move(options.connection);
  acceptance->clock = options.clock != nullptr ? options.clock : &SystemClock();
  if (options.owner.has_value()) {
    acceptance->owner = std::make_unique<const PeerIdentity>(*std::move(options.owner));
  }
  std::unique_ptr<SecurityContext> context(
      new SecurityContext(std::move(acceptance), std::move(options.channel)));
  EPA_ASSIGN_OR_RETURN(context->mechanism_, options.credentials->CreateAcceptor(context->channel_));
  return context;
}

absl::StatusOr<std::unique_ptr<SecurityContext>> SecurityContext::Initiate(
    InitiateOptions options) {
  if (options.credentials == nullptr) {
    return absl::InvalidArgumentError("an initiator needs credentials");
  }
  if (options.parameters.target_name.find(kMarshalledTarget) != std::string::npos) {
    return absl::InvalidArgumentError("the target name carries marshalled target information");
  }
  std::unique_ptr<SecurityContext> context(
      new SecurityContext(nullptr, std::move(options.channel)));
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
    Audit(AuditOutcome::kAbandoned);
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
  if (acceptance_ == nullptr) {
    return Reason::kNone;
  }
  decision_ = EvaluateExtendedProtection(*acceptance_->policy, channel_, mechanism_->evidence());
  if (!decision_.accepted) {
    return decision_.reason;
  }
  if (acceptance_->owner != nullptr && !SameIdentity(*acceptance_->owner, PeerOf(*mechanism_))) {
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
  if (acceptance == nullptr || acceptance->audit == nullptr) {
    return;
  }
  const ExtendedProtectionEvidence& evidence = mechanism_->evidence();
  const PeerIdentity& identity = mechanism_->identity();
  const bool decided = decision_.reason != Reason::kNone;
  AuditEvent event;
  event.time = acceptance->clock->Now();
  event.outcome = outcome;
  event.reason = reason_;
  event.status = outcome == AuditOutcome::kAccepted ? SecurityStatus::kOk : StatusOf(reason_);
  event.detail = detail_;
  event.connection = acceptance->connection;
  event.package = std::string(mechanism_->package_name());
  event.user = identity.user;
  event.domain = identity.domain;
  event.workstation = identity.workstation;
  // Guests and anonymous clients are let in without a proof.
  event.identity_verified = decided && evidence.identity == IdentityKind::kUser;
  event.identity = evidence.identity;
  event.channel = channel_.kind();
  event.mode = acceptance->policy->mode();
  event.audit_only = acceptance->policy->audit_only();
  event.binding = evidence.binding;
  if (evidence.matched_binding.has_value() &&
      *evidence.matched_binding < channel_.bindings().size()) {
    event.matched_binding = channel_.bindings()[*evidence.matched_binding].type();
  }
  event.target_name = evidence.target_name;
  event.target_name_trusted = evidence.target_name_trusted;
  event.mic = evidence.mic;
  if (decided) {
    event.accepted_if_required = decision_.accepted_if_required;
    event.reason_if_required = decision_.reason_if_required;
  }
  if (outcome == AuditOutcome::kRefused && event.status == SecurityStatus::kBadBindings) {
    event.windows_event = BadBindingsEvent({.user = event.user,
                                            .domain = event.domain,
                                            .workstation = event.workstation,
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
  return PeerOf(*mechanism_);
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
  EPA_RETURN_IF_ERROR(RequireEstablished());
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
