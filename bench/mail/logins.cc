// NTLM logins a second over SMTP, of `epa serve smtp` and of Dovecot, which asks winbindd. Run by
// beside.py, which starts both.
//
//   epa_mail_logins PORT PROCESS DOVECOT_PORT USER DOMAIN     the password on standard input
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "bench/mail/smtp_path.h"
#include "bench/require.h"
#include "bench/winbind/contest.h"

namespace epa::bench {
namespace {

constexpr double kGoal = 5;

// Dovecot has one helper for all its logins, and the helper one login at a time: two at once spoil
// each other's. So what it makes of one after the other is all that it can.
void Run(int port, pid_t process, int dovecot_port, const User& user) {
  const auto ours = [&] { return LogInBySmtp(port, process); };
  const auto theirs = [&] { return LogInBySmtp(dovecot_port, 0); };
  const std::vector<Figures> figures = MeasureAll(
      "NTLM logins over SMTP, with local accounts",
      {{"epa serve smtp, 1 at once", [&] { return Measure(user, 1, ours); }},
       {"Dovecot with ntlm_auth, 1 at once", [&] { return Measure(user, 1, theirs); }},
       {"epa serve smtp, 64 at once", [&] { return Measure(user, kManyAtOnce, ours); }}});
  PrintGoal("1 at once: epa serve smtp / Dovecot", figures[0].per_second / figures[1].per_second,
            kGoal);
  PrintGoal("64 at once: epa serve smtp / Dovecot's most",
            figures[2].per_second / figures[1].per_second, kGoal);
}

}  // namespace
}  // namespace epa::bench

int main(int argc, char** argv) {
  epa::bench::Require(argc == 6, "usage: epa_mail_logins PORT PROCESS DOVECOT_PORT USER DOMAIN");
  epa::bench::User user = {argv[4], argv[5], {}};
  std::getline(std::cin, user.password);
  epa::bench::Run(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]), user);
  return 0;
}
