#include <algorithm>
#include <utility>

#include "epa/ntlm/authority.h"
#include "lib/base/status_macros.h"

namespace epa::ntlm {
namespace {

class AuthorityChain final : public NtlmAuthority {
 public:
  explicit AuthorityChain(std::vector<std::shared_ptr<const NtlmAuthority>> authorities)
      : authorities_(std::move(authorities)) {}

  absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const override {
    LogonVerdict verdict = LogonVerdict::Refused(Reason::kUnknownUser);
    for (const auto& authority : authorities_) {
      EPA_ASSIGN_OR_RETURN(verdict, authority->Verify(request));
      if (verdict.refusal() != Reason::kUnknownUser) {
        break;
      }
    }
    return verdict;
  }

  absl::StatusOr<std::optional<LogonVerdict>> VerifyAtOnce(
      const LogonRequest& request) const override {
    std::optional<LogonVerdict> verdict = LogonVerdict::Refused(Reason::kUnknownUser);
    for (const auto& authority : authorities_) {
      EPA_ASSIGN_OR_RETURN(verdict, authority->VerifyAtOnce(request));
      if (!verdict.has_value() || verdict->refusal() != Reason::kUnknownUser) {
        break;
      }
    }
    return verdict;
  }

  bool blocks() const override {
    return std::ranges::any_of(authorities_,
                               [](const auto& authority) { return authority->blocks(); });
  }

  absl::StatusOr<std::optional<ChallengeNames>> names() const override {
    for (const auto& authority : authorities_) {
      EPA_ASSIGN_OR_RETURN(std::optional<ChallengeNames> names, authority->names());
      if (names.has_value()) {
        return names;
      }
    }
    return std::nullopt;
  }

 private:
  const std::vector<std::shared_ptr<const NtlmAuthority>> authorities_;
};

}  // namespace

absl::StatusOr<std::optional<LogonVerdict>> NtlmAuthority::VerifyAtOnce(
    const LogonRequest& request) const {
  if (blocks()) {
    return std::nullopt;
  }
  EPA_ASSIGN_OR_RETURN(LogonVerdict verdict, Verify(request));
  return verdict;
}

std::shared_ptr<const NtlmAuthority> CreateAuthorityChain(
    std::vector<std::shared_ptr<const NtlmAuthority>> authorities) {
  return std::make_shared<const AuthorityChain>(std::move(authorities));
}

}  // namespace epa::ntlm
