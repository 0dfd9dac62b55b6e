// The server's side of a negotiation (RFC 4178 4, [MS-SPNG] 3.2).
#ifndef EPA_PROVIDERS_NEGOTIATE_ACCEPTOR_H_
#define EPA_PROVIDERS_NEGOTIATE_ACCEPTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "epa/core/security_package.h"
#include "epa/negotiate/negotiate.h"
#include "providers/negotiate/mechanisms.h"
#include "providers/negotiate/neg_token.h"
#include "providers/negotiate/negotiation.h"

namespace epa::negotiate {

class NegotiateAcceptor : public Negotiation {
 public:
  // `owner` keeps `packages` alive.
  NegotiateAcceptor(std::shared_ptr<const Credentials> owner, const Packages& packages,
                    const Channel& channel)
      : Negotiation(std::move(owner), packages, channel) {}

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  std::optional<NegotiationRecord> negotiation() const override;

 private:
  enum class State : uint8_t {
    kStart,
    kExpectInit,  // our list went out first
    kBare,
    kExchanging,
    kExpectMic,  // the mechanism has verified; the client still has to prove the list
    kVerified,
    kEnded,
  };

  absl::StatusOr<MechanismResult> OnFirstToken(Octets token);
  // Takes the client's first mechanism we have; false where there is none.
  bool Choose(std::span<const Octets> mech_types);
  absl::StatusOr<MechanismResult> OnBareToken(const Credentials& package, Octets token);
  absl::StatusOr<MechanismResult> OnInit(const NegTokenInit& init);
  absl::StatusOr<MechanismResult> OnResponse(const NegTokenResp& resp);
  absl::StatusOr<MechanismResult> OnBareResult(absl::StatusOr<MechanismResult> result);
  absl::StatusOr<MechanismResult> OnChildResult(absl::StatusOr<MechanismResult> result);
  absl::StatusOr<MechanismResult> OnChildVerified(std::vector<uint8_t> token);
  absl::StatusOr<MechanismResult> OnVerifiedWithoutMic(Octets token);
  absl::StatusOr<MechanismResult> OnLastMic(const NegTokenResp& resp);
  std::vector<uint8_t> Answer(NegState state, Octets token, Octets mic = {});
  bool verified() const override { return state_ == State::kVerified; }
  absl::StatusOr<MechanismResult> Accept(std::vector<uint8_t> last_token);
  absl::StatusOr<MechanismResult> Reject(Reason reason, std::string_view detail = {});

  State state_ = State::kStart;
  bool answered_ = false;
  // The client's first choice was not ours: both sides must prove the list.
  bool reselected_ = false;
  const Credentials* chosen_ = nullptr;
  // The client's list, which the mechListMIC covers.
  absl::InlinedVector<uint8_t, 64> mech_types_der_;
  // supportedMech: which of the package's object identifiers the client named.
  Octets supported_mech_;
};

}  // namespace epa::negotiate

#endif  // EPA_PROVIDERS_NEGOTIATE_ACCEPTOR_H_
