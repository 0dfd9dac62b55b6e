#include "lib/winbind/authority.h"

#include <atomic>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/winbind/connection_pool.h"
#include "lib/winbind/verdict.h"

namespace epa::winbind {
namespace {

Question QuestionOf(const ntlm::LogonRequest& request) {
  Question question;
  question.user = request.user;
  question.domain = request.domain;
  question.workstation = request.workstation;
  question.challenge = request.server_challenge;
  question.nt_response.assign(request.nt_response.begin(), request.nt_response.end());
  question.allow_computer_accounts = request.parameters.allow_computer_accounts;
  return question;
}

// A C string ends at a NUL, and the name before it would be another one.
bool HasNul(const ntlm::LogonRequest& request) {
  constexpr char kNul = '\0';
  return request.user.find(kNul) != std::string_view::npos ||
         request.domain.find(kNul) != std::string_view::npos ||
         request.workstation.find(kNul) != std::string_view::npos;
}

// Runs `call` on a connection and returns what it returns. Whoever gives up leaves the place of
// the result to the connection's thread.
template <typename T, typename Call>
absl::StatusOr<T> Ask(ConnectionPool& pool, Call call) {
  const auto result = std::make_shared<std::optional<T>>();
  EPA_RETURN_IF_ERROR(pool.Run([result, call = std::move(call)](Client& client) -> absl::Status {
    EPA_ASSIGN_OR_RETURN(*result, call(client));
    return absl::OkStatus();
  }));
  return **std::move(result);
}

class Authority final : public WinbindAuthority {
 public:
  Authority(std::unique_ptr<ConnectionPool> pool, Options options, ntlm::ChallengeNames names)
      : pool_(std::move(pool)), options_(std::move(options)), names_(std::move(names)) {}

  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest& request) const override {
    if (HasNul(request)) {
      return ntlm::LogonVerdict::Refused(Reason::kMalformedToken, "a name contains NUL");
    }
    // A status that judges nobody is a fault of the connection's, too: the pool then pauses.
    const auto verdict = Ask<ntlm::LogonVerdict>(
        *pool_,
        [question = QuestionOf(request), domain = options_.domain,
         groups = options_.required_groups](Client& client) -> absl::StatusOr<ntlm::LogonVerdict> {
          EPA_ASSIGN_OR_RETURN(const Answer answer, client.Authenticate(question));
          return VerdictOf(answer, domain, groups);
        });
    if (!verdict.ok()) {
      return absl::UnavailableError(verdict.status().message());
    }
    ++(verdict->verified() ? verified_ : refused_);
    return verdict;
  }

  bool blocks() const override { return true; }
  absl::StatusOr<std::optional<ntlm::ChallengeNames>> names() const override { return names_; }

  absl::Status Ping() const override {
    return pool_->Run([](Client& client) { return client.Connect(); });
  }

  Counters counters() const override {
    Counters counters = pool_->counters();
    counters.verified = verified_;
    counters.refused = refused_;
    return counters;
  }

 private:
  const std::unique_ptr<ConnectionPool> pool_;
  const Options options_;
  const ntlm::ChallengeNames names_;
  mutable std::atomic<uint64_t> verified_ = 0;
  mutable std::atomic<uint64_t> refused_ = 0;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const WinbindAuthority>> CreateAuthorityOver(ClientFactory factory,
                                                                            Options options) {
  EPA_ASSIGN_OR_RETURN(std::unique_ptr<ConnectionPool> pool,
                       ConnectionPool::Create(std::move(factory), options));
  EPA_ASSIGN_OR_RETURN(
      ntlm::ChallengeNames names,
      Ask<ntlm::ChallengeNames>(*pool, [](Client& client) { return client.MachineNames(); }));
  if (names.netbios_computer.empty() || names.netbios_domain.empty()) {
    return absl::UnavailableError("this machine is not joined to a domain: net ads join");
  }
  for (std::string& group : options.required_groups) {
    if (!group.starts_with("S-1-")) {
      EPA_ASSIGN_OR_RETURN(
          group, Ask<std::string>(*pool, [group](Client& client) { return client.LookUp(group); }));
    }
  }
  return std::make_shared<const Authority>(std::move(pool), std::move(options), std::move(names));
}

absl::StatusOr<std::shared_ptr<const WinbindAuthority>> CreateWinbindAuthority(Options options) {
  EPA_ASSIGN_OR_RETURN(ClientFactory factory, LibwbclientFactory());
  return CreateAuthorityOver(std::move(factory), std::move(options));
}

}  // namespace epa::winbind
