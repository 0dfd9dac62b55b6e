#include "providers/negotiate/initiator.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"

namespace epa::negotiate {
namespace {

constexpr char kEndedEarly[] = "the server ended before the mechanism did";

// What the KDC says of the account holds for every package, and to try again counts against it.
constexpr std::array kAboutTheAccount = {
    Reason::kWrongPassword,      Reason::kAccountDisabled,   Reason::kAccountLockedOut,
    Reason::kAccountExpired,     Reason::kAccountRestricted, Reason::kPasswordExpired,
    Reason::kPasswordMustChange,
};

bool IsAboutTheAccount(Reason reason) {
  return std::find(kAboutTheAccount.begin(), kAboutTheAccount.end(), reason) !=
         kAboutTheAccount.end();
}

std::string WhyNot(const absl::StatusOr<MechanismResult>& result) {
  if (!result.ok()) {
    return std::string(result.status().message());
  }
  return std::string(ReasonText(result->reason)) +
         (result->detail.empty() ? "" : " (" + result->detail + ")");
}

}  // namespace

NegotiateInitiator::NegotiateInitiator(std::shared_ptr<const Credentials> owner,
                                       const Packages& packages, const Channel& channel,
                                       InitiatorParameters parameters)
    : Negotiation(std::move(owner), packages, channel), parameters_(std::move(parameters)) {
  parameters_.want_signing = !parameters_.forbid_protection;
}

absl::StatusOr<MechanismResult> NegotiateInitiator::Step(std::span<const uint8_t> token) {
  if (token.size() > NegotiatePackageInfo().max_token_size) {
    return Reject(Reason::kTokenTooLarge);
  }
  if (state_ == State::kStart) {
    // A server that spoke first (NegTokenInit2) only hints; nothing protects its list.
    if (!token.empty() && !ParseNegTokenInit(token).ok()) {
      return Reject(Reason::kMalformedToken, "not a NegTokenInit2");
    }
    return BeginNext();
  }
  if (state_ == State::kVerified || state_ == State::kEnded) {
    return Reject(Reason::kUnexpectedMessage);
  }
  peer_state_.reset();
  SetReceivedMic(std::nullopt);
  if (token.empty()) {
    // IIS sends nothing more once it has let the client in.
    return child_complete_ ? OnLastResponse() : OnMissingToken();
  }
  const auto resp = ParseNegTokenResp(token);
  if (!resp.ok()) {
    return Reject(Reason::kMalformedToken, std::string(resp.status().message()));
  }
  if (resp->state == NegState::kReject) {
    return OnReject(*resp);
  }
  peer_state_ = resp->state;
  mic_required_ = mic_required_ || peer_state_ == NegState::kRequestMic;
  SetReceivedMic(resp->mech_list_mic);
  return state_ == State::kExpectFirst ? OnFirstResponse(*resp) : OnResponse(*resp);
}

absl::StatusOr<MechanismResult> NegotiateInitiator::Resume(std::unique_ptr<PendingWork> work) {
  if (child_ == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  auto result = child_->Resume(std::move(work));
  return state_ == State::kStart ? OnBeginning(std::move(result))
                                 : OnChildResult(std::move(result));
}

absl::StatusOr<MechanismResult> NegotiateInitiator::BeginChild() {
  // None comes after the last package that could need the parameters.
  const bool last = current_ + 1 == packages_.size();
  EPA_ASSIGN_OR_RETURN(
      child_, packages_[current_].CreateInitiator(
                  channel_, last ? std::move(parameters_) : InitiatorParameters(parameters_)));
  return child_->Step({});
}

absl::StatusOr<MechanismResult> NegotiateInitiator::BeginNext() {
  return OnBeginning(BeginChild());
}

// Nothing has left this side yet, so a package that cannot begin is passed over, unless it asked
// about the account and was told.
absl::StatusOr<MechanismResult> NegotiateInitiator::OnBeginning(
    absl::StatusOr<MechanismResult> result) {
  const bool cannot_begin = !result.ok() || result->outcome == MechanismResult::Outcome::kRejected;
  if (!cannot_begin) {
    return result->outcome == MechanismResult::Outcome::kPending ? std::move(result)
                                                                 : SendInit(*std::move(result));
  }
  const bool told = result.ok() && IsAboutTheAccount(result->reason);
  if (!told && current_ + 1 < packages_.size()) {
    passed_over_ += (passed_over_.empty() ? "" : "; ") +
                    std::string(packages_[current_].package().name) + ": " + WhyNot(result);
    parameters_.passed_over = passed_over_;
    ++current_;
    return BeginNext();
  }
  state_ = State::kEnded;
  return result;
}

absl::StatusOr<MechanismResult> NegotiateInitiator::SendInit(MechanismResult first) {
  first_offered_ = current_;
  mech_types_der_ = packages_.MechTypesFrom(current_);
  child_complete_ = first.outcome == MechanismResult::Outcome::kVerified;
  state_ = State::kExpectFirst;
  return MechanismResult::Continue(WriteNegTokenInit(mech_types_der_, first.token));
}

absl::StatusOr<MechanismResult> NegotiateInitiator::OnFirstResponse(const NegTokenResp& resp) {
  state_ = State::kExchanging;
  if (!resp.supported_mech.has_value() ||
      HasMechanism(packages_[current_].package(), *resp.supported_mech)) {
    return OnResponse(resp);
  }
  for (size_t i = first_offered_ + 1; i < packages_.size(); ++i) {
    if (HasMechanism(packages_[i].package(), *resp.supported_mech)) {
      // A token for a mechanism that has not begun, or an end to it, was not made by its server.
      if (resp.response_token.has_value() || !peer_state_.has_value() || ServerSaysDone()) {
        return Reject(Reason::kNegotiationAltered, "the chosen mechanism has not begun");
      }
      return SwitchTo(i);
    }
  }
  return Reject(Reason::kNegotiationAltered, "the server chose a mechanism that was not offered");
}

absl::StatusOr<MechanismResult> NegotiateInitiator::SwitchTo(size_t package) {
  current_ = package;
  mic_required_ = true;
  child_complete_ = false;
  return OnChildResult(BeginChild());
}

absl::StatusOr<MechanismResult> NegotiateInitiator::OnResponse(const NegTokenResp& resp) {
  const Octets token = resp.response_token.value_or(Octets());
  if (child_complete_) {
    return token.empty()
               ? OnLastResponse()
               : Reject(Reason::kUnexpectedMessage, "a token came after the mechanism's last one");
  }
  return token.empty() ? OnMissingToken() : OnChildResult(child_->Step(token));
}

// The mechanism knows what the server owes it. Servers that leave out Kerberos' proof say that they
// are done, or nothing at all, and are told from those that had the exchange cut short.
absl::StatusOr<MechanismResult> NegotiateInitiator::OnMissingToken() {
  const auto result = child_->Step({});
  if (result.ok() && result->outcome == MechanismResult::Outcome::kRejected &&
      result->reason == Reason::kMutualAuthenticationFailed) {
    return Reject(result->reason, result->detail);
  }
  return ServerSaysDone() ? Reject(Reason::kNegotiationAltered, kEndedEarly)
                          : Reject(Reason::kMalformedToken, "the server's token is missing");
}

// Refused whatever else it says. A KRB-ERROR in it, which nothing protects, may tell why.
absl::StatusOr<MechanismResult> NegotiateInitiator::OnReject(const NegTokenResp& resp) {
  std::string detail;
  if (resp.response_token.has_value() && !child_complete_) {
    if (const auto result = child_->Step(*resp.response_token);
        result.ok() && result->outcome == MechanismResult::Outcome::kRejected &&
        result->reason == Reason::kRefusedByPeer) {
      detail = result->detail;
    }
  }
  return Reject(Reason::kRefusedByPeer, detail);
}

absl::StatusOr<MechanismResult> NegotiateInitiator::OnChildResult(
    absl::StatusOr<MechanismResult> result) {
  if (!result.ok()) {
    state_ = State::kEnded;
    return result;
  }
  switch (result->outcome) {
    case MechanismResult::Outcome::kContinue:
    case MechanismResult::Outcome::kProven: {
      if (received_mic_.has_value() || ServerSaysDone()) {
        return Reject(Reason::kNegotiationAltered, kEndedEarly);
      }
      NegTokenResp resp;
      resp.state = NegState::kAcceptIncomplete;
      resp.response_token = result->token;
      return MechanismResult::Continue(WriteNegTokenResp(resp));
    }
    case MechanismResult::Outcome::kVerified:
      child_complete_ = true;
      return result->token.empty() ? OnLastResponse() : SendLastToken(std::move(result->token));
    case MechanismResult::Outcome::kPending:
      return result;
    case MechanismResult::Outcome::kRejected:
      state_ = State::kEnded;
      return result;
  }
  return absl::InternalError("unknown outcome");
}

// RFC 4178 5 (c): the client's list is proved along with the mechanism's last token.
absl::StatusOr<MechanismResult> NegotiateInitiator::SendLastToken(std::vector<uint8_t> token) {
  if (received_mic_.has_value() || ServerSaysDone()) {
    return Reject(Reason::kNegotiationAltered, kEndedEarly);
  }
  NegTokenResp resp;
  resp.state = NegState::kAcceptIncomplete;
  resp.response_token = token;
  absl::StatusOr<std::vector<uint8_t>> mic;
  if (mic_required_ || child_->demands_mechanism_list_mic()) {
    mic = child_->SignMechanismList(mech_types_der_);
    if (!mic.ok()) {
      return Reject(Reason::kNegotiationAltered, std::string(mic.status().message()));
    }
    resp.mech_list_mic = *mic;
    mic_sent_ = true;
  }
  return MechanismResult::Continue(WriteNegTokenResp(resp));
}

// The mechanism has ended on both sides (RFC 4178 5 (b)). A server that kept the preferred
// mechanism, asked for nothing and says that it is done is believed without a MIC, as Windows' own
// clients do; what it leaves out counts as done.
absl::StatusOr<MechanismResult> NegotiateInitiator::OnLastResponse() {
  if (received_mic_.has_value()) {
    return AnswerMic();
  }
  if (mic_required_) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC is missing");
  }
  if (peer_state_.value_or(NegState::kAcceptCompleted) != NegState::kAcceptCompleted) {
    return Reject(Reason::kUnexpectedMessage, "the server is not done and sends nothing");
  }
  return Finish();
}

// A server's MIC is answered with ours unless that is out already or the server has ended.
absl::StatusOr<MechanismResult> NegotiateInitiator::AnswerMic() {
  if (!child_->VerifyMechanismList(mech_types_der_, *received_mic_).ok()) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC does not match");
  }
  if (mic_sent_ || ServerSaysDone()) {
    return Finish();
  }
  EPA_ASSIGN_OR_RETURN(const auto mic, child_->SignMechanismList(mech_types_der_));
  NegTokenResp resp;
  resp.state = NegState::kAcceptCompleted;
  resp.mech_list_mic = mic;
  return Finish(WriteNegTokenResp(resp));
}

absl::StatusOr<MechanismResult> NegotiateInitiator::Finish(std::vector<uint8_t> token) {
  state_ = State::kVerified;
  return MechanismResult::Verified(std::move(token));
}

absl::StatusOr<MechanismResult> NegotiateInitiator::Reject(Reason reason, std::string_view detail) {
  state_ = State::kEnded;
  return MechanismResult::Rejected(reason, std::string(detail));
}

}  // namespace epa::negotiate
