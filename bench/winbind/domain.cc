// Logins a second in a domain, through `epa serve https`, Samba's helper and libwbclient alone. Run
// by winbind_domain.py, which makes the domain.
//
//   epa_winbind_domain PORT PROCESS SMB_CONF USER DOMAIN     the password on standard input
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/require.h"
#include "bench/winbind/bare.h"
#include "bench/winbind/contest.h"
#include "bench/winbind/login_path.h"
#include "epa/core/security_context.h"
#include "epa/ntlm/ntlm.h"
#include "epa/winbind/winbind.h"

namespace epa::bench {
namespace {

// Asks the domain, and keeps what it asked.
class KeepingAuthority final : public ntlm::NtlmAuthority {
 public:
  explicit KeepingAuthority(std::shared_ptr<const NtlmAuthority> domain)
      : domain_(std::move(domain)) {}
  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest& request) const override {
    kept.user = request.user;
    kept.domain = request.domain;
    kept.challenge = request.server_challenge;
    kept.nt_response.assign(request.nt_response.begin(), request.nt_response.end());
    return domain_->Verify(request);
  }
  absl::StatusOr<std::optional<ntlm::ChallengeNames>> names() const override {
    return domain_->names();
  }
  mutable KeptRequest kept;

 private:
  const std::shared_ptr<const NtlmAuthority> domain_;
};

KeptRequest RequestOf(const User& user, std::shared_ptr<const ntlm::NtlmAuthority> domain) {
  const auto keeping = std::make_shared<KeepingAuthority>(std::move(domain));
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = keeping;
  AcceptOptions options;
  options.credentials = Value(ntlm::CreateAcceptorCredentials(std::move(acceptor)));
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      Value(ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy})));
  options.channel = Channel::Plain();
  options.audit = NoAudit();
  const auto server = Value(SecurityContext::Accept(std::move(options)));
  const auto client = Client(CredentialsOf(user), Channel::Plain());
  const auto negotiate = Value(client->Step({}));
  const auto challenge = Value(server->Step(negotiate.token));
  const auto authenticate = Value(client->Step(challenge.token));
  Require(Value(server->Step(authenticate.token)).state == StepState::kEstablished,
          "the domain refuses the user");
  return keeping->kept;
}

// What nobody who asks libwbclient gets above, whatever else a login costs him.
void PrintBound(const char* what, double value) {
  std::printf("%-60s %8.2f  bound\n", what, value);
}

int Run(const std::string& port, pid_t process, const std::string& configuration,
        const User& user) {
  const auto one = Value(winbind::CreateWinbindAuthority({.connections = 1}));
  const KeptRequest request = RequestOf(user, one);
  const auto server = [&] { return ConnectToServer(port, process); };
  const auto helper = [&] { return StartHelper({"ntlm_auth", "--configfile=" + configuration}); };
  enum : size_t {
    kBare,
    kThread,
    kAuthority,
    kServer,
    kHelper,
    kBareOfMany,
    kServerOfMany,
    kHelperOfMany
  };
  const std::vector<Contender> contenders = {
      {"libwbclient in a loop",
       [&] {
         return Figures{BareLogins(request, 1, kTime), 0};
       }},
      {"libwbclient in a loop, on a thread of its own",
       [&] {
         return Figures{HandedOverLogins(request, kTime), 0};
       }},
      {"authority, one connection",
       [&] {
         return Figures{AuthorityLogins(*one, request, kTime), 0};
       }},
      {"epa serve https, 1 at once", [&] { return Measure(user, 1, server); }},
      {"ntlm_auth, 1 child", [&] { return Measure(user, 1, helper); }},
      {"libwbclient in 4 loops",
       [&] {
         return Figures{BareLogins(request, 4, kTime), 0};
       }},
      {"epa serve https, 64 at once", [&] { return Measure(user, kManyAtOnce, server); }},
      {"ntlm_auth, 64 children", [&] { return Measure(user, kManyAtOnce, helper); }},
  };
  const std::vector<Figures> figures = MeasureAll("NTLM logins in a domain", contenders);
  const auto rate = [&](size_t a, size_t b) {
    return figures[a].per_second / figures[b].per_second;
  };
  PrintGoal("one connection: authority / libwbclient in a loop", rate(kAuthority, kBare), 0.95);
  PrintBound("one connection: a thread of its own / libwbclient in a loop", rate(kThread, kBare));
  PrintGoal("1 at once: epa serve https / ntlm_auth", rate(kServer, kHelper), 2);
  PrintBound("1 at once: libwbclient in a loop / ntlm_auth", rate(kBare, kHelper));
  PrintGoal("64 at once: epa serve https / ntlm_auth", rate(kServerOfMany, kHelperOfMany), 2);
  PrintBound("64 at once: libwbclient in 4 loops / ntlm_auth", rate(kBareOfMany, kHelperOfMany));
  const auto processor = [&](size_t a, size_t b) {
    return figures[a].processor / figures[b].processor;
  };
  PrintGoal("1 at once: processor of ntlm_auth / of epa serve https", processor(kHelper, kServer),
            2);
  PrintGoal("64 at once: processor of ntlm_auth / of epa serve https",
            processor(kHelperOfMany, kServerOfMany), 2);
  return 0;
}

}  // namespace
}  // namespace epa::bench

int main(int argc, char** argv) {
  epa::bench::Require(argc == 6, "usage: epa_winbind_domain PORT PROCESS SMB_CONF USER DOMAIN");
  epa::bench::User user = {argv[4], argv[5], {}};
  std::getline(std::cin, user.password);
  return epa::bench::Run(argv[1], std::atoi(argv[2]), argv[3], user);
}
