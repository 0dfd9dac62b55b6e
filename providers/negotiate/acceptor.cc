#include "providers/negotiate/acceptor.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"

namespace epa::negotiate {
namespace {

std::optional<std::vector<uint8_t>> CopyOf(const std::optional<Octets>& octets) {
  if (!octets.has_value()) {
    return std::nullopt;
  }
  return std::vector<uint8_t>(octets->begin(), octets->end());
}

std::vector<uint8_t> MechTypesOf(const CredentialsList& packages) {
  std::vector<std::vector<uint8_t>> oids;
  for (const auto& credentials : packages) {
    const auto& own = credentials->package().mechanism_oids;
    oids.insert(oids.end(), own.begin(), own.end());
  }
  return MechTypeListOf(oids);
}

}  // namespace

absl::StatusOr<MechanismResult> NegotiateAcceptor::Step(std::span<const uint8_t> token) {
  switch (state_) {
    case State::kStart:
    case State::kExpectInit:
      return OnFirstToken(token);
    case State::kBare:
      return OnBareResult(child_->Step(token));
    case State::kExchanging:
    case State::kExpectMic: {
      const auto resp = ParseNegTokenResp(token);
      if (!resp.ok()) {
        return Reject(Reason::kMalformedToken, std::string(resp.status().message()));
      }
      if (state_ == State::kExpectMic) {
        return OnLastMic(*resp);
      }
      return OnResponse(*resp);
    }
    case State::kVerified:
    case State::kEnded:
      break;
  }
  return Reject(Reason::kUnexpectedMessage);
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::Resume(std::unique_ptr<PendingWork> work) {
  if (child_ == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  auto result = child_->Resume(std::move(work));
  return state_ == State::kBare ? OnBareResult(std::move(result))
                                : OnChildResult(std::move(result));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnFirstToken(Octets token) {
  if (token.empty() && state_ == State::kStart) {
    state_ = State::kExpectInit;
    return MechanismResult::Continue(WriteNegTokenInit2(MechTypesOf(packages_)));
  }
  const auto init = ParseNegTokenInit(token);
  if (init.ok()) {
    return OnInit(*init);
  }
  for (const auto& credentials : packages_) {
    if (credentials->RecognizesToken(token)) {
      EPA_ASSIGN_OR_RETURN(child_, credentials->CreateAcceptor(channel_));
      state_ = State::kBare;
      return OnBareResult(child_->Step(token));
    }
  }
  return Reject(Reason::kMalformedToken, std::string(init.status().message()));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnBareResult(
    absl::StatusOr<MechanismResult> result) {
  if (!result.ok() || result->outcome == MechanismResult::Outcome::kRejected) {
    state_ = State::kEnded;
  } else if (result->outcome == MechanismResult::Outcome::kVerified) {
    state_ = State::kVerified;
  }
  return result;
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnInit(const NegTokenInit& init) {
  std::shared_ptr<const Credentials> chosen;
  size_t choice = 0;
  for (; choice < init.mech_types.size() && chosen == nullptr; ++choice) {
    for (const auto& credentials : packages_) {
      if (HasMechanism(credentials->package(), OidContent(init.mech_types[choice]))) {
        chosen = credentials;
        break;
      }
    }
  }
  if (chosen == nullptr) {
    return Reject(Reason::kUnsupportedMechanism);
  }
  --choice;
  reselected_ = choice != 0;
  const Octets mech = OidContent(init.mech_types[choice]);
  first_answer_mech_.assign(mech.begin(), mech.end());
  mech_types_der_.assign(init.mech_types_der.begin(), init.mech_types_der.end());
  EPA_ASSIGN_OR_RETURN(child_, chosen->CreateAcceptor(channel_));
  state_ = State::kExchanging;
  if (reselected_ || init.mech_token.value_or(Octets()).empty()) {
    // The optimistic token, if any, was for a mechanism that is not ours.
    return MechanismResult::Continue(
        Answer(reselected_ ? NegState::kRequestMic : NegState::kAcceptIncomplete, {}));
  }
  received_mic_ = CopyOf(init.mech_list_mic);
  return OnChildResult(child_->Step(*init.mech_token));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnResponse(const NegTokenResp& resp) {
  if (resp.state == NegState::kReject) {
    return Reject(Reason::kRefusedByPeer);
  }
  if (resp.response_token.value_or(Octets()).empty()) {
    return Reject(Reason::kMalformedToken, "responseToken is missing");
  }
  received_mic_ = CopyOf(resp.mech_list_mic);
  return OnChildResult(child_->Step(*resp.response_token));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnChildResult(
    absl::StatusOr<MechanismResult> result) {
  if (!result.ok()) {
    state_ = State::kEnded;
    return result;
  }
  switch (result->outcome) {
    case MechanismResult::Outcome::kContinue:
    case MechanismResult::Outcome::kProven:
      if (received_mic_.has_value()) {
        return Reject(Reason::kNegotiationAltered, "a mechListMIC came before its time");
      }
      result->token = Answer(NegState::kAcceptIncomplete, result->token);
      return result;
    case MechanismResult::Outcome::kPending:
      return result;
    case MechanismResult::Outcome::kVerified:
      return OnChildVerified(std::move(result->token));
    case MechanismResult::Outcome::kRejected:
      break;
  }
  result->token = Answer(NegState::kReject, result->token);
  state_ = State::kEnded;
  return result;
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnChildVerified(std::vector<uint8_t> token) {
  // Guests and anonymous clients prove nothing and share no key: no MIC of theirs can be checked,
  // and a switch of mechanisms gets nobody more than being let in without a proof.
  if (child_->evidence().identity != IdentityKind::kUser) {
    state_ = State::kVerified;
    return MechanismResult::Verified(Answer(NegState::kAcceptCompleted, token));
  }
  if (!received_mic_.has_value()) {
    return OnVerifiedWithoutMic(std::move(token));
  }
  if (!child_->VerifyMechanismList(mech_types_der_, *received_mic_).ok()) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC does not match");
  }
  EPA_ASSIGN_OR_RETURN(const auto mic, child_->SignMechanismList(mech_types_der_));
  state_ = State::kVerified;
  return MechanismResult::Verified(Answer(NegState::kAcceptCompleted, token, mic));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnVerifiedWithoutMic(
    std::vector<uint8_t> token) {
  if (!reselected_ && !child_->demands_mechanism_list_mic()) {
    state_ = State::kVerified;
    return MechanismResult::Verified(Answer(NegState::kAcceptCompleted, token));
  }
  const bool optimistic_token_was_last = token.empty() && !first_answer_mech_.empty();
  if (token.empty() && !optimistic_token_was_last) {
    // The client sent the mechanism's last token, so its MIC belonged there (RFC 4178 5 (c)).
    return Reject(Reason::kNegotiationAltered, "the mechListMIC is missing");
  }
  const auto mic = child_->SignMechanismList(mech_types_der_);
  if (!mic.ok()) {
    return Reject(Reason::kNegotiationAltered, std::string(mic.status().message()));
  }
  state_ = State::kExpectMic;
  return MechanismResult::Proven(
      Answer(optimistic_token_was_last ? NegState::kRequestMic : NegState::kAcceptIncomplete, token,
             *mic));
}

MechanismResult NegotiateAcceptor::OnLastMic(const NegTokenResp& resp) {
  if (resp.state == NegState::kReject) {
    return Reject(Reason::kRefusedByPeer);
  }
  if (!resp.mech_list_mic.has_value() || !resp.response_token.value_or(Octets()).empty()) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC is missing");
  }
  if (!child_->VerifyMechanismList(mech_types_der_, *resp.mech_list_mic).ok()) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC does not match");
  }
  state_ = State::kVerified;
  // A client that has ended waits for nothing more (RFC 4178 5 (b) I).
  return MechanismResult::Verified(resp.state == NegState::kAcceptCompleted
                                       ? std::vector<uint8_t>()
                                       : Answer(NegState::kAcceptCompleted, {}));
}

std::vector<uint8_t> NegotiateAcceptor::Answer(NegState state, Octets token, Octets mic) {
  NegTokenResp resp;
  resp.state = state;
  if (!first_answer_mech_.empty()) {
    resp.supported_mech = first_answer_mech_;
  }
  resp.response_token = token;
  resp.mech_list_mic = mic;
  std::vector<uint8_t> written = WriteNegTokenResp(resp);
  first_answer_mech_.clear();
  return written;
}

MechanismResult NegotiateAcceptor::Reject(Reason reason, std::string detail) {
  state_ = State::kEnded;
  MechanismResult result = MechanismResult::Rejected(reason, std::move(detail));
  NegTokenResp resp;
  resp.state = NegState::kReject;
  result.token = WriteNegTokenResp(resp);
  return result;
}

}  // namespace epa::negotiate
