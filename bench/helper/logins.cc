// Logins a second through `epa helper` and through Samba's, with local accounts. Run by beside.py,
// which makes the accounts and what is behind the helpers.
//
//   epa_helper_logins HELPER SOCKET SMB_CONF USER DOMAIN     the password on standard input
#include <iostream>
#include <string>
#include <vector>

#include "bench/require.h"
#include "bench/winbind/contest.h"

namespace epa::bench {
namespace {

constexpr double kGoal = 3;

void Run(const std::vector<std::string>& our_helper, const std::vector<std::string>& their_helper,
         const User& user) {
  const auto ours = [&] { return StartHelper(our_helper); };
  const auto theirs = [&] { return StartHelper(their_helper); };
  const std::vector<Figures> figures =
      MeasureAll("NTLM logins with local accounts",
                 {{"epa helper, 1 child", [&] { return Measure(user, 1, ours); }},
                  {"ntlm_auth, 1 child", [&] { return Measure(user, 1, theirs); }},
                  {"epa helper, 64 children", [&] { return Measure(user, kManyAtOnce, ours); }},
                  {"ntlm_auth, 64 children", [&] { return Measure(user, kManyAtOnce, theirs); }}});
  PrintGoal("1 child: epa helper / ntlm_auth", figures[0].per_second / figures[1].per_second,
            kGoal);
  PrintGoal("64 children: epa helper / ntlm_auth", figures[2].per_second / figures[3].per_second,
            kGoal);
}

}  // namespace
}  // namespace epa::bench

int main(int argc, char** argv) {
  epa::bench::Require(argc == 6, "usage: epa_helper_logins HELPER SOCKET SMB_CONF USER DOMAIN");
  epa::bench::User user = {argv[4], argv[5], {}};
  std::getline(std::cin, user.password);
  epa::bench::Run({argv[1], "--service", argv[2]},
                  {"ntlm_auth", std::string("--configfile=") + argv[3]}, user);
  return 0;
}
