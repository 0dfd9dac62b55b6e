#include "lib/winbind/away_domains.h"

#include <gtest/gtest.h>

#include <string>

namespace epa::winbind {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(AwayDomains, PauseAndNoOther) {
  AwayDomains domains{hours(1)};
  EXPECT_TRUE(domains.MayAsk("AWAY"));
  domains.OnAway("AWAY");
  EXPECT_FALSE(domains.MayAsk("AWAY"));
  EXPECT_TRUE(domains.MayAsk("CORP"));
  EXPECT_TRUE(domains.MayAsk(""));
}

TEST(AwayDomains, AfterThePauseOneTries) {
  AwayDomains domains{milliseconds(0)};
  domains.OnAway("AWAY");
  EXPECT_TRUE(domains.MayAsk("AWAY"));
  EXPECT_FALSE(domains.MayAsk("AWAY"));
  domains.OnNotAsked("AWAY");  // winbindd itself failed: another one tries
  EXPECT_TRUE(domains.MayAsk("AWAY"));
  domains.OnAway("AWAY");
  EXPECT_TRUE(domains.MayAsk("AWAY"));
  domains.OnAnswer("AWAY");
  EXPECT_TRUE(domains.MayAsk("AWAY"));
  EXPECT_TRUE(domains.MayAsk("AWAY"));
}

TEST(AwayDomains, OfNamesWithoutEndTheOldestAreForgotten) {
  constexpr int kNames = 1000;
  AwayDomains domains{hours(1)};
  for (int i = 0; i < kNames; ++i) {
    domains.OnAway(std::to_string(i));
  }
  int paused = 0;
  for (int i = 0; i < kNames; ++i) {
    paused += domains.MayAsk(std::to_string(i)) ? 0 : 1;
  }
  EXPECT_EQ(paused, 64);
  EXPECT_FALSE(domains.MayAsk(std::to_string(kNames - 1)));
}

TEST(AwayDomains, AreWhatTheClientNamed) {
  EXPECT_EQ(ClaimedDomain({.user = "alice", .domain = "Corp"}), "CORP");
  EXPECT_EQ(ClaimedDomain({.user = "alice@x", .domain = "Corp"}), "CORP");
  EXPECT_EQ(ClaimedDomain({.user = "alice@corp.example", .domain = ""}), "@CORP.EXAMPLE");
  EXPECT_EQ(ClaimedDomain({.user = "alice@", .domain = ""}), "@");
  EXPECT_EQ(ClaimedDomain({.user = "alice", .domain = ""}), "");
}

}  // namespace
}  // namespace epa::winbind
