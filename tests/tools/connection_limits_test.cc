#include "tools/epa/serve/connection_limits.h"

#include <gtest/gtest.h>

#include <vector>

namespace epa::tool {
namespace {

class FakeMember final : public ConnectionLimits::Member {
 public:
  void GiveWay() noexcept override { gave_way = true; }
  bool gave_way = false;
};

PeerAddress::Network Network(uint8_t number) { return {10, 0, 0, number}; }

TEST(ConnectionLimits, AtTheLimitOfAllTheCrowdedNetworksOldestGivesWay) {
  ConnectionLimits limits(4, 4);
  FakeMember alone;
  FakeMember first;
  FakeMember second;
  FakeMember third;
  EXPECT_EQ(limits.Admit(alone, Network(1)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(first, Network(2)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(second, Network(2)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(third, Network(2)), Admission::kAdmitted);
  FakeMember next;
  EXPECT_EQ(limits.Admit(next, Network(3)), Admission::kAdmittedForAnother);
  EXPECT_TRUE(first.gave_way);
  EXPECT_FALSE(alone.gave_way || second.gave_way || third.gave_way || next.gave_way);
  EXPECT_EQ(limits.count(), 4U);
}

TEST(ConnectionLimits, AmongNetworksWithAsManyTheOldestGivesWay) {
  ConnectionLimits limits(3, 3);
  std::vector<FakeMember> members(5);
  for (uint8_t i = 0; i < 3; ++i) {
    EXPECT_EQ(limits.Admit(members[i], Network(static_cast<uint8_t>(9 - i))), Admission::kAdmitted);
  }
  for (uint8_t i = 3; i < 5; ++i) {
    EXPECT_EQ(limits.Admit(members[i], Network(i)), Admission::kAdmittedForAnother);
    EXPECT_TRUE(members[i - 3U].gave_way);
    EXPECT_FALSE(members[i - 2U].gave_way);
  }
}

TEST(ConnectionLimits, AtTheLimitOfOneNetworkItsOwnOldestGivesWay) {
  ConnectionLimits limits(100, 2);
  FakeMember other;
  FakeMember first;
  FakeMember second;
  FakeMember third;
  EXPECT_EQ(limits.Admit(other, Network(1)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(first, Network(2)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(second, Network(2)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(third, Network(2)), Admission::kAdmittedForAnother);
  EXPECT_TRUE(first.gave_way);
  EXPECT_FALSE(other.gave_way || second.gave_way);
  EXPECT_EQ(limits.count(), 3U);
}

TEST(ConnectionLimits, WhoIsLoggedInDoesNotGiveWay) {
  ConnectionLimits limits(2, 2);
  FakeMember user;
  FakeMember stranger;
  FakeMember next;
  EXPECT_EQ(limits.Admit(user, Network(1)), Admission::kAdmitted);
  limits.LoggedIn(user);
  EXPECT_EQ(limits.Admit(stranger, Network(1)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(next, Network(1)), Admission::kAdmittedForAnother);
  EXPECT_TRUE(stranger.gave_way);
  limits.LoggedIn(next);
  EXPECT_FALSE(limits.HasRoom());
  EXPECT_FALSE(limits.MakeRoom());
  FakeMember late;
  EXPECT_EQ(limits.Admit(late, Network(1)), Admission::kAddressFull);
  EXPECT_EQ(limits.Admit(late, Network(2)), Admission::kFull);
  EXPECT_FALSE(user.gave_way || next.gave_way);
  limits.Leave(user);
  EXPECT_TRUE(limits.HasRoom());
  EXPECT_EQ(limits.Admit(late, Network(1)), Admission::kAdmitted);
}

TEST(ConnectionLimits, WhoGaveWayDoesNotCountAndMayLeave) {
  ConnectionLimits limits(1, 1);
  FakeMember first;
  FakeMember second;
  EXPECT_EQ(limits.Admit(first, Network(1)), Admission::kAdmitted);
  EXPECT_EQ(limits.Admit(second, Network(1)), Admission::kAdmittedForAnother);
  limits.LoggedIn(first);
  limits.Leave(first);
  EXPECT_EQ(limits.count(), 1U);
  EXPECT_EQ(limits.waiting_count(), 1U);
  EXPECT_TRUE(limits.MakeRoom());
  EXPECT_TRUE(second.gave_way);
  EXPECT_EQ(limits.count(), 0U);
}

// Whatever happens in whatever order, the counts stay those of a list of who is there.
TEST(ConnectionLimits, CountsStayRightInAnyOrder) {
  constexpr size_t kMembers = 64;
  constexpr size_t kAll = 40;
  ConnectionLimits limits(kAll, 10);
  std::vector<FakeMember> members(kMembers);
  std::vector<bool> inside(kMembers);
  std::vector<bool> logged_in(kMembers);
  uint32_t random = 1;
  for (int step = 0; step < 20'000; ++step) {
    random = random * 1664525 + 1013904223;
    const size_t i = (random >> 8) % kMembers;
    if (!inside[i]) {
      members[i].gave_way = false;
      const Admission outcome =
          limits.Admit(members[i], Network(static_cast<uint8_t>((random >> 20) % 7)));
      inside[i] = outcome == Admission::kAdmitted || outcome == Admission::kAdmittedForAnother;
      logged_in[i] = false;
    } else if ((random >> 16) % 3 == 0) {
      limits.LoggedIn(members[i]);
      logged_in[i] = true;
    } else {
      limits.Leave(members[i]);
      inside[i] = false;
    }
    size_t count = 0;
    size_t waiting = 0;
    for (size_t k = 0; k < kMembers; ++k) {
      ASSERT_FALSE(inside[k] && logged_in[k] && members[k].gave_way);
      inside[k] = inside[k] && !members[k].gave_way;
      count += inside[k] ? 1 : 0;
      waiting += inside[k] && !logged_in[k] ? 1 : 0;
    }
    ASSERT_LE(count, kAll);
    ASSERT_EQ(limits.count(), count);
    ASSERT_EQ(limits.waiting_count(), waiting);
  }
}

}  // namespace
}  // namespace epa::tool
