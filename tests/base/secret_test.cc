#include "epa/base/secret.h"

#include <gtest/gtest.h>

#include <array>
#include <new>
#include <utility>
#include <vector>

namespace epa {
namespace {

constexpr std::array<uint8_t, 4> kOctets = {1, 2, 3, 4};

TEST(ConstantTimeEquals, ComparesLengthAndContent) {
  EXPECT_TRUE(ConstantTimeEquals(kOctets, kOctets));
  EXPECT_FALSE(ConstantTimeEquals(kOctets, std::array<uint8_t, 4>{1, 2, 3, 5}));
  EXPECT_FALSE(ConstantTimeEquals(kOctets, std::span(kOctets).first(3)));
  EXPECT_TRUE(ConstantTimeEquals({}, {}));
}

TEST(Secret, IsWipedWhenDestroyed) {
  alignas(Secret<4>) std::array<uint8_t, sizeof(Secret<4>)> storage{};
  auto* secret = new (storage.data()) Secret<4>(std::span(kOctets));
  EXPECT_EQ(storage, kOctets);
  secret->~Secret<4>();
  EXPECT_EQ(storage, (std::array<uint8_t, 4>{}));
}

TEST(Secret, ComparesByContent) {
  const Secret<4> a{std::span(kOctets)};
  const Secret<4> copy = a;
  EXPECT_TRUE(a == copy);
  EXPECT_FALSE(a == Secret<4>());
}

TEST(SecretBytes, MovesLeaveNothingBehind) {
  SecretBytes from = SecretBytes::FromText("password");
  const SecretBytes to = std::move(from);
  EXPECT_EQ(to.ExposeText(), "password");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): the promise under test
  SecretBytes assigned = SecretBytes::FromText("other");
  assigned = to.Clone();
  EXPECT_TRUE(assigned == to);
}

TEST(SecretBytes, AssigningToItselfKeepsTheSecret) {
  SecretBytes secret = SecretBytes::FromText("password");
  SecretBytes& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.ExposeText(), "password");
}

}  // namespace
}  // namespace epa
