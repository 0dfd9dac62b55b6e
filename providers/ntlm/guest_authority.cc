#include <utility>

#include "epa/ntlm/authority.h"
#include "lib/base/status_macros.h"

namespace epa::ntlm {
namespace {

class GuestAuthority final : public NtlmAuthority {
 public:
  explicit GuestAuthority(std::shared_ptr<const NtlmAuthority> accounts)
      : accounts_(std::move(accounts)) {}

  absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const override {
    EPA_ASSIGN_OR_RETURN(LogonVerdict verdict, accounts_->Verify(request));
    return verdict.refusal() == Reason::kUnknownUser ? LogonVerdict::Guest() : std::move(verdict);
  }

  absl::StatusOr<std::optional<LogonVerdict>> VerifyAtOnce(
      const LogonRequest& request) const override {
    EPA_ASSIGN_OR_RETURN(std::optional<LogonVerdict> verdict, accounts_->VerifyAtOnce(request));
    if (verdict.has_value() && verdict->refusal() == Reason::kUnknownUser) {
      return LogonVerdict::Guest();
    }
    return verdict;
  }

  bool blocks() const override { return accounts_->blocks(); }
  absl::StatusOr<std::optional<ChallengeNames>> names() const override {
    return accounts_->names();
  }

 private:
  const std::shared_ptr<const NtlmAuthority> accounts_;
};

}  // namespace

std::shared_ptr<const NtlmAuthority> CreateGuestAuthority(
    std::shared_ptr<const NtlmAuthority> accounts) {
  return std::make_shared<const GuestAuthority>(std::move(accounts));
}

}  // namespace epa::ntlm
