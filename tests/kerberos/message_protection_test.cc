// Per-message tokens that were altered, replayed or reordered, and their layout.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "providers/kerberos/checksum.h"
#include "providers/kerberos/message_protection.h"
#include "providers/kerberos/sequence_window.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

using test::KerberosExchange;
using test::KerberosSetup;
using test::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kOutOfRange = absl::StatusCode::kOutOfRange;

KerberosExchange Sealing() {
  KerberosSetup setup;
  setup.parameters.want_sealing = true;
  return test::RunKerberos(setup);
}

const std::vector<uint8_t> kMessage(40, 7);

TEST(KerberosMessages, EveryTurnedBitIsRefusedAndTheOriginalStillArrives) {
  KerberosExchange exchange = Sealing();
  MessageProtection& client = **exchange.client->message_protection();
  MessageProtection& server = **exchange.server->message_protection();
  for (const WrapKind kind : {WrapKind::kSealed, WrapKind::kSigned}) {
    const auto wrapped = client.Wrap(kMessage, kind);
    ASSERT_OK(wrapped);
    for (size_t bit = 0; bit < 8 * wrapped->size(); ++bit) {
      std::vector<uint8_t> altered = *wrapped;
      altered[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
      EXPECT_THAT(server.Unwrap(altered, kind), StatusIs(kDataLoss)) << bit;
    }
    for (size_t size = 0; size < wrapped->size(); ++size) {
      EXPECT_THAT(server.Unwrap(std::span(*wrapped).first(size), kind), StatusIs(kDataLoss));
    }
    const WrapKind other = kind == WrapKind::kSealed ? WrapKind::kSigned : WrapKind::kSealed;
    EXPECT_THAT(server.Unwrap(*wrapped, other), StatusIs(kDataLoss));
    EXPECT_EQ(server.Unwrap(*wrapped, kind).value(), kMessage);
    EXPECT_THAT(server.Unwrap(*wrapped, kind), StatusIs(kOutOfRange)) << "replay";
  }
  std::vector<uint8_t> mic(client.signature_size());
  ASSERT_OK(client.Sign(kMessage, mic));
  for (size_t bit = 0; bit < 8 * mic.size(); ++bit) {
    std::vector<uint8_t> altered = mic;
    altered[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    EXPECT_THAT(server.Verify(kMessage, altered), StatusIs(kDataLoss)) << bit;
  }
  EXPECT_OK(server.Verify(kMessage, mic));
  EXPECT_THAT(server.Verify(kMessage, mic), StatusIs(kOutOfRange)) << "replay";
}

TEST(KerberosMessages, RefusesItsOwnMessagesAndReordering) {
  KerberosExchange exchange = Sealing();
  const auto first = exchange.client->Wrap(kMessage);
  const auto second = exchange.client->Wrap(kMessage);
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_THAT(exchange.client->Unwrap(*first), StatusIs(kDataLoss)) << "reflection";
  EXPECT_THAT(exchange.server->Unwrap(*second), StatusIs(kOutOfRange)) << "order";
  EXPECT_OK(exchange.server->Unwrap(*first));
  EXPECT_OK(exchange.server->Unwrap(*second));
}

// Windows signs the mechanism list with number 0 for a client that asked for neither replay nor
// sequence detection, whatever the number in the authenticator.
TEST(KerberosMessages, NumbersMeanNothingToAPeerThatAskedForNoDetection) {
  const auto pool =
      ContextPool::Create(test::RealmAcceptor().configuration, false, nullptr).value();
  const auto keys_of = [&pool](uint32_t flags, uint32_t sequence) {
    const ContextPool::Lease lease = pool->Acquire().value();
    std::array<krb5_octet, 32> octets{1};
    krb5_keyblock block = {};
    block.enctype = ENCTYPE_AES256_CTS_HMAC_SHA1_96;
    block.length = octets.size();
    block.contents = octets.data();
    SessionKeys keys;
    EXPECT_EQ(krb5_k_create_key(lease.context(), &block, keys.key.out()), 0);
    keys.flags = kIntegrity | flags;
    keys.send_sequence = keys.receive_sequence = sequence;
    return keys;
  };
  for (const uint32_t flags : {0u, uint32_t{kReplayDetection}, uint32_t{kSequence}}) {
    const SessionKeys client_keys = keys_of(flags, 0);
    const SessionKeys server_keys = keys_of(flags, 0x12345678);
    const auto client =
        KerberosMessageProtection::Create(pool, client_keys, Party::kInitiator).value();
    const auto server =
        KerberosMessageProtection::Create(pool, server_keys, Party::kAcceptor).value();
    std::vector<uint8_t> signature(client->signature_size());
    ASSERT_OK(client->Sign(kMessage, signature));
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(server->Verify(kMessage, signature).ok(), flags == 0) << flags;
    }
  }
}

TEST(KerberosMessages, SealsInPlaceAndWipesWhatDoesNotVerify) {
  KerberosExchange exchange = Sealing();
  MessageProtection& client = **exchange.client->message_protection();
  MessageProtection& server = **exchange.server->message_protection();
  std::vector<uint8_t> message = kMessage;
  std::vector<uint8_t> signature(client.seal_signature_size());
  ASSERT_OK(client.Seal(message, signature));
  EXPECT_NE(message, kMessage);
  std::vector<uint8_t> altered = message;
  altered[3] ^= 1;
  EXPECT_THAT(server.Unseal(altered, signature), StatusIs(kDataLoss));
  EXPECT_TRUE(std::ranges::all_of(altered, [](uint8_t octet) { return octet == 0; }));
  ASSERT_OK(server.Unseal(message, signature));
  EXPECT_EQ(message, kMessage);
}

// RFC 4121 4.2.5: any rotation means the same.
TEST(KerberosMessages, AnyRotationIsUnderstood) {
  KerberosExchange exchange = Sealing();
  constexpr size_t kHeader = 16;
  for (const size_t rotation : {0u, 1u, 13u, 28u, 500u}) {
    auto wrapped = exchange.client->Wrap(kMessage);
    ASSERT_OK(wrapped);
    const std::span<uint8_t> body = std::span(*wrapped).subspan(kHeader);
    const size_t now = (*wrapped)[7];
    const size_t turns = (now + body.size() * 20 - rotation) % body.size();
    std::rotate(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(turns), body.end());
    (*wrapped)[6] = static_cast<uint8_t>(rotation >> 8);
    (*wrapped)[7] = static_cast<uint8_t>(rotation);
    const auto plain = exchange.server->Unwrap(*wrapped);
    ASSERT_OK(plain) << rotation;
    EXPECT_EQ(*plain, kMessage);
  }
}

// The flags of the checksum are wishes (RFC 4121 4.2): whoever has the keys signs and seals.
TEST(KerberosMessages, NeedsNoFlag) {
  const KerberosExchange exchange = test::RunKerberos({});
  MessageProtection& client = **exchange.client->message_protection();
  MessageProtection& server = **exchange.server->message_protection();
  for (const WrapKind kind : {WrapKind::kSigned, WrapKind::kSealed}) {
    const auto wrapped = client.Wrap(kMessage, kind);
    ASSERT_OK(wrapped);
    EXPECT_EQ(server.Unwrap(*wrapped, kind).value(), kMessage);
  }
}

TEST(SequenceWindowTest, UncheckedTakesEveryNumber) {
  SequenceWindow window(5, MessageOrder::kUnchecked);
  for (const uint64_t number : {uint64_t{0}, uint64_t{0}, uint64_t{5}, uint64_t{1} << 40}) {
    EXPECT_TRUE(window.Take(number)) << number;
  }
}

TEST(SequenceWindowTest, InOrderTakesTheNextNumberOnly) {
  SequenceWindow window(5, MessageOrder::kInOrder);
  EXPECT_FALSE(window.Take(6));
  EXPECT_TRUE(window.Take(5));
  EXPECT_FALSE(window.Take(5));
  EXPECT_TRUE(window.Take(6));
}

TEST(SequenceWindowTest, AnyOrderTakesEachNumberOnce) {
  SequenceWindow window(0xFFFFFFFE, MessageOrder::kOnce);
  EXPECT_FALSE(window.Take(0xFFFFFFFD)) << "before the first";
  EXPECT_TRUE(window.Take(0xFFFFFFFE + uint64_t{3}));
  EXPECT_TRUE(window.Take(0xFFFFFFFE));
  EXPECT_FALSE(window.Take(0xFFFFFFFE));
  EXPECT_TRUE(window.Take(0xFFFFFFFE + uint64_t{1}));
  EXPECT_FALSE(window.Take(0xFFFFFFFE + uint64_t{3}));
  EXPECT_TRUE(window.Take(0xFFFFFFFE + uint64_t{1000}));
  EXPECT_FALSE(window.Take(0xFFFFFFFE + uint64_t{936})) << "too old to know";
  EXPECT_TRUE(window.Take(0xFFFFFFFE + uint64_t{937}));
}

TEST(SequenceWindowTest, OrderMayBeRequiredLater) {
  SequenceWindow once(5, MessageOrder::kOnce);
  EXPECT_TRUE(once.Take(5));
  once.RequireOrder();
  EXPECT_FALSE(once.Take(7));
  EXPECT_FALSE(once.Take(5));
  EXPECT_TRUE(once.Take(6));

  SequenceWindow unchecked(5, MessageOrder::kUnchecked);
  EXPECT_TRUE(unchecked.Take(0));
  unchecked.RequireOrder();
  EXPECT_FALSE(unchecked.Take(0));
  EXPECT_TRUE(unchecked.Take(1));

  SequenceWindow anywhere(5, MessageOrder::kUnchecked);
  anywhere.RequireOrder();
  EXPECT_TRUE(anywhere.Take(1000));
  EXPECT_FALSE(anywhere.Take(1000));
  EXPECT_FALSE(anywhere.Take(5));
  EXPECT_TRUE(anywhere.Take(1001));
}

}  // namespace
}  // namespace epa::kerberos
