// The client's side of a negotiation (RFC 4178 4, [MS-SPNG] 3.1).
#ifndef EPA_PROVIDERS_NEGOTIATE_INITIATOR_H_
#define EPA_PROVIDERS_NEGOTIATE_INITIATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/negotiate/negotiate.h"
#include "providers/negotiate/mechanisms.h"
#include "providers/negotiate/neg_token.h"
#include "providers/negotiate/negotiation.h"

namespace epa::negotiate {

class NegotiateInitiator : public Negotiation {
 public:
  // `owner` keeps `packages` alive. Children are asked for signing, which the mechListMIC needs.
  NegotiateInitiator(std::shared_ptr<const Credentials> owner, const Packages& packages,
                     const Channel& channel, InitiatorParameters parameters);

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  std::string_view passed_over() const override { return passed_over_; }

 private:
  enum class State : uint8_t {
    kStart,        // looking for a package that can begin
    kExpectFirst,  // the answer that names the mechanism
    kExchanging,
    kVerified,
    kEnded,
  };

  // The first step of the current package's mechanism.
  absl::StatusOr<MechanismResult> BeginChild();
  absl::StatusOr<MechanismResult> BeginNext();
  absl::StatusOr<MechanismResult> OnBeginning(absl::StatusOr<MechanismResult> result);
  absl::StatusOr<MechanismResult> SendInit(MechanismResult first);
  absl::StatusOr<MechanismResult> OnFirstResponse(const NegTokenResp& resp);
  absl::StatusOr<MechanismResult> SwitchTo(size_t package);
  absl::StatusOr<MechanismResult> OnResponse(const NegTokenResp& resp);
  absl::StatusOr<MechanismResult> OnMissingToken();
  absl::StatusOr<MechanismResult> OnReject(const NegTokenResp& resp);
  absl::StatusOr<MechanismResult> OnChildResult(absl::StatusOr<MechanismResult> result);
  absl::StatusOr<MechanismResult> SendLastToken(std::vector<uint8_t> token);
  absl::StatusOr<MechanismResult> OnLastResponse();
  absl::StatusOr<MechanismResult> AnswerMic();
  bool ServerSaysDone() const { return peer_state_ == NegState::kAcceptCompleted; }
  absl::StatusOr<MechanismResult> Finish(std::vector<uint8_t> token = {});
  bool verified() const override { return state_ == State::kVerified; }
  absl::StatusOr<MechanismResult> Reject(Reason reason, std::string_view detail = {});

  InitiatorParameters parameters_;
  std::string passed_over_;
  State state_ = State::kStart;
  // The package of child_; those before it could not begin and are not in the list.
  size_t current_ = 0;
  size_t first_offered_ = 0;
  // Our list, which the mechListMIC covers; it is kept by the credentials.
  Octets mech_types_der_;
  // The server chose another mechanism than the first, or asked for it: both sides prove the list.
  bool mic_required_ = false;
  bool child_complete_ = false;
  bool mic_sent_ = false;
  // Of the response being worked on.
  std::optional<NegState> peer_state_;
};

}  // namespace epa::negotiate

#endif  // EPA_PROVIDERS_NEGOTIATE_INITIATOR_H_
