#include "lib/smb2/server_logins.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/name_refusal.h"

namespace epa::smb2 {
namespace {

constexpr size_t kMaxTokenSize = 0xFFFF;  // 2.2.6: SecurityBufferLength has 16 bits

LoginStep Refuse(uint64_t session_id, NtStatus status, bool again = false) {
  LoginStep step;
  step.session_id = session_id;
  step.status = status;
  step.again = again;
  return step;
}

// All refusals look alike but that of a wrong server name, which Windows tells
// (KB2345886: event 5168 with STATUS_ACCESS_DENIED).
NtStatus StatusOfRefusal(Reason reason) {
  return IsNameRefusal(reason) ? kStatusAccessDenied : kStatusLogonFailure;
}

uint16_t FlagsOf(const EstablishedSession& session) {
  switch (session.identity()) {
    case IdentityKind::kGuest:
      return kSessionIsGuest;
    case IdentityKind::kAnonymous:
      return kSessionIsNull;
    case IdentityKind::kUser:
      break;
  }
  return session.encryption_required() ? kSessionEncryptData : 0;
}

}  // namespace

ServerLogins::ServerLogins(std::shared_ptr<const ServerConfig> config, std::string peer)
    : config_(std::move(config)), peer_(std::move(peer)) {}

LoginStep ServerLogins::OnRequest(const Header& header, std::span<const uint8_t> message,
                                  const Agreement& agreement) {
  const ServerOptions& options = config_->options();
  const auto request = ParseSessionSetupRequest(message);
  if (!request.ok()) {
    return Refuse(header.session_id, kStatusInvalidParameter, Find(header.session_id) != nullptr);
  }
  // 3.3.5.5: one channel; and who has no key cannot show that the session is his.
  const EstablishedSession* const live = Find(header.session_id);
  const bool again = live != nullptr;
  if ((request->flags & kSessionSetupBinding) != 0 || (again && !live->has_key())) {
    return Refuse(header.session_id, kStatusRequestNotAccepted, again);
  }
  if (options.encryption == EncryptionPolicy::kRequired && !agreement.cipher.has_value()) {
    return Refuse(header.session_id, kStatusAccessDenied, again);
  }
  HalfOpen* login = FindHalfOpen(header.session_id);
  if (login == nullptr && header.session_id != 0 && !again) {
    return Refuse(header.session_id, kStatusUserSessionDeleted);
  }
  if (login == nullptr) {
    absl::StatusOr<HalfOpen*> begun = Begin(*request, agreement, live);
    if (!begun.ok()) {
      LoginStep step = Refuse(header.session_id, kStatusInsufficientResources, again);
      step.fault = absl::IsResourceExhausted(begun.status()) ? absl::OkStatus() : begun.status();
      return step;
    }
    login = *begun;
  }
  login->client_requires_signing |= (request->security_mode & kSigningRequired) != 0;
  if (++login->rounds > options.max_rounds) {
    return Fail(*login, kStatusLogonFailure);
  }
  if (agreement.dialect == Dialect::k311) {
    login->preauth.Update(message);
  }
  return Conclude(*login, login->context->Step(request->token), agreement);
}

LoginStep ServerLogins::Resume(std::unique_ptr<PendingWork> work, const Agreement& agreement) {
  HalfOpen* const login = FindHalfOpen(std::exchange(pending_, 0));
  if (login == nullptr) {
    LoginStep step = Refuse(0, kStatusInternalError);
    step.fault = absl::FailedPreconditionError("no work was pending");
    return step;
  }
  return Conclude(*login, login->context->Resume(std::move(work)), agreement);
}

void ServerLogins::HashResponse(uint64_t session_id, std::span<const uint8_t> message) {
  if (HalfOpen* const login = FindHalfOpen(session_id); login != nullptr) {
    login->preauth.Update(message);
  }
}

EstablishedSession* ServerLogins::Find(uint64_t session_id) const {
  const auto found =
      std::find_if(sessions_.begin(), sessions_.end(),
                   [session_id](const auto& session) { return session->id() == session_id; });
  return found != sessions_.end() ? found->get() : nullptr;
}

void ServerLogins::LogOff(uint64_t session_id) {
  std::erase_if(sessions_,
                [session_id](const auto& session) { return session->id() == session_id; });
  std::erase_if(half_open_, [session_id](const auto& login) { return login->id == session_id; });
}

ServerLogins::HalfOpen* ServerLogins::FindHalfOpen(uint64_t session_id) {
  const auto found =
      std::find_if(half_open_.begin(), half_open_.end(),
                   [session_id](const auto& login) { return login->id == session_id; });
  return found != half_open_.end() ? found->get() : nullptr;
}

void ServerLogins::Drop(const HalfOpen& login) {
  std::erase_if(half_open_, [&login](const auto& candidate) { return candidate.get() == &login; });
}

absl::StatusOr<ServerLogins::HalfOpen*> ServerLogins::Begin(const SessionSetupRequest& request,
                                                            const Agreement& agreement,
                                                            const EstablishedSession* live) {
  const ServerOptions& options = config_->options();
  if (half_open_.size() >= options.max_half_open_sessions ||
      (live == nullptr && half_open_.size() + sessions_.size() >= options.max_sessions)) {
    return absl::ResourceExhaustedError("too many sessions on this connection");
  }
  AcceptOptions accept;
  accept.credentials = options.credentials;
  accept.policy = options.policy;
  accept.channel = Channel::Plain();
  accept.audit = options.audit;
  accept.connection = peer_;
  accept.clock = options.clock;
  if (live != nullptr) {
    EPA_ASSIGN_OR_RETURN(accept.owner, live->context().peer());
  }
  auto login = std::make_unique<HalfOpen>();
  EPA_ASSIGN_OR_RETURN(login->context, SecurityContext::Accept(std::move(accept)));
  login->id = live != nullptr ? live->id() : NewSessionId();
  login->again = live != nullptr;
  login->preauth = agreement.preauth;
  login->client_requires_signing = agreement.peer_requires_signing;
  login->previous_session_id = request.previous_session_id;
  half_open_.push_back(std::move(login));
  return half_open_.back().get();
}

LoginStep ServerLogins::Conclude(HalfOpen& login, absl::StatusOr<StepResult> result,
                                 const Agreement& agreement) {
  if (!result.ok()) {
    return Fault(login, result.status());
  }
  switch (result->state) {
    case StepState::kContinue: {
      if (result->token.size() > kMaxTokenSize) {
        return Fault(login, absl::InternalError("a token does not fit into SESSION_SETUP"));
      }
      LoginStep step = Refuse(login.id, kStatusMoreProcessingRequired, login.again);
      step.token = std::move(result->token);
      return step;
    }
    case StepState::kPending: {
      pending_ = login.id;
      LoginStep step;
      step.session_id = login.id;
      step.again = login.again;
      step.pending_work = std::move(result->pending_work);
      return step;
    }
    case StepState::kEstablished:
      return Establish(login, *std::move(result), agreement);
    case StepState::kRejected:
      return Fail(login, StatusOfRefusal(login.context->reason()));
  }
  return Fault(login, absl::InternalError("unknown step state"));
}

LoginStep ServerLogins::Establish(HalfOpen& login, StepResult result, const Agreement& agreement) {
  const absl::StatusOr<PeerIdentity> peer = login.context->peer();
  if (!peer.ok() || result.token.size() > kMaxTokenSize) {
    return Fault(login, peer.ok() ? absl::InternalError("a token does not fit into SESSION_SETUP")
                                  : peer.status());
  }
  if (login.again) {
    return Renew(login, std::move(result));
  }
  const ServerOptions& options = config_->options();
  EstablishedSession::Properties properties;
  properties.id = login.id;
  properties.identity = peer->kind();
  properties.previous_session_id = login.previous_session_id;
  std::optional<SessionSecurity> security;
  if (peer->kind() == IdentityKind::kUser) {
    absl::StatusOr<SecretBytes> key = login.context->ExportSessionKey();
    if (!key.ok()) {
      return Fault(login, key.status());
    }
    security.emplace(agreement, Sender::kServer, *std::move(key), login.preauth, login.id);
    properties.signing_required = options.require_signing || login.client_requires_signing;
    properties.encryption_required = options.encryption == EncryptionPolicy::kRequired;
  }
  sessions_.push_back(std::make_unique<EstablishedSession>(properties, std::move(login.context),
                                                           std::move(security)));
  Drop(login);
  LoginStep step;
  step.session_id = properties.id;
  step.session_flags = FlagsOf(*sessions_.back());
  step.token = std::move(result.token);
  return step;
}

// 3.3.5.5.2. The keys, trees and files stay: it is the same account (AcceptOptions::owner).
LoginStep ServerLogins::Renew(HalfOpen& login, StepResult result) {
  EstablishedSession* const session = Find(login.id);
  session->Renew(std::move(login.context));
  Drop(login);
  LoginStep step;
  step.session_id = session->id();
  step.again = true;
  step.session_flags = FlagsOf(*session);
  step.token = std::move(result.token);
  return step;
}

LoginStep ServerLogins::Fail(const HalfOpen& login, NtStatus status) {
  LoginStep step = Refuse(login.id, status, login.again);
  step.failed_login = true;
  Drop(login);
  return step;
}

LoginStep ServerLogins::Fault(const HalfOpen& login, absl::Status status) {
  LoginStep step = Refuse(login.id, kStatusInternalError, login.again);
  step.fault = std::move(status);
  Drop(login);
  return step;
}

// Not 0, and not the value that stands for "as the request before" (3.3.5.2.7.2).
uint64_t ServerLogins::NewSessionId() {
  uint64_t id = 0;
  while (id == 0 || id == ~uint64_t{0} || Find(id) != nullptr || FindHalfOpen(id) != nullptr) {
    std::array<uint8_t, sizeof(id)> octets{};
    config_->options().random->Fill(octets);
    for (const uint8_t octet : octets) {
      id = id << 8 | octet;
    }
  }
  return id;
}

}  // namespace epa::smb2
