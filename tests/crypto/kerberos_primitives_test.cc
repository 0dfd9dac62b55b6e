// What Kerberos' messages are encrypted and signed with.
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

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

std::vector<uint8_t> Steps(size_t size, int first, int step) {
  std::vector<uint8_t> octets;
  for (int value = first; octets.size() < size; value += step) {
    octets.push_back(static_cast<uint8_t>(value));
  }
  return octets;
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
    EXPECT_EQ(ToHex(message), entry["expected"]["ciphertext"].get<std::string>());
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

// By OpenSSL's own CBC-CS3.
std::vector<uint8_t> EncryptedByOpenSsl(std::span<const uint8_t> key,
                                        std::span<const uint8_t> message) {
  std::string mode = "CS3";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_CIPHER_PARAM_CTS_MODE, mode.data(), mode.size()),
      OSSL_PARAM_construct_end(),
  };
  EVP_CIPHER* const cipher =
      EVP_CIPHER_fetch(nullptr, key.size() == 32 ? "AES-256-CBC-CTS" : "AES-128-CBC-CTS", nullptr);
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  const std::vector<uint8_t> zeros(kAesBlockSize);
  std::vector<uint8_t> out(message.size());
  int size = 0;
  EXPECT_EQ(EVP_EncryptInit_ex2(context, cipher, key.data(), zeros.data(), parameters), 1);
  EXPECT_EQ(EVP_EncryptUpdate(context, out.data(), &size, message.data(),
                              static_cast<int>(message.size())),
            1);
  EVP_CIPHER_CTX_free(context);
  EVP_CIPHER_free(cipher);
  return out;
}

TEST(AesCtsTest, AsOpenSslForMessagesOfAnySize) {
  for (const size_t key_size : {16, 32}) {
    const std::vector<uint8_t> key = Steps(key_size, 5, 9);
    AesCts encrypt(AesCts::Direction::kEncrypt, key);
    AesCts decrypt(AesCts::Direction::kDecrypt, key);
    for (size_t size = 2 * kAesBlockSize; size <= 6 * kAesBlockSize; ++size) {
      const std::vector<uint8_t> plain = Steps(size, static_cast<int>(size), 13);
      std::vector<uint8_t> message = plain;
      Apply(encrypt, message);
      EXPECT_EQ(ToHex(message), ToHex(EncryptedByOpenSsl(key, plain))) << size;
      Apply(decrypt, message);
      EXPECT_EQ(message, plain) << size;
    }
  }
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

// OpenSSL's, which looks its cipher up with each key.
std::vector<uint8_t> DerivedByOpenSsl(std::span<const uint8_t> key,
                                      std::span<const uint8_t> constant) {
  std::string cipher = key.size() == 32 ? "AES-256-CBC" : "AES-128-CBC";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, cipher.data(), cipher.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<uint8_t*>(key.data()),
                                        key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_CONSTANT,
                                        const_cast<uint8_t*>(constant.data()), constant.size()),
      OSSL_PARAM_construct_end(),
  };
  EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "KRB5KDF", nullptr);
  EVP_KDF_CTX* const context = EVP_KDF_CTX_new(kdf);
  std::vector<uint8_t> out(key.size());
  EXPECT_EQ(EVP_KDF_derive(context, out.data(), out.size(), parameters), 1);
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  return out;
}

TEST(KerberosKeyDerivation, AsOpenSslForConstantsOfAnySize) {
  for (const size_t key_size : {16, 32}) {
    for (size_t size = 1; size <= 16; ++size) {
      for (const int seed : {0, 1, 77, 255}) {
        const std::vector<uint8_t> key = Steps(key_size, seed, 31);
        const std::vector<uint8_t> constant = Steps(size, seed, seed);
        EXPECT_EQ(ToHex(KerberosDerivation(constant).Derive(key).Expose()),
                  ToHex(DerivedByOpenSsl(key, constant)))
            << size << " " << seed;
      }
    }
  }
}

// The last step of RFC 3962 B's first key: DK(PBKDF2's result, "kerberos").
TEST(KerberosKeyDerivation, AsPublished) {
  EXPECT_EQ(ToHex(KerberosDerivation(FromHex("6b65726265726f73"))
                      .Derive(FromHex("cdedb5281bb2f801565a1122b2563515"))
                      .Expose()),
            "42263c6e89f4fc28b8df68ee09799f15");
}

TEST(KerberosPrimitives, AChangedKeyIsAsANewOne) {
  for (const size_t key_size : {16, 32}) {
    const std::vector<uint8_t> first(key_size, 1), second(key_size, 2);
    for (const auto direction : {AesCts::Direction::kEncrypt, AesCts::Direction::kDecrypt}) {
      AesCts changed(direction, first), fresh(direction, second);
      std::vector<uint8_t> message(75, 7);
      Apply(changed, message);
      changed.ChangeKey(second);
      std::vector<uint8_t> same(75, 7);
      message = same;
      Apply(changed, message);
      Apply(fresh, same);
      EXPECT_EQ(message, same);
    }
    Hmac changed(HmacDigest::kSha1, first), fresh(HmacDigest::kSha1, second);
    std::vector<uint8_t> code(HmacSize(HmacDigest::kSha1));
    fresh.Compute({first}, code);
    EXPECT_FALSE(changed.Verify({first}, code));
    changed.ChangeKey(second);
    EXPECT_TRUE(changed.Verify({first}, code));
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
