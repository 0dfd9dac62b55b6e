// The application's OpenSSL error queue is left alone, whatever OpenSSL refuses us. On a host
// without the legacy provider.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "lib/crypto/aead.h"
#include "lib/crypto/aes_cmac.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/key_derivation.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

// Before anything of OpenSSL's is loaded.
const int kNoModules = setenv("OPENSSL_MODULES", "/nonexistent", /*overwrite=*/1);

std::vector<unsigned long> QueuedErrors() {
  std::vector<unsigned long> errors;
  while (const unsigned long error = ERR_get_error()) {
    errors.push_back(error);
  }
  return errors;
}

// What the application's own calls have left, or nothing.
class ErrorQueue : public ::testing::TestWithParam<int> {
 protected:
  ErrorQueue() {
    ERR_clear_error();
    for (int i = 0; i < GetParam(); ++i) {
      ERR_raise(ERR_LIB_USER, 100 + i);
      expected_.push_back(ERR_peek_last_error());
    }
  }
  ~ErrorQueue() override { EXPECT_EQ(QueuedErrors(), expected_); }

 private:
  std::vector<unsigned long> expected_;
};

TEST_P(ErrorQueue, AMissingLegacyProvider) {
  ASSERT_EQ(kNoModules, 0);
  EXPECT_FALSE(OpenSslLibrary::Get().RequireNtlm().ok());
  EXPECT_TRUE(OpenSslLibrary::Get().RequireSmb().ok());
}

TEST_P(ErrorQueue, ForgedMessages) {
  for (const AeadAlgorithm algorithm : {AeadAlgorithm::kAes128Ccm, AeadAlgorithm::kAes128Gcm,
                                        AeadAlgorithm::kAes256Ccm, AeadAlgorithm::kAes256Gcm}) {
    const std::vector<uint8_t> key(AeadKeySize(algorithm), 1);
    const std::vector<uint8_t> nonce(AeadNonceSize(algorithm), 2);
    const std::vector<uint8_t> additional(32, 3);
    std::vector<uint8_t> message(100, 4);
    std::array<uint8_t, kAeadTagSize> tag{};
    Aead(algorithm, Aead::Direction::kSeal, key).Seal(nonce, {additional}, message, tag);
    tag[0] ^= 1;
    Aead opener(algorithm, Aead::Direction::kOpen, key);
    EXPECT_FALSE(opener.Open(nonce, {additional}, message, tag));
    std::vector<uint8_t> nothing;
    EXPECT_FALSE(opener.Open(nonce, {additional}, nothing, tag));
  }
}

TEST_P(ErrorQueue, UnknownDigests) {
  EXPECT_FALSE(Hash("NO-SUCH-DIGEST", {}).ok());
  EXPECT_FALSE(Hash("MD4", {}).ok());
}

TEST_P(ErrorQueue, WhatSucceeds) {
  const std::array<uint8_t, 16> key{};
  (void)AesCmac(key).Compute({key});
  (void)HmacMd5(key, {key});
  (void)HmacSha256(key, {key});
  (void)Md5({key});
  (void)Sha512({key});
  (void)DeriveKey(HmacDigest::kSha256, key, key, key, 32);
  EXPECT_TRUE(Hash("SHA3-256", key).ok());
}

INSTANTIATE_TEST_SUITE_P(Errors, ErrorQueue, ::testing::Values(0, 1, 3));

}  // namespace
}  // namespace epa::crypto
