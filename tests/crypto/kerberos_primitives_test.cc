// What Kerberos' messages are encrypted and signed with.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "lib/crypto/aes_cts.h"
#include "lib/crypto/hmac.h"
#include "lib/crypto/key_derivation.h"
#include "lib/crypto/openssl_library.h"
#include "tests/support/test_data.h"

namespace epa::crypto {
namespace {

using test::FromHex;
using test::ToHex;

std::vector<uint8_t> Input(const nlohmann::json& entry, const char* name) {
  return FromHex(entry["inputs"][name].get<std::string>());
}

void Apply(AesCts& cipher, std::span<uint8_t> message) {
  cipher.Apply(message.first<kAesBlockSize>(),
               message.subspan(kAesBlockSize, message.size() - 2 * kAesBlockSize),
               message.last<kAesBlockSize>());
}

void CheckStealing(const nlohmann::json& entry) {
  const std::vector<uint8_t> key = Input(entry, "key");
  const std::vector<uint8_t> plain = Input(entry, "data");
  AesCts encrypt(AesCts::Direction::kEncrypt, key);
  AesCts decrypt(AesCts::Direction::kDecrypt, key);
  for (int round = 0; round < 2; ++round) {  // a context is used for many messages
    std::vector<uint8_t> message = plain;
    Apply(encrypt, message);
    EXPECT_EQ(ToHex(message), entry["expected"]["ciphertext"]);
    Apply(decrypt, message);
    EXPECT_EQ(message, plain);
  }
}

TEST(KerberosPrimitives, PublishedVectors) {
  ASSERT_TRUE(OpenSslLibrary::Get().has_kerberos());
  const std::map<std::string, HmacDigest> digests = {{"sha256", HmacDigest::kSha256},
                                                     {"sha384", HmacDigest::kSha384}};
  const auto vectors = test::ReadTestJson("crypto/kerberos_primitives.json");
  size_t checked = 0;
  for (const auto& entry : vectors["entries"]) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    if (entry["algorithm"] == "aes-cts") {
      CheckStealing(entry);
    } else {
      ASSERT_EQ(entry["algorithm"], "sp800-108");
      const std::string expected = entry["expected"]["key"];
      const SecretBytes derived =
          DeriveKey(digests.at(entry["inputs"]["digest"]), Input(entry, "key"),
                    Input(entry, "label"), {}, expected.size() / 2);
      EXPECT_EQ(ToHex(derived.Expose()), expected);
    }
    ++checked;
  }
  EXPECT_EQ(checked, 10u);
}

TEST(AesCtsTest, FirstBlockIsThatOfTheWholeMessage) {
  for (const size_t key_size : {16, 32}) {
    const std::vector<uint8_t> key(key_size, 3);
    AesCts encrypt(AesCts::Direction::kEncrypt, key);
    AesCts decrypt(AesCts::Direction::kDecrypt, key);
    std::vector<uint8_t> message(100, 7);
    Apply(encrypt, message);
    decrypt.ApplyToBlock(std::span(message).first<kAesBlockSize>());
    EXPECT_TRUE(std::ranges::all_of(std::span(message).first(kAesBlockSize),
                                    [](uint8_t octet) { return octet == 7; }));
  }
}

TEST(HmacTest, TellsCodesApartAtAnyLength) {
  const std::vector<uint8_t> key(16, 1);
  const std::vector<uint8_t> message(50, 2);
  for (const HmacDigest digest : {HmacDigest::kSha1, HmacDigest::kSha256, HmacDigest::kSha384}) {
    Hmac hmac(digest, key);
    std::vector<uint8_t> code(HmacSize(digest));
    hmac.Compute({message}, code);
    for (size_t size = 1; size <= code.size(); ++size) {
      EXPECT_TRUE(hmac.Verify({message}, std::span(code).first(size)));
      std::vector<uint8_t> altered(code.begin(), code.begin() + static_cast<ptrdiff_t>(size));
      altered.back() ^= 1;
      EXPECT_FALSE(hmac.Verify({message}, altered));
    }
    EXPECT_FALSE(hmac.Verify({message, message}, code));
  }
}

// RFC 2202 3, test cases 1 and 3.
TEST(HmacTest, Sha1AsPublished) {
  Hmac first(HmacDigest::kSha1, std::vector<uint8_t>(20, 0x0b));
  EXPECT_TRUE(first.Verify({FromHex("4869205468657265")},
                           FromHex("b617318655057264e28bc0b6fb378c8ef146be00")));
  Hmac third(HmacDigest::kSha1, std::vector<uint8_t>(20, 0xaa));
  EXPECT_TRUE(third.Verify({std::vector<uint8_t>(50, 0xdd)},
                           FromHex("125d7342b9ac11cd91a39af48aa17b4f63f175d3")));
}

}  // namespace
}  // namespace epa::crypto
