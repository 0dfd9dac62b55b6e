#include "providers/negotiate/acceptor.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/negotiate/record.h"

namespace epa::negotiate {

absl::StatusOr<MechanismResult> NegotiateAcceptor::Step(std::span<const uint8_t> token) {
  if (token.size() > NegotiatePackageInfo().max_token_size) {
    return Reject(Reason::kTokenTooLarge);
  }
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
    return MechanismResult::Continue(WriteNegTokenInit2(packages_.MechTypesFrom(0)));
  }
  const auto init = ParseNegTokenInit(token);
  if (init.ok()) {
    return OnInit(*init);
  }
  for (const auto& credentials : packages_) {
    if (credentials->RecognizesToken(token)) {
      return OnBareToken(*credentials, token);
    }
  }
  return Reject(Reason::kMalformedToken, std::string(init.status().message()));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnBareToken(const Credentials& package,
                                                               Octets token) {
  chosen_ = &package;
  EPA_ASSIGN_OR_RETURN(child_, package.CreateAcceptor(channel_));
  state_ = State::kBare;
  return OnBareResult(child_->Step(token));
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

bool NegotiateAcceptor::Choose(std::span<const Octets> mech_types) {
  for (size_t choice = 0; choice < mech_types.size(); ++choice) {
    for (const auto& credentials : packages_) {
      const auto* oid = FindMechanism(credentials->package(), mech_types[choice]);
      if (oid != nullptr) {
        reselected_ = choice != 0;
        supported_mech_ = OidContent(*oid);
        chosen_ = credentials.get();
        return true;
      }
    }
  }
  return false;
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnInit(const NegTokenInit& init) {
  mech_types_der_.assign(init.mech_types_der.begin(), init.mech_types_der.end());
  if (!Choose(init.mech_types)) {
    return Reject(Reason::kUnsupportedMechanism);
  }
  EPA_ASSIGN_OR_RETURN(child_, chosen_->CreateAcceptor(channel_));
  state_ = State::kExchanging;
  if (reselected_ || init.mech_token.value_or(Octets()).empty()) {
    // The optimistic token, if any, was for a mechanism that is not ours.
    return MechanismResult::Continue(
        Answer(reselected_ ? NegState::kRequestMic : NegState::kAcceptIncomplete, {}));
  }
  SetReceivedMic(init.mech_list_mic);
  return OnChildResult(child_->Step(*init.mech_token));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnResponse(const NegTokenResp& resp) {
  if (resp.state == NegState::kReject) {
    return Reject(Reason::kRefusedByPeer);
  }
  if (resp.response_token.value_or(Octets()).empty()) {
    return Reject(Reason::kMalformedToken, "responseToken is missing");
  }
  SetReceivedMic(resp.mech_list_mic);
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
  if (child_->identity().kind() != IdentityKind::kUser) {
    return Accept(Answer(NegState::kAcceptCompleted, token));
  }
  if (!received_mic_.has_value()) {
    return OnVerifiedWithoutMic(token);
  }
  if (!child_->VerifyMechanismList(mech_types_der_, *received_mic_).ok()) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC does not match");
  }
  EPA_ASSIGN_OR_RETURN(const auto mic, child_->SignMechanismList(mech_types_der_));
  return Accept(Answer(NegState::kAcceptCompleted, token, mic));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnVerifiedWithoutMic(Octets token) {
  if (!reselected_ && !child_->demands_mechanism_list_mic()) {
    return Accept(Answer(NegState::kAcceptCompleted, token));
  }
  // The client sent the mechanism's last token; its MIC belonged there where one was asked for
  // (RFC 4178 5 (c) V). Where nobody asked, it is asked now by ours: with the first answer (IV),
  // or with a later one, to NTLM clients with a MIC of their own that send none
  // ([MS-SPNG] 3.1.5.4).
  if (token.empty() && reselected_) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC is missing");
  }
  const NegState state =
      token.empty() && !answered_ ? NegState::kRequestMic : NegState::kAcceptIncomplete;
  const auto mic = child_->SignMechanismList(mech_types_der_);
  if (!mic.ok()) {
    return Reject(Reason::kNegotiationAltered, std::string(mic.status().message()));
  }
  state_ = State::kExpectMic;
  return MechanismResult::Proven(Answer(state, token, *mic));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::OnLastMic(const NegTokenResp& resp) {
  if (resp.state == NegState::kReject) {
    return Reject(Reason::kRefusedByPeer);
  }
  if (!resp.mech_list_mic.has_value() || !resp.response_token.value_or(Octets()).empty()) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC is missing");
  }
  if (!child_->VerifyMechanismList(mech_types_der_, *resp.mech_list_mic).ok()) {
    return Reject(Reason::kNegotiationAltered, "the mechListMIC does not match");
  }
  // A client that has ended waits for nothing more (RFC 4178 5 (b) I).
  return Accept(resp.state == NegState::kAcceptCompleted ? std::vector<uint8_t>()
                                                         : Answer(NegState::kAcceptCompleted, {}));
}

std::vector<uint8_t> NegotiateAcceptor::Answer(NegState state, Octets token, Octets mic) {
  NegTokenResp resp;
  resp.state = state;
  if (!answered_) {  // RFC 4178 4.2.2: in the first reply only
    resp.supported_mech = supported_mech_;
  }
  answered_ = true;
  resp.response_token = token;
  resp.mech_list_mic = mic;
  return WriteNegTokenResp(resp);
}

std::optional<NegotiationRecord> NegotiateAcceptor::negotiation() const {
  const bool begun = chosen_ != nullptr || !mech_types_der_.empty();
  return begun ? std::optional(RecordOf(packages_, mech_types_der_, chosen_)) : std::nullopt;
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::Accept(std::vector<uint8_t> last_token) {
  state_ = State::kVerified;
  return MechanismResult::Verified(std::move(last_token));
}

absl::StatusOr<MechanismResult> NegotiateAcceptor::Reject(Reason reason, std::string_view detail) {
  state_ = State::kEnded;
  MechanismResult result = MechanismResult::Rejected(reason, std::string(detail));
  NegTokenResp resp;
  resp.state = NegState::kReject;
  result.token = WriteNegTokenResp(resp);
  return result;
}

}  // namespace epa::negotiate
