// What SMB's keys, signatures and encryption are made of.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "lib/crypto/aead.h"
#include "lib/crypto/aes_cmac.h"
#include "lib/crypto/key_derivation.h"
#include "lib/crypto/openssl_library.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::crypto {
namespace {

using test::FromHex;
using test::ToHex;

const std::map<std::string, AeadAlgorithm>& Algorithms() {
  static const auto& algorithms = *new std::map<std::string, AeadAlgorithm>{
      {"aes-128-ccm", AeadAlgorithm::kAes128Ccm},
      {"aes-128-gcm", AeadAlgorithm::kAes128Gcm},
      {"aes-256-ccm", AeadAlgorithm::kAes256Ccm},
      {"aes-256-gcm", AeadAlgorithm::kAes256Gcm},
  };
  return algorithms;
}

std::vector<uint8_t> Input(const nlohmann::json& entry, const char* name) {
  return FromHex(entry["inputs"][name].get<std::string>());
}

void CheckAead(const nlohmann::json& entry, AeadAlgorithm algorithm) {
  const auto key = Input(entry, "key");
  const auto nonce = Input(entry, "nonce");
  const auto additional = Input(entry, "aad");
  const auto plain = Input(entry, "data");
  Aead sealer(algorithm, Aead::Direction::kSeal, key);
  Aead opener(algorithm, Aead::Direction::kOpen, key);
  for (int round = 0; round < 2; ++round) {  // a context is used for many messages
    std::vector<uint8_t> message = plain;
    std::array<uint8_t, kAeadTagSize> tag;
    sealer.Seal(nonce, {additional}, message, tag);
    EXPECT_EQ(ToHex(message), entry["expected"]["ciphertext"].get<std::string>());
    EXPECT_EQ(ToHex(tag), entry["expected"]["tag"].get<std::string>());
    std::vector<uint8_t> altered = message;
    altered.back() ^= 1;
    EXPECT_FALSE(opener.Open(nonce, {additional}, altered, tag));
    EXPECT_EQ(altered, std::vector<uint8_t>(altered.size()));
    EXPECT_TRUE(opener.Open(nonce, {additional}, message, tag));
    EXPECT_EQ(message, plain);
  }
}

TEST(SmbPrimitives, PublishedVectors) {
  ASSERT_OK(OpenSslLibrary::Get().RequireSmb());
  const auto vectors = test::ReadTestJson("crypto/smb_primitives.json");
  size_t checked = 0;
  for (const auto& entry : vectors["entries"]) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    const std::string algorithm = entry["algorithm"];
    const auto key = Input(entry, "key");
    if (const auto aead = Algorithms().find(algorithm); aead != Algorithms().end()) {
      CheckAead(entry, aead->second);
    } else if (algorithm == "aes-128-cmac") {
      AesCmac cmac(std::span<const uint8_t, 16>{key});
      const auto data = Input(entry, "data");
      EXPECT_EQ(ToHex(cmac.Compute({data})), entry["expected"]["mac"].get<std::string>());
      EXPECT_EQ(ToHex(cmac.Compute({std::span(data).first(data.size() / 3),
                                    std::span(data).subspan(data.size() / 3)})),
                entry["expected"]["mac"].get<std::string>());
    } else {
      ASSERT_EQ(algorithm, "sp800-108-ctr-hmac-sha256");
      const SecretBytes derived =
          DeriveKey(HmacDigest::kSha256, key, Input(entry, "label"), Input(entry, "context"),
                    entry["inputs"]["bits"].get<size_t>() / 8);
      EXPECT_EQ(ToHex(derived.Expose()), entry["expected"]["output"].get<std::string>());
    }
    ++checked;
  }
  EXPECT_EQ(checked, vectors["count"].get<size_t>());
  EXPECT_EQ(checked, 9u);
}

TEST(Aead, AMessageThatIsNotTheSealersIsNotOpened) {
  const std::vector<uint8_t> key(32, 7);
  for (const auto& [name, algorithm] : Algorithms()) {
    SCOPED_TRACE(name);
    const auto own_key = std::span(key).first(AeadKeySize(algorithm));
    std::vector<uint8_t> nonce(AeadNonceSize(algorithm), 1);
    Aead sealer(algorithm, Aead::Direction::kSeal, own_key);
    Aead opener(algorithm, Aead::Direction::kOpen, own_key);
    const std::vector<uint8_t> header = {1, 2, 3};
    const std::vector<uint8_t> other_header = {1, 2, 4};
    const std::vector<uint8_t> plain(100, 9);
    std::vector<uint8_t> message = plain;
    std::array<uint8_t, kAeadTagSize> tag;
    sealer.Seal(nonce, {header}, message, tag);
    std::vector<uint8_t> copy = message;
    EXPECT_FALSE(opener.Open(nonce, {other_header}, copy, tag));
    nonce[0] = 2;
    copy = message;
    EXPECT_FALSE(opener.Open(nonce, {header}, copy, tag));
    nonce[0] = 1;
    auto other_tag = tag;
    other_tag[15] ^= 0x80;
    copy = message;
    EXPECT_FALSE(opener.Open(nonce, {header}, copy, other_tag));
    copy = message;
    EXPECT_TRUE(opener.Open(nonce, {header}, copy, tag));
    EXPECT_EQ(copy, plain);
  }
}

TEST(Aead, AnEmptyMessageHasATagToo) {
  const std::vector<uint8_t> key(32, 7);
  for (const auto& [name, algorithm] : Algorithms()) {
    SCOPED_TRACE(name);
    const auto own_key = std::span(key).first(AeadKeySize(algorithm));
    const std::vector<uint8_t> nonce(AeadNonceSize(algorithm), 1);
    Aead opener(algorithm, Aead::Direction::kOpen, own_key);
    const std::array<uint8_t, kAeadTagSize> forged{};
    EXPECT_FALSE(opener.Open(nonce, {}, {}, forged));
  }
}

TEST(KeyDerivation, LongKeysAreMadeOfSeveralBlocks) {
  const std::vector<uint8_t> key(16, 1);
  const std::vector<uint8_t> label = {'l'};
  const SecretBytes two_blocks = DeriveKey(HmacDigest::kSha256, key, label, {}, 48);
  const SecretBytes again = DeriveKey(HmacDigest::kSha256, key, label, {}, 48);
  EXPECT_TRUE(two_blocks == again);
  // The second block is not the first one again.
  EXPECT_NE(ToHex(two_blocks.Expose().first(16)), ToHex(two_blocks.Expose().subspan(32)));
  // The length is part of what is derived from.
  const SecretBytes shorter = DeriveKey(HmacDigest::kSha256, key, label, {}, 16);
  EXPECT_NE(ToHex(two_blocks.Expose().first(16)), ToHex(shorter.Expose()));
}

}  // namespace
}  // namespace epa::crypto
