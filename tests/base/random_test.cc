#include "epa/base/random.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <vector>

namespace epa {
namespace {

using Octets = std::array<uint8_t, 16>;

Octets Draw() {
  Octets octets{};
  SystemRandom().Fill(octets);
  return octets;
}

TEST(SystemRandom, DoesNotRepeat) {
  std::set<Octets> drawn;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(drawn.insert(Draw()).second);
  }
}

TEST(SystemRandom, FillsLargeAndEmptyRequests) {
  std::vector<uint8_t> large(4096);
  SystemRandom().Fill(large);
  EXPECT_NE(std::vector<uint8_t>(large.begin() + 2048, large.end()), std::vector<uint8_t>(2048));
  SystemRandom().Fill({});
}

// A child that inherited its parent's pool would issue the parent's next challenges.
TEST(SystemRandom, ForkedChildDoesNotRepeatItsParent) {
  Draw();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Octets octets = Draw();
    _exit(write(ends[1], octets.data(), octets.size()) == 16 ? 0 : 1);
  }
  const Octets parents = Draw();
  Octets childs{};
  EXPECT_EQ(read(ends[0], childs.data(), childs.size()), 16);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_NE(parents, childs);
  EXPECT_NE(childs, Octets{});
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace epa
