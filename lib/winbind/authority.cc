#include "lib/winbind/authority.h"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/winbind/away_domains.h"
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

absl::Status ControllerJustFailed() {
  return absl::UnavailableError("no controller of this domain answered a moment ago");
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

// No value where the domain went away while the login waited for the connection. Said on its own
// thread, so that whoever waits for it hears of it first.
absl::StatusOr<std::optional<Answer>> AskUnlessAway(Client& client, const Question& question,
                                                    const std::string& domain, AwayDomains& away) {
  if (away.IsPaused(domain)) {
    return std::nullopt;
  }
  EPA_ASSIGN_OR_RETURN(Answer answer, client.Authenticate(question));
  HasNoController(answer) ? away.OnAway(domain) : away.OnAnswer(domain);
  return answer;
}

class Authority final : public WinbindAuthority {
 public:
  Authority(std::unique_ptr<ConnectionPool> pool, Options options, ntlm::ChallengeNames names)
      : pool_(std::move(pool)),
        options_(std::move(options)),
        names_(std::move(names)),
        away_(std::make_shared<AwayDomains>(options_.pause)) {}

  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest& request) const override {
    if (HasNul(request)) {
      return ntlm::LogonVerdict::Refused(Reason::kMalformedToken, "a name contains NUL");
    }
    const std::string domain = ClaimedDomain(request);
    if (!away_->MayAsk(domain)) {
      ++not_asked_;
      return ControllerJustFailed();
    }
    const auto answer = AskAbout(request, domain);
    if (!answer.ok()) {
      away_->OnNotAsked(domain);
      return absl::UnavailableError(answer.status().message());
    }
    auto verdict = VerdictOn(*answer);
    Count(verdict);
    return verdict;
  }

  bool blocks() const override { return true; }
  absl::StatusOr<std::optional<ntlm::ChallengeNames>> names() const override { return names_; }

  absl::Status Ping() const override {
    return pool_->Run([](Client& client) { return client.Connect(); });
  }

  Counters counters() const override {
    Counters counters = pool_->counters();
    counters.not_asked += not_asked_;
    const std::lock_guard lock(mutex_);
    counters.verified = verified_;
    counters.faults += faults_;
    counters.refused_for = refused_for_;
    for (const auto& [reason, count] : refused_for_) {
      counters.refused += count;
    }
    return counters;
  }

 private:
  absl::StatusOr<std::optional<Answer>> AskAbout(const ntlm::LogonRequest& request,
                                                 const std::string& domain) const {
    return Ask<std::optional<Answer>>(
        *pool_, [question = QuestionOf(request), domain, away = away_](Client& client) {
          return AskUnlessAway(client, question, domain, *away);
        });
  }

  absl::StatusOr<ntlm::LogonVerdict> VerdictOn(const std::optional<Answer>& answer) const {
    if (!answer.has_value()) {
      return ControllerJustFailed();
    }
    return VerdictOf(*answer, options_.domain, options_.required_groups);
  }

  void Count(const absl::StatusOr<ntlm::LogonVerdict>& verdict) const {
    const std::lock_guard lock(mutex_);
    if (!verdict.ok()) {
      ++faults_;
    } else if (verdict->verified()) {
      ++verified_;
    } else {
      ++refused_for_[verdict->refusal()];
    }
  }

  const std::unique_ptr<ConnectionPool> pool_;
  const Options options_;
  const ntlm::ChallengeNames names_;
  const std::shared_ptr<AwayDomains> away_;  // of the questions, too
  mutable std::atomic<uint64_t> not_asked_ = 0;
  mutable std::mutex mutex_;  // of what follows
  mutable uint64_t verified_ = 0;
  mutable uint64_t faults_ = 0;  // of domains and not of winbindd
  mutable std::map<Reason, uint64_t> refused_for_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const WinbindAuthority>> CreateAuthorityOver(ClientFactory factory,
                                                                            Options options) {
  EPA_ASSIGN_OR_RETURN(std::unique_ptr<ConnectionPool> pool,
                       ConnectionPool::Create(std::move(factory), options));
  EPA_ASSIGN_OR_RETURN(
      ntlm::ChallengeNames names,
      Ask<ntlm::ChallengeNames>(*pool, [](Client& client) { return client.MachineNames(); }));
  // A winbindd of no domain calls its workgroup one, but not by a DNS name.
  if (names.netbios_computer.empty() || names.netbios_domain.empty() || names.dns_domain.empty()) {
    return absl::UnavailableError(
        "this machine is not joined to an Active Directory domain: net ads join");
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
