#include "epa/core/security_package.h"

#include <utility>

#include "absl/status/status.h"

namespace epa {

MechanismResult MechanismResult::Continue(std::vector<uint8_t> token) {
  MechanismResult result;
  result.outcome = Outcome::kContinue;
  result.token = std::move(token);
  return result;
}

MechanismResult MechanismResult::Pending(std::unique_ptr<PendingWork> work) {
  MechanismResult result;
  result.outcome = Outcome::kPending;
  result.work = std::move(work);
  return result;
}

MechanismResult MechanismResult::Verified(std::vector<uint8_t> token) {
  MechanismResult result;
  result.outcome = Outcome::kVerified;
  result.token = std::move(token);
  return result;
}

MechanismResult MechanismResult::Rejected(Reason reason, std::string detail) {
  MechanismResult result;
  result.outcome = Outcome::kRejected;
  result.reason = reason;
  result.detail = std::move(detail);
  return result;
}

absl::StatusOr<std::unique_ptr<Mechanism>> Credentials::CreateAcceptor(const Channel&) const {
  return absl::FailedPreconditionError("these credentials are for a client");
}

absl::StatusOr<std::unique_ptr<Mechanism>> Credentials::CreateInitiator(const Channel&,
                                                                        InitiatorParameters) const {
  return absl::FailedPreconditionError("these credentials are for a server");
}

}  // namespace epa
