// Nonces and keys of single messages, where no published value says what they are.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "epa/smb2/header.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/key_derivation.h"
#include "lib/smb2/message_cipher.h"
#include "lib/smb2/message_signer.h"
#include "lib/smb2/session_keys.h"
#include "tests/support/status_matchers.h"

namespace epa::smb2 {
namespace {

using std::string_view_literals::operator""sv;
using Octets = std::vector<uint8_t>;

constexpr std::array<uint8_t, 16> kKey = {1, 2, 3, 4, 5, 6, 7, 8};

Octets Message(Command command, bool from_server, uint64_t message_id) {
  Header header;
  header.command = command;
  header.flags = kFlagSigned | (from_server ? kFlagResponse : 0);
  header.message_id = message_id;
  Octets message(kHeaderSize + 20, 0x77);
  WriteHeader(header, std::span(message).first<kHeaderSize>());
  return message;
}

// [MS-SMB2] 3.1.4.1: GMAC over the message with the signature as zeros. Its nonce is the message
// id, then a bit for the server as the sender and one for CANCEL.
TEST(GmacSignature, TheNonceIsIdSenderAndCancel) {
  struct Row {
    Command command;
    bool from_server;
    uint8_t bits;
  };
  for (const Row& row : {Row{Command::kRead, false, 0}, Row{Command::kRead, true, 1},
                         Row{Command::kCancel, false, 2}, Row{Command::kCancel, true, 3},
                         // The next octet of the command counts: this is not CANCEL.
                         Row{static_cast<Command>(0x010C), false, 0}}) {
    Octets message = Message(row.command, row.from_server, 0x1122334455667788);
    const std::array<uint8_t, 12> nonce = {0x88, 0x77, 0x66,     0x55, 0x44, 0x33,
                                           0x22, 0x11, row.bits, 0,    0,    0};
    std::array<uint8_t, kSignatureSize> expected{};
    crypto::Aead(crypto::AeadAlgorithm::kAes128Gcm, crypto::Aead::Direction::kSeal, kKey)
        .Seal(nonce, {message}, {}, expected);
    MessageSigner signer(SigningAlgorithm::kAesGmac, Secret<16>(kKey));
    signer.Sign(message);
    EXPECT_TRUE(std::ranges::equal(std::span(message).subspan(48, kSignatureSize), expected));
    EXPECT_TRUE(signer.Verify(message));
  }
}

TEST(MessageCipher, NoNonceIsUsedTwice) {
  for (const Cipher cipher : {Cipher::kAes128Ccm, Cipher::kAes128Gcm}) {
    MessageCipher sealer(cipher, crypto::Aead::Direction::kSeal, SecretBytes(Octets(16, 9)), 1);
    std::vector<Octets> nonces;
    for (int i = 0; i < 300; ++i) {
      Octets message(kTransformHeaderSize + 64, 0);
      sealer.Seal(message);
      ASSERT_OK_AND_ASSIGN(const TransformHeader header, ParseTransformHeader(message));
      nonces.emplace_back(header.nonce.begin(), header.nonce.end());
    }
    std::ranges::sort(nonces);
    EXPECT_EQ(std::ranges::adjacent_find(nonces), nonces.end());
  }
}

// [MS-SMB2] 3.3.5.2.1.1: Flags is 0x0001.
TEST(MessageCipher, WhatDoesNotSayThatItIsEncryptedIsRefused) {
  constexpr size_t kFlagsOffset = 42;
  for (const uint8_t flags : Octets{0, 2, 3, 0xFF}) {
    Octets message(kTransformHeaderSize + 64);
    TransformHeader header;
    header.original_size = 64;
    WriteTransformHeader(header, std::span(message).first<kTransformHeaderSize>());
    EXPECT_OK(ParseTransformHeader(message));
    message[kFlagsOffset] = flags;
    EXPECT_THAT(ParseTransformHeader(message), test::StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

Octets Derived(std::span<const uint8_t> key, std::string_view label, const PreauthHash& hash,
               size_t size) {
  const SecretBytes derived = crypto::DeriveKey(
      crypto::HmacDigest::kSha256, key,
      {reinterpret_cast<const uint8_t*>(label.data()), label.size()}, hash.value(), size);
  return {derived.Expose().begin(), derived.Expose().end()};
}

Octets CipherKey(const SessionKeys& keys, Sender sender, Cipher cipher) {
  const SecretBytes key = keys.CipherKey(sender, cipher);
  return {key.Expose().begin(), key.Expose().end()};
}

// [MS-SMB2] 3.3.5.5.3: AES-256 takes the whole key of the login, everything else its first 16
// octets. Kerberos' AES-256 keys have 32.
TEST(SessionKeys, Aes256TakesTheWholeKeyOfTheLogin) {
  Octets login_key(32);
  for (size_t i = 0; i < login_key.size(); ++i) {
    login_key[i] = static_cast<uint8_t>(i + 1);
  }
  const std::span<const uint8_t> first = std::span(login_key).first(16);
  PreauthHash hash;
  hash.Update(login_key);
  const SessionKeys keys(Dialect::k311, SecretBytes(login_key), hash);
  const auto c2s = "SMBC2SCipherKey\0"sv;
  const auto s2c = "SMBS2CCipherKey\0"sv;
  for (const Cipher cipher : {Cipher::kAes256Ccm, Cipher::kAes256Gcm}) {
    EXPECT_EQ(CipherKey(keys, Sender::kClient, cipher), Derived(login_key, c2s, hash, 32));
    EXPECT_EQ(CipherKey(keys, Sender::kServer, cipher), Derived(login_key, s2c, hash, 32));
  }
  for (const Cipher cipher : {Cipher::kAes128Ccm, Cipher::kAes128Gcm}) {
    EXPECT_EQ(CipherKey(keys, Sender::kClient, cipher), Derived(first, c2s, hash, 16));
    EXPECT_EQ(CipherKey(keys, Sender::kServer, cipher), Derived(first, s2c, hash, 16));
  }
  EXPECT_TRUE(std::ranges::equal(keys.SigningKey().Expose(),
                                 Derived(first, "SMBSigningKey\0"sv, hash, 16)));
}

// 3.2.5.3.1: a shorter key is filled up with zeros.
TEST(SessionKeys, AShortKeyIsFilledUp) {
  const SessionKeys keys(Dialect::k210, SecretBytes(Octets(8, 0xAB)), PreauthHash());
  Octets filled(8, 0xAB);
  filled.resize(16);
  EXPECT_TRUE(std::ranges::equal(keys.SigningKey().Expose(), filled));
}

}  // namespace
}  // namespace epa::smb2
