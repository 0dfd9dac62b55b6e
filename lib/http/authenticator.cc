#include "epa/http/authenticator.h"

#include <optional>

#include "lib/base/base64.h"
#include "lib/base/status_macros.h"
#include "lib/http/challenge_list.h"
#include "lib/http/schemes.h"

namespace epa::http {
namespace {

struct RequestCredentials {
  // Absent for a scheme that is not ours.
  std::optional<size_t> scheme;
  // Empty where the client sent the bare scheme.
  std::vector<uint8_t> token;
};

// Authorization = credentials (RFC 9110 11.6.2): one field, one element. InvalidArgument for
// anything else and for a token of ours that is not base64.
absl::StatusOr<RequestCredentials> ReadCredentials(const std::vector<std::string_view>& fields,
                                                   const AuthenticatorOptions& options) {
  if (fields.size() != 1) {
    return absl::InvalidArgumentError("more than one Authorization field");
  }
  if (fields.front().size() > options.max_token_text) {
    return absl::InvalidArgumentError("the Authorization field is too long");
  }
  EPA_ASSIGN_OR_RETURN(const std::vector<Challenge> list, ParseChallengeList(fields.front()));
  if (list.size() != 1) {
    return absl::InvalidArgumentError("not one set of credentials");
  }
  RequestCredentials credentials;
  credentials.scheme = FindScheme(options.schemes, list.front().scheme);
  if (credentials.scheme.has_value()) {
    std::optional<std::vector<uint8_t>> token = DecodeBase64AnyPadding(list.front().token68);
    if (!token.has_value()) {
      return absl::InvalidArgumentError("the token is not base64");
    }
    credentials.token = *std::move(token);
  }
  return credentials;
}

Verdict Respond(int status) {
  Verdict verdict;
  verdict.action = Verdict::Action::kRespond;
  verdict.status = status;
  return verdict;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AuthenticatorConfig>> AuthenticatorConfig::Create(
    AuthenticatorOptions options) {
  EPA_RETURN_IF_ERROR(ValidateSchemes(options.schemes));
  if (options.policy == nullptr) {
    return absl::InvalidArgumentError("an HTTP server needs an extended-protection policy");
  }
  EPA_RETURN_IF_ERROR(CheckAudit(*options.policy, options.audit));
  if (options.max_token_text < 1 || options.max_failures < 1) {
    return absl::InvalidArgumentError("max_token_text and max_failures are 1 or more");
  }
  if (!options.authenticate_each_request.has_value()) {
    options.authenticate_each_request =
        options.policy->options().scenario == ProtectionScenario::kTrustedProxy;
  }
  return std::shared_ptr<const AuthenticatorConfig>(new AuthenticatorConfig(std::move(options)));
}

Authenticator::Authenticator(std::shared_ptr<const AuthenticatorConfig> config, Channel channel,
                             std::string connection)
    : config_(std::move(config)),
      channel_(std::move(channel)),
      connection_(std::move(connection)) {}

Verdict Authenticator::OnRequest(const RequestView& request) {
  if (state_ == State::kPending) {
    return Fault(absl::FailedPreconditionError("a request arrived while work was pending"));
  }
  if (state_ == State::kClosed) {
    return Close(Challenge());
  }
  if (request.http_major_version != 1) {
    DropLogin();
    Verdict verdict;
    verdict.action = Verdict::Action::kHttp11Required;
    Audit(Reason::kHttp11Required);
    return verdict;
  }
  if (state_ == State::kEstablished && EachRequest()) {
    DropLogin();
  }
  if (request.authorization.empty() && state_ == State::kEstablished) {
    Verdict verdict;
    verdict.action = Verdict::Action::kServe;
    return verdict;
  }
  if (request.authorization.empty()) {
    return DropAndChallenge();
  }
  const absl::StatusOr<RequestCredentials> credentials =
      ReadCredentials(request.authorization, config_->options());
  if (!credentials.ok()) {
    DropLogin();
    Audit(Reason::kMalformedToken, std::string(credentials.status().message()));
    return CountFailure(Respond(400));
  }
  if (!credentials->scheme.has_value() || credentials->token.empty()) {
    return DropAndChallenge();
  }
  const Credentials& package = *config_->options().schemes[*credentials->scheme].credentials;
  if (state_ != State::kExchanging || scheme_ != *credentials->scheme ||
      package.BeginsExchange(credentials->token)) {
    if (Verdict dropped = DropAndChallenge(); dropped.close) {
      return dropped;
    }
    if (absl::Status begun = Begin(*credentials->scheme); !begun.ok()) {
      return Fault(std::move(begun));
    }
  }
  return Conclude(context_->Step(credentials->token));
}

Verdict Authenticator::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr) {
    return Fault(absl::FailedPreconditionError("no work was pending"));
  }
  return Conclude(context_->Resume(std::move(work)));
}

const SecurityContext* Authenticator::context() const {
  return state_ == State::kEstablished ? context_.get() : nullptr;
}

absl::Status Authenticator::Begin(size_t scheme) {
  const AuthenticatorOptions& options = config_->options();
  AcceptOptions accept;
  accept.credentials = options.schemes[scheme].credentials;
  accept.policy = options.policy;
  accept.channel = channel_;
  accept.audit = options.audit;
  accept.owner = owner_;
  accept.connection = connection_;
  accept.clock = options.clock;
  EPA_ASSIGN_OR_RETURN(context_, SecurityContext::Accept(std::move(accept)));
  scheme_ = scheme;
  return absl::OkStatus();
}

void Authenticator::DropLogin() {
  context_.reset();
  state_ = State::kNone;
}

// A login that the client leaves half-way is one that failed.
Verdict Authenticator::DropAndChallenge() {
  const bool half_way = state_ == State::kExchanging;
  DropLogin();
  return half_way ? CountFailure(Challenge()) : Challenge();
}

Verdict Authenticator::Conclude(absl::StatusOr<StepResult> result) {
  if (!result.ok()) {
    return Fault(result.status());
  }
  switch (result->state) {
    case StepState::kContinue: {
      state_ = State::kExchanging;
      Verdict verdict = Respond(ChallengeStatus(config_->options().proxy));
      verdict.headers.push_back(TokenHeader(result->token));
      return verdict;
    }
    case StepState::kPending: {
      state_ = State::kPending;
      Verdict verdict;
      verdict.action = Verdict::Action::kPending;
      verdict.pending_work = std::move(result->pending_work);
      return verdict;
    }
    case StepState::kEstablished:
      return Establish(result->token);
    case StepState::kRejected: {
      const bool stranger = context_->reason() == Reason::kConnectionOwnerDiffers;
      // A last token would tell one refusal from another.
      DropLogin();
      return stranger ? Close(Challenge()) : CountFailure(Challenge());
    }
  }
  return Fault(absl::InternalError("unknown step state"));
}

Verdict Authenticator::Establish(const std::vector<uint8_t>& token) {
  absl::StatusOr<PeerIdentity> peer = context_->peer();
  if (!peer.ok()) {
    return Fault(peer.status());
  }
  if (!EachRequest()) {
    owner_ = *std::move(peer);
  }
  state_ = State::kEstablished;
  Verdict verdict;
  verdict.action = Verdict::Action::kServe;
  if (!token.empty()) {
    verdict.headers.push_back(TokenHeader(token));
  }
  // [MS-N2HT] 2.2.2 speaks of the origin server's connection, so a proxy does not say it.
  if (!config_->options().proxy) {
    verdict.headers.emplace_back("Persistent-Auth", EachRequest() ? "false" : "true");
  }
  return verdict;
}

// What ends before there is an exchange to tell of it.
void Authenticator::Audit(Reason reason, std::string_view detail) const {
  const AuthenticatorOptions& options = config_->options();
  AuditEvent event;
  event.time = (options.clock != nullptr ? *options.clock : SystemClock()).Now();
  event.outcome = AuditOutcome::kRefused;
  event.reason = reason;
  event.status = StatusOf(reason);
  event.detail = std::string(detail);
  event.connection = connection_;
  event.channel = channel_.kind();
  event.mode = options.policy->mode();
  event.audit_only = options.policy->audit_only();
  options.audit->OnEvent(event);
}

Verdict Authenticator::Challenge() const {
  const AuthenticatorOptions& options = config_->options();
  Verdict verdict = Respond(ChallengeStatus(options.proxy));
  for (const ServerScheme& scheme : options.schemes) {
    verdict.headers.emplace_back(ChallengeField(options.proxy), scheme.name);
  }
  return verdict;
}

Verdict Authenticator::CountFailure(Verdict verdict) {
  ++failures_;
  return failures_ < config_->options().max_failures ? std::move(verdict)
                                                     : Close(std::move(verdict));
}

Verdict Authenticator::Close(Verdict verdict) {
  state_ = State::kClosed;
  verdict.close = true;
  return verdict;
}

Verdict Authenticator::Fault(absl::Status status) {
  DropLogin();
  Verdict verdict = Close(Respond(500));
  verdict.fault = std::move(status);
  return verdict;
}

std::pair<std::string, std::string> Authenticator::TokenHeader(
    std::span<const uint8_t> token) const {
  const AuthenticatorOptions& options = config_->options();
  return {ChallengeField(options.proxy), FieldValue(options.schemes[scheme_].name, token)};
}

}  // namespace epa::http
