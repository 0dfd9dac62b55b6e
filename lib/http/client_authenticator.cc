#include "epa/http/client_authenticator.h"

#include <algorithm>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/base/status_macros.h"
#include "lib/http/challenge_list.h"
#include "lib/http/schemes.h"

namespace epa::http {
namespace {

// What a response's fields say of one scheme.
struct Offer {
  bool offered = false;
  // Several tokens are no token.
  bool ambiguous = false;
  std::string_view token;
  // A challenge of this scheme is malformed, or a field too long.
  bool unreadable = false;
};

Offer FindOffer(const std::vector<std::string_view>& fields, std::string_view scheme,
                size_t max_size) {
  Offer offer;
  for (const std::string_view field : fields) {
    if (field.size() > max_size) {
      offer.unreadable = true;
      continue;
    }
    for (const Challenge& challenge : ParseChallengesLeniently(field)) {
      if (!EqualsIgnoringAsciiCase(challenge.scheme, scheme)) {
        continue;
      }
      if (challenge.damaged) {
        offer.unreadable = true;
        continue;
      }
      offer.offered = true;
      if (!challenge.token68.empty()) {
        offer.ambiguous = !offer.token.empty();
        offer.token = challenge.token68;
      }
    }
  }
  return offer;
}

bool IsInterim(int status) {
  return status >= 100 && status < 200 && status != 101;  // RFC 9110 15.2; 101 ends HTTP/1.1
}

// Whether an answer says that the user was let in. 404, 405, 406 and 410 speak of the resource:
// somebody who is not let in hears 401 or 403 (RFC 9110 15.5), which behind a proxy is 407.
bool LetsIn(int status, bool proxy) {
  return (status >= 200 && status < 400) || status == 404 || status == 405 || status == 406 ||
         status == 410 || (proxy && status == 401);
}

// [MS-NLMP] 1.3.1: NEGOTIATE is never the last message. Other packages may be content with one.
bool FirstTokenIsNeverLast(const Credentials& credentials) {
  return credentials.package().name == "NTLM";
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClientAuthenticator>> ClientAuthenticator::Create(
    ClientOptions options) {
  EPA_RETURN_IF_ERROR(ValidateSchemes(options.schemes));
  if (!options.channel.has_value()) {
    return absl::InvalidArgumentError("an HTTP client needs the connection's channel");
  }
  return std::unique_ptr<ClientAuthenticator>(new ClientAuthenticator(std::move(options)));
}

absl::StatusOr<ClientAction> ClientAuthenticator::OnResponse(const ResponseView& response) {
  if (state_ == State::kPending || state_ == State::kOver) {
    return absl::FailedPreconditionError(state_ == State::kPending
                                             ? "the login waits for its pending work"
                                             : "the login has failed");
  }
  status_ = response.status;
  closes_ = response.closes;
  if (IsInterim(response.status)) {
    ClientAction action;
    action.kind = ClientAction::Kind::kInterim;
    return action;
  }
  return response.status == ChallengeStatus(options_.proxy) ? OnChallenge(response)
                                                            : OnAnswer(response);
}

absl::StatusOr<ClientAction> ClientAuthenticator::Resume(std::unique_ptr<PendingWork> work) {
  if (state_ != State::kPending || work == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  return Conclude(context_->Resume(std::move(work)));
}

bool ClientAuthenticator::MayCarry(std::span<const ClientScheme> schemes) const {
  if (!scheme_.has_value()) {
    return true;
  }
  const ClientScheme& used = options_.schemes[*scheme_];
  return std::any_of(schemes.begin(), schemes.end(), [&used](const ClientScheme& scheme) {
    return scheme.name == used.name && scheme.credentials == used.credentials;
  });
}

std::string_view ClientAuthenticator::scheme() const {
  return scheme_.has_value() ? std::string_view(options_.schemes[*scheme_].name)
                             : std::string_view();
}

absl::StatusOr<ClientAction> ClientAuthenticator::OnChallenge(const ResponseView& response) {
  answered_ = false;
  persistent_ = false;
  if (state_ == State::kFresh || state_ == State::kAnswered) {
    return Begin(response);
  }
  const Offer offer = FindOffer(response.challenges, scheme(), options_.max_token_text);
  if (offer.token.empty()) {
    return offer.unreadable ? Fail(Reason::kMalformedToken, "the server's challenge is unreadable")
                            : FailAsRefused();
  }
  if (state_ == State::kLastSent) {
    return Fail(Reason::kUnexpectedMessage, "a token came after the login's last message");
  }
  if (offer.ambiguous) {
    return Fail(Reason::kMalformedToken, "more than one token in a response");
  }
  return StepWith(offer.token);
}

absl::StatusOr<ClientAction> ClientAuthenticator::OnAnswer(const ResponseView& response) {
  if (state_ == State::kFresh || state_ == State::kAnswered) {
    return Answer();
  }
  answered_ = true;
  said_persistent_.reset();
  if (response.persistent_auth.has_value()) {
    said_persistent_ = EqualsIgnoringAsciiCase(*response.persistent_auth, "true");
  }
  const Offer offer = FindOffer(response.challenges, scheme(), options_.max_token_text);
  if (state_ == State::kLastSent) {
    return Answer();
  }
  if (offer.token.empty()) {
    return OnSilence();
  }
  if (offer.ambiguous) {
    return Fail(Reason::kMalformedToken, "more than one token in a response");
  }
  return StepWith(offer.token);
}

// The package says whether its peer may fall silent here, and what is missing if not.
absl::StatusOr<ClientAction> ClientAuthenticator::OnSilence() {
  const absl::StatusOr<StepResult> result = context_->Step({});
  if (!result.ok()) {
    state_ = State::kOver;
    return result.status();
  }
  if (context_->established()) {
    return Answer();
  }
  return status_ >= 400 ? FailAsRefused() : Fail(context_->reason(), context_->reason_detail());
}

absl::StatusOr<ClientAction> ClientAuthenticator::Begin(const ResponseView& response) {
  for (size_t i = 0; i < options_.schemes.size(); ++i) {
    if (scheme_.has_value() && *scheme_ != i) {
      continue;
    }
    const Offer offer =
        FindOffer(response.challenges, options_.schemes[i].name, options_.max_token_text);
    if (!offer.offered) {
      continue;
    }
    if (!offer.token.empty()) {
      return Fail(Reason::kUnexpectedMessage, "a token came before the login's first message");
    }
    if (closes_) {
      return Reconnect();
    }
    InitiateOptions initiate;
    initiate.credentials = options_.schemes[i].credentials;
    initiate.channel = options_.channel;
    initiate.parameters = options_.parameters;
    scheme_ = i;
    absl::StatusOr<std::unique_ptr<SecurityContext>> context =
        SecurityContext::Initiate(std::move(initiate));
    if (!context.ok()) {
      state_ = State::kOver;
      return context.status();
    }
    context_ = *std::move(context);
    return Conclude(context_->Step({}));
  }
  return Fail(Reason::kUnsupportedMechanism, "the server offers none of the client's schemes");
}

absl::StatusOr<ClientAction> ClientAuthenticator::StepWith(std::string_view token_text) {
  const std::optional<std::vector<uint8_t>> token = DecodeBase64AnyPadding(token_text);
  if (!token.has_value()) {
    return Fail(Reason::kMalformedToken, "the server's token is not base64");
  }
  return Conclude(context_->Step(*token));
}

absl::StatusOr<ClientAction> ClientAuthenticator::Conclude(absl::StatusOr<StepResult> result) {
  if (!result.ok()) {
    state_ = State::kOver;
    return result.status();
  }
  switch (result->state) {
    case StepState::kPending: {
      state_ = State::kPending;
      ClientAction action;
      action.kind = ClientAction::Kind::kPending;
      action.pending_work = std::move(result->pending_work);
      return action;
    }
    case StepState::kRejected:
      return Fail(context_->reason(), context_->reason_detail());
    case StepState::kContinue:
    case StepState::kEstablished:
      break;
  }
  if (!answered_) {
    return Send(*result);
  }
  if (result->state == StepState::kContinue || !result->token.empty()) {
    return Fail(Reason::kUnexpectedMessage, "the server's answer left the login incomplete");
  }
  return Answer();
}

ClientAction ClientAuthenticator::Reconnect() {
  state_ = State::kOver;
  ClientAction action;
  action.kind = ClientAction::Kind::kReconnect;
  return action;
}

ClientAction ClientAuthenticator::Send(const StepResult& step) {
  if (closes_) {
    return Fail(Reason::kRefusedByPeer, "the server ends the connection in the middle of a login");
  }
  const bool last = step.state == StepState::kEstablished;
  const ClientScheme& scheme = options_.schemes[*scheme_];
  state_ = last ? State::kLastSent : State::kExchanging;
  ClientAction action;
  action.kind = ClientAction::Kind::kSend;
  action.header = {CredentialsField(options_.proxy), FieldValue(scheme.name, step.token)};
  action.without_body = !last && FirstTokenIsNeverLast(*scheme.credentials);
  return action;
}

ClientAction ClientAuthenticator::Answer() {
  ClientAction action;
  action.kind = ClientAction::Kind::kDone;
  if (answered_) {
    state_ = State::kAnswered;
    persistent_ = said_persistent_.value_or(context_->package_name().value_or("") == "NTLM");
    answered_ = false;
    action.logged_in = LetsIn(status_, options_.proxy);
  } else {
    action.logged_in = persistent_ && LetsIn(status_, options_.proxy);
  }
  return action;
}

ClientAction ClientAuthenticator::Fail(Reason reason, std::string detail) {
  state_ = State::kOver;
  ClientAction action;
  action.kind = ClientAction::Kind::kFailed;
  action.reason = reason;
  action.detail = std::move(detail);
  return action;
}

ClientAction ClientAuthenticator::FailAsRefused() {
  return Fail(Reason::kRefusedByPeer, "HTTP status " + std::to_string(status_));
}

}  // namespace epa::http
