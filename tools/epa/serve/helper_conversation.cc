#include "tools/epa/serve/helper_conversation.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/helper_protocol.h"
#include "tools/epa/serve/helper_answer.h"
#include "tools/epa/serve/helper_line.h"

namespace epa::tool {
namespace {

using Octets = std::span<const uint8_t>;

Octets OctetsOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

Turn Say(std::string_view text) { return Turn{.send = {text.begin(), text.end()}}; }

class HelperConversation final : public Conversation {
 public:
  HelperConversation(std::shared_ptr<const HelperService> service, std::string peer)
      : service_(std::move(service)), peer_(std::move(peer)) {}

  void Receive(Octets octets) override { input_.append(octets.begin(), octets.end()); }
  Turn Next() override;
  Turn Resume(std::unique_ptr<PendingWork> work) override {
    return Conclude(active_.context->Resume(std::move(work)));
  }
  // A helper is no stranger who has to log in.
  Standing standing() const override {
    return {.logged_in = protocol_.has_value(),
            .in_message = !input_.empty(),
            .in_login = !logins_.empty()};
  }
  void OnTick() override;
  void Leave() override { leaving_ = true; }

 private:
  bool Greet(std::string_view line);
  Turn OnMessage(std::string_view message);
  Turn OnLine(std::string_view line);
  Turn Begin(Octets token, const std::string& connection);
  Turn GoOn(Octets token, const std::string& connection);
  Turn Conclude(absl::StatusOr<StepResult> result);
  Turn Wait(StepResult result);
  Turn Accept(const StepResult& result);
  Turn Refuse(Octets token);
  Turn Fail(const absl::Status& fault);
  absl::StatusOr<HalfOpenLogin> NewLogin(const std::string& connection);
  void AuditStray(Reason reason, const std::string& connection) const;

  const std::shared_ptr<const HelperService> service_;
  const std::string peer_;
  std::optional<HelperProtocol> protocol_;  // once the helper has said which
  std::string input_;
  size_t searched_ = 0;
  HalfOpenLogins logins_;
  HalfOpenLogin active_;    // the one that is stepped
  bool has_begun_ = false;  // a login, on this connection
  bool leaving_ = false;
};

Turn HelperConversation::Next() {
  while (true) {
    const HelperProtocol protocol = protocol_.value_or(HelperProtocol::kNtlmssp);
    const size_t size = HelperMessageSize(protocol, input_, searched_);
    if (size == 0) {
      searched_ = input_.size();
      const bool too_long = input_.size() > kLongestHelperMessage;
      return too_long ? Turn{.close = true,
                             .fault = absl::InvalidArgumentError("a helper's message is too long")}
                      : Turn();
    }
    const std::string message = input_.substr(0, size);
    input_.erase(0, size);
    searched_ = 0;
    if (input_.empty()) {
      std::string().swap(input_);
    }
    if (protocol_.has_value()) {
      return OnMessage(message);
    }
    if (!Greet(message)) {
      return Turn{.close = true,
                  .fault = absl::InvalidArgumentError("not a helper of this version")};
    }
  }
}

bool HelperConversation::Greet(std::string_view line) {
  line.remove_suffix(1);
  if (!line.starts_with(kHelperGreeting)) {
    return false;
  }
  line.remove_prefix(kHelperGreeting.size());
  protocol_ = ParseHelperProtocol(line);
  return protocol_.has_value();
}

Turn HelperConversation::OnMessage(std::string_view message) {
  OnTick();
  if (protocol_ != HelperProtocol::kNtlmServer) {
    message.remove_suffix(message.ends_with("\r\n") ? 2 : 1);
    return OnLine(message);
  }
  return Begin(OctetsOf(message), peer_);  // the whole login
}

Turn HelperConversation::OnLine(std::string_view line) {
  const std::optional<HelperLine> said = ParseHelperLine(line);
  if (!said.has_value()) {
    return Fail(absl::InvalidArgumentError("the front end says neither YR nor KK"));
  }
  const std::string& connection = said->extras.empty() ? peer_ : said->extras;
  // The client's, as the front end got it.
  const std::optional<std::vector<uint8_t>> token = DecodeBase64AnyPadding(said->token);
  if (!token.has_value() || token->empty()) {
    AuditStray(Reason::kMalformedToken, connection);
    return Refuse({});
  }
  return said->verb == HelperLine::Verb::kBegin ? Begin(*token, connection)
                                                : GoOn(*token, connection);
}

Turn HelperConversation::Begin(Octets token, const std::string& connection) {
  absl::StatusOr<HalfOpenLogin> login = NewLogin(connection);
  if (!login.ok()) {
    return Fail(login.status());
  }
  has_begun_ = true;
  active_ = *std::move(login);
  return Conclude(active_.context->Step(token));
}

Turn HelperConversation::GoOn(Octets token, const std::string& connection) {
  std::optional<HalfOpenLogin> login = logins_.TakeFor(token);
  if (!login.has_value()) {
    AuditStray(Reason::kUnexpectedMessage, connection);
    // What a client can bring about is a refusal: front ends start their helpers anew at a fault,
    // and with them the logins of others. A service that was started anew has lost them already.
    return has_begun_ ? Refuse({})
                      : Fail(absl::UnavailableError("a login began with a service that has gone"));
  }
  active_ = *std::move(login);
  return Conclude(active_.context->Step(token));
}

absl::StatusOr<HalfOpenLogin> HelperConversation::NewLogin(const std::string& connection) {
  const std::shared_ptr<const HelperSettings> settings = service_->settings();
  AcceptOptions options;
  switch (*protocol_) {
    case HelperProtocol::kNtlmssp:
      options.credentials = settings->ntlm;
      break;
    case HelperProtocol::kGssSpnego:
      options.credentials = settings->negotiate;
      break;
    case HelperProtocol::kNtlmServer:
      options.credentials = settings->ntlm_server;
      break;
  }
  if (leaving_) {
    return absl::UnavailableError("the service stops");
  }
  if (options.credentials == nullptr) {
    return absl::FailedPreconditionError("no credentials for " +
                                         std::string(HelperProtocolName(*protocol_)));
  }
  HalfOpenLogin login;
  std::optional<HalfOpenLimit::Place> place = HalfOpenLimit::Take(service_->limit());
  if (!place.has_value() && logins_.DropOldest()) {
    place = HalfOpenLimit::Take(service_->limit());
  }
  if (!place.has_value()) {
    return absl::ResourceExhaustedError("too many logins are half-way");
  }
  login.place = *std::move(place);
  login.begun = settings->clock->Monotonic();
  options.policy = settings->policy;
  options.audit = settings->audit;
  options.connection = connection;
  options.clock = settings->clock;
  EPA_ASSIGN_OR_RETURN(options.channel, settings->channel());
  EPA_ASSIGN_OR_RETURN(login.context, SecurityContext::Accept(std::move(options)));
  return login;
}

Turn HelperConversation::Conclude(absl::StatusOr<StepResult> result) {
  if (!result.ok()) {
    return Fail(result.status());
  }
  switch (result->state) {
    case StepState::kPending:
      return Turn{.work = std::move(result->pending_work)};
    case StepState::kContinue:
      return Wait(*std::move(result));
    case StepState::kEstablished:
      return Accept(*result);
    case StepState::kRejected:
      break;
  }
  return Refuse(result->token);
}

Turn HelperConversation::Wait(StepResult result) {
  active_.stamp = StampOfChallenge(result.token);
  if (!logins_.Add(std::exchange(active_, {}))) {
    return Fail(
        absl::UnavailableError("two challenges with the same time: the clock was set back"));
  }
  return Say(ContinueAnswer(*protocol_, result.token));
}

Turn HelperConversation::Accept(const StepResult& result) {
  const HalfOpenLogin login = std::exchange(active_, {});
  const absl::StatusOr<PeerIdentity> peer = login.context->peer();
  if (!peer.ok()) {
    return Fail(peer.status());
  }
  const AccountIdentity* const account = peer->account();
  if (account == nullptr) {
    return Fail(absl::FailedPreconditionError("a login without an account has no name"));
  }
  const absl::StatusOr<std::string> name = NameForFrontEnd(*account);
  return name.ok() ? Say(AcceptAnswer(*protocol_, result.token, *name)) : Fail(name.status());
}

Turn HelperConversation::Refuse(Octets token) {
  active_ = {};
  return Say(RefuseAnswer(*protocol_, token));
}

Turn HelperConversation::Fail(const absl::Status& fault) {
  active_ = {};
  Turn turn = Say(FaultAnswer(*protocol_));
  turn.fault = fault;
  return turn;
}

// A token of no login has no context that would tell the audit.
void HelperConversation::AuditStray(Reason reason, const std::string& connection) const {
  const std::shared_ptr<const HelperSettings> settings = service_->settings();
  AuditEvent event;
  event.time = settings->clock->Now();
  event.outcome = AuditOutcome::kRefused;
  event.reason = reason;
  event.status = StatusOf(reason);
  event.detail = "it belongs to no login of this helper";
  event.connection = connection;
  event.mode = settings->policy->mode();
  event.audit_only = settings->policy->audit_only();
  settings->audit->OnEvent(event);
}

void HelperConversation::OnTick() {
  if (logins_.empty()) {
    return;
  }
  const std::shared_ptr<const HelperSettings> settings = service_->settings();
  const MonotonicTime time =
      static_cast<MonotonicTime>(settings->login_time.count()) * kTicksPerSecond;
  const MonotonicTime now = settings->clock->Monotonic();
  if (now >= time) {
    logins_.DropUntil(now - time);
  }
}

}  // namespace

std::unique_ptr<Conversation> NewHelperConversation(std::shared_ptr<const HelperService> service,
                                                    std::string peer) {
  return std::make_unique<HelperConversation>(std::move(service), std::move(peer));
}

}  // namespace epa::tool
