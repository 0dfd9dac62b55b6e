// Signatures and cipher texts of [MS-NLMP] 3.4, octet by octet, and what is refused.
#include "providers/ntlm/message_protection.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "providers/ntlm/messages/flags.h"
#include "tests/ntlm/ntlm_vectors.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::ntlm {

// Makes protections of keys and a sequence number that no exchange begins with.
class MessageProtectionPeer {
 public:
  static std::unique_ptr<NtlmMessageProtection> FromKeys(uint32_t flags, const Secret<16>& sign_key,
                                                         const Secret<16>& seal_key,
                                                         uint32_t sequence) {
    NtlmMessageProtection::Stream outgoing(sign_key, seal_key);
    NtlmMessageProtection::Stream incoming(sign_key, seal_key);
    outgoing.sequence = sequence;
    incoming.sequence = sequence;
    return std::unique_ptr<NtlmMessageProtection>(
        new NtlmMessageProtection(flags, std::move(outgoing), std::move(incoming)));
  }
};

namespace {

using nlohmann::json;
using test::StatusIs;

constexpr uint32_t kStrongSeal = kNegotiateSign | kNegotiateSeal | kNegotiate128 |
                                 kNegotiateExtendedSessionSecurity | kNegotiateKeyExchange;
const Secret<16> kSomeKey{std::array<uint8_t, 16>{1, 2, 3}};

uint32_t FlagsOfEntry(const json& entry) {
  return static_cast<uint32_t>(
      std::stoul(entry["inputs"]["flags"].get<std::string>(), nullptr, 16));
}

Direction DirectionOfEntry(const json& entry) {
  return entry["inputs"]["direction"] == "c2s" ? Direction::kClientToServer
                                               : Direction::kServerToClient;
}

Direction Opposite(Direction direction) {
  return direction == Direction::kClientToServer ? Direction::kServerToClient
                                                 : Direction::kClientToServer;
}

// Both ends under the keys of `entry`, `outgoing` first.
using Ends = std::array<std::unique_ptr<NtlmMessageProtection>, 2>;
Ends EndsOf(const json& entry) {
  const json& inputs = entry["inputs"];
  const uint32_t flags = FlagsOfEntry(entry);
  const Direction direction = DirectionOfEntry(entry);
  if (Has(inputs, "exported_session_key")) {
    EXPECT_EQ(inputs["sequence"], 0) << entry["name"];
    const Secret<16> key = Key(inputs["exported_session_key"]);
    return {NtlmMessageProtection::Create(flags, key, direction).value(),
            NtlmMessageProtection::Create(flags, key, Opposite(direction)).value()};
  }
  const auto make = [&] {
    return MessageProtectionPeer::FromKeys(flags, Key(inputs["sign_key"]), Key(inputs["seal_key"]),
                                           inputs["sequence"].get<uint32_t>());
  };
  return {make(), make()};
}

void CheckSealed(const json& entry, Ends ends) {
  const std::vector<uint8_t> plain = Octets(entry["inputs"]["message"]);
  std::vector<uint8_t> message = plain;
  std::array<uint8_t, 16> signature;
  ASSERT_OK(ends[0]->Seal(message, signature));
  EXPECT_EQ(test::ToHex(message), entry["expected"]["ciphertext"].get<std::string>());
  EXPECT_EQ(test::ToHex(signature), entry["expected"]["signature"].get<std::string>());
  EXPECT_OK(ends[1]->Unseal(message, signature));
  EXPECT_EQ(message, plain);
}

void CheckSigned(const json& entry, Ends ends) {
  const std::vector<uint8_t> message = Octets(entry["inputs"]["message"]);
  std::array<uint8_t, 16> signature;
  ASSERT_OK(ends[0]->Sign(message, signature));
  EXPECT_EQ(test::ToHex(signature), entry["expected"]["signature"].get<std::string>());
  EXPECT_OK(ends[1]->Verify(message, signature));
}

TEST(MessageProtectionVectors, EverySignatureAndCipherTextIsExact) {
  int messages = 0;
  for (const json& entry : ReadEntries("ntlm_security.json")) {
    if ((FlagsOfEntry(entry) & kNegotiateExtendedSessionSecurity) == 0 ||
        !Has(entry["inputs"], "message")) {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    if (entry["inputs"]["sealed"] == true) {
      CheckSealed(entry, EndsOf(entry));
    } else {
      CheckSigned(entry, EndsOf(entry));
    }
    ++messages;
  }
  EXPECT_EQ(messages, 14);
}

TEST(MessageProtectionVectors, EveryKeyIsExact) {
  int keys = 0;
  for (const json& entry : ReadEntries("ntlm_security.json")) {
    if (!Has(entry["inputs"], "exported_session_key") || Has(entry["inputs"], "message")) {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    const uint32_t flags = FlagsOfEntry(entry);
    const Secret<16> key = Key(entry["inputs"]["exported_session_key"]);
    const Direction direction = DirectionOfEntry(entry);
    // Without extended session security nothing is protected.
    if ((flags & kNegotiateExtendedSessionSecurity) == 0) {
      continue;
    }
    if (Has(entry["expected"], "sign_key")) {
      EXPECT_EQ(SignKey(key, direction), Key(entry["expected"]["sign_key"]));
      ++keys;
    }
    if (Has(entry["expected"], "seal_key")) {
      EXPECT_EQ(SealKey(flags, key, direction), Key(entry["expected"]["seal_key"]));
      ++keys;
    }
  }
  EXPECT_EQ(keys, 8);
}

TEST(MessageProtectionVectors, WithoutExtendedSessionSecurityNothingIsProtected) {
  int refused = 0;
  for (const json& entry : ReadEntries("ntlm_security.json")) {
    const uint32_t flags = FlagsOfEntry(entry) | kNegotiateSign | kNegotiateSeal;
    if ((flags & kNegotiateExtendedSessionSecurity) != 0) {
      continue;
    }
    EXPECT_THAT(NtlmMessageProtection::Create(flags, kSomeKey, Direction::kClientToServer),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << entry["name"];
    ++refused;
  }
  EXPECT_EQ(refused, 6);
}

class MessageProtectionPair : public testing::Test {
 protected:
  struct Sealed {
    std::vector<uint8_t> message;
    std::array<uint8_t, 16> signature;
  };
  Sealed Seal(std::string_view text) {
    Sealed sealed{test::OctetsOf(text), {}};
    EXPECT_OK(client_->Seal(sealed.message, sealed.signature));
    return sealed;
  }
  absl::Status Unseal(Sealed& sealed) { return server_->Unseal(sealed.message, sealed.signature); }
  // Refused, wiped, and nothing after it is taken.
  void ExpectEndsTheStream(Sealed sealed) {
    EXPECT_THAT(Unseal(sealed), ::testing::AnyOf(StatusIs(absl::StatusCode::kDataLoss),
                                                 StatusIs(absl::StatusCode::kOutOfRange)));
    EXPECT_EQ(sealed.message, std::vector<uint8_t>(sealed.message.size(), 0));
    Sealed next = Seal("next");
    EXPECT_THAT(Unseal(next), StatusIs(absl::StatusCode::kDataLoss));
  }

  std::unique_ptr<NtlmMessageProtection> client_ =
      NtlmMessageProtection::Create(kStrongSeal, kSomeKey, Direction::kClientToServer).value();
  std::unique_ptr<NtlmMessageProtection> server_ =
      NtlmMessageProtection::Create(kStrongSeal, kSomeKey, Direction::kServerToClient).value();
};

TEST_F(MessageProtectionPair, EveryAlteredOctetOfASignatureIsFound) {
  for (size_t i = 0; i < 16; ++i) {
    client_ =
        NtlmMessageProtection::Create(kStrongSeal, kSomeKey, Direction::kClientToServer).value();
    server_ =
        NtlmMessageProtection::Create(kStrongSeal, kSomeKey, Direction::kServerToClient).value();
    Sealed sealed = Seal("message");
    sealed.signature.at(i) ^= 0x80;
    ExpectEndsTheStream(std::move(sealed));
  }
}

TEST_F(MessageProtectionPair, AReplayedMessageIsRefused) {
  const Sealed sealed = Seal("message");
  Sealed first = sealed;
  EXPECT_OK(Unseal(first));
  ExpectEndsTheStream(sealed);
}

TEST_F(MessageProtectionPair, ALostMessageIsNoticed) {
  (void)Seal("lost");
  ExpectEndsTheStream(Seal("arrived"));
}

TEST_F(MessageProtectionPair, ATruncatedMessageIsRefused) {
  Sealed sealed = Seal("message");
  sealed.message.pop_back();
  ExpectEndsTheStream(std::move(sealed));
}

TEST_F(MessageProtectionPair, OnesOwnMessageComesBackRefused) {
  std::vector<uint8_t> message = test::OctetsOf("message");
  std::array<uint8_t, 16> signature;
  ASSERT_OK(client_->Seal(message, signature));
  EXPECT_THAT(client_->Unseal(message, signature), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(MessageProtectionPair, AnEmptyMessageIsAMessage) {
  Sealed sealed = Seal("");
  EXPECT_OK(Unseal(sealed));
  Sealed next = Seal("next");
  EXPECT_OK(Unseal(next));
}

TEST_F(MessageProtectionPair, SignedAndSealedMessagesShareTheSequence) {
  const std::vector<uint8_t> text = test::OctetsOf("signed");
  std::array<uint8_t, 16> signature;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(client_->Sign(text, signature));
    EXPECT_OK(server_->Verify(text, signature));
    Sealed sealed = Seal("sealed");
    EXPECT_OK(Unseal(sealed));
  }
}

TEST_F(MessageProtectionPair, SignaturesHaveSixteenOctets) {
  std::vector<uint8_t> message(4);
  for (const size_t size : {size_t{0}, size_t{15}, size_t{17}}) {
    std::vector<uint8_t> signature(size);
    EXPECT_THAT(client_->Sign(message, signature), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(client_->Seal(message, signature), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  const std::vector<uint8_t> no_signature;
  EXPECT_THAT(server_->Verify(message, no_signature), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(MessageProtection, NeedsSigningOrSealing) {
  constexpr uint32_t kNeither = kStrongSeal & ~(kNegotiateSign | kNegotiateSeal);
  EXPECT_THAT(NtlmMessageProtection::Create(kNeither, kSomeKey, Direction::kClientToServer),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(MessageProtection, SigningAloneDoesNotSeal) {
  const auto protection = NtlmMessageProtection::Create(kStrongSeal & ~kNegotiateSeal, kSomeKey,
                                                        Direction::kClientToServer)
                              .value();
  std::vector<uint8_t> message(4);
  std::array<uint8_t, 16> signature{};
  EXPECT_THAT(protection->Seal(message, signature),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(protection->Unseal(message, signature),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_OK(protection->Sign(message, signature));
}

// Sealed messages are signed, too ([MS-NLMP] 3.4.3).
TEST(MessageProtection, IsWhatBothSidesAgreedOn) {
  const uint32_t others = ~(kNegotiateSign | kNegotiateSeal);
  for (const uint32_t flags : {uint32_t{0}, others}) {
    EXPECT_FALSE(ProtectionOf(flags).signing);
    EXPECT_FALSE(ProtectionOf(flags).sealing);
    EXPECT_TRUE(ProtectionOf(flags | kNegotiateSign).signing);
    EXPECT_FALSE(ProtectionOf(flags | kNegotiateSign).sealing);
    EXPECT_TRUE(ProtectionOf(flags | kNegotiateSeal).signing);
    EXPECT_TRUE(ProtectionOf(flags | kNegotiateSeal).sealing);
  }
}

TEST(MessageProtection, SealsUnagreedWhereTheProtocolAroundDoes) {
  const auto side = [](Direction direction) {
    auto protection =
        NtlmMessageProtection::Create(kStrongSeal & ~kNegotiateSeal, kSomeKey, direction).value();
    protection->SealUnagreed();
    return protection;
  };
  const auto client = side(Direction::kClientToServer);
  const auto server = side(Direction::kServerToClient);
  const std::vector<uint8_t> text = {1, 2, 3, 4};
  std::vector<uint8_t> message = text;
  std::array<uint8_t, 16> signature{};
  EXPECT_OK(client->Seal(message, signature));
  EXPECT_NE(message, text);
  EXPECT_OK(server->Unseal(message, signature));
  EXPECT_EQ(message, text);
}

}  // namespace
}  // namespace epa::ntlm
