// Encryption and checksums by OpenSSL against those by libkrb5.
#include "providers/kerberos/message_crypto.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

struct EncryptionType {
  krb5_enctype number;
  size_t key_size;
};

constexpr EncryptionType kByOpenSsl[] = {{ENCTYPE_AES128_CTS_HMAC_SHA1_96, 16},
                                         {ENCTYPE_AES256_CTS_HMAC_SHA1_96, 32},
                                         {ENCTYPE_AES128_CTS_HMAC_SHA256_128, 16},
                                         {ENCTYPE_AES256_CTS_HMAC_SHA384_192, 32}};
constexpr KeyUsage kUsages[] = {KeyUsage::kAcceptorSeal, KeyUsage::kAcceptorSign,
                                KeyUsage::kInitiatorSeal, KeyUsage::kInitiatorSign};

std::vector<uint8_t> Octets(size_t size, uint8_t first) {
  std::vector<uint8_t> octets(size);
  for (uint8_t& octet : octets) {
    octet = first++;
  }
  return octets;
}

// A sealed message in one piece: confounder, message, copy of the header, trailer.
struct Sealed {
  Sealed(const MessageCrypto::Sizes& with, size_t size)
      : sizes(with), message_size(size), octets(with.confounder + size + kHeader + with.trailer) {
    const std::vector<uint8_t> plain = Octets(size + kHeader, 1);
    std::ranges::copy(plain, octets.begin() + static_cast<ptrdiff_t>(sizes.confounder));
  }
  SealedParts parts() {
    const std::span<uint8_t> all(octets);
    return {.confounder = all.first(sizes.confounder),
            .message = all.subspan(sizes.confounder, message_size),
            .header_copy = all.subspan(sizes.confounder + message_size, kHeader),
            .trailer = all.last(sizes.trailer)};
  }
  bool IsPlain() const {
    const auto plain = std::span(octets).subspan(sizes.confounder, message_size + kHeader);
    return std::ranges::equal(plain, Octets(plain.size(), 1));
  }

  static constexpr size_t kHeader = 16;
  MessageCrypto::Sizes sizes;
  size_t message_size;
  std::vector<uint8_t> octets;
};

class MessageCryptoTest : public testing::TestWithParam<EncryptionType> {
 protected:
  MessageCryptoTest() : key_octets_(Octets(GetParam().key_size, 0x40)) {
    auto pool = ContextPool::Create({.path = {}, .contents = "[libdefaults]\n"}, false, nullptr);
    EXPECT_OK(pool);
    pool_ = *std::move(pool);
    krb5_keyblock block = {};
    block.enctype = GetParam().number;
    block.length = static_cast<unsigned int>(key_octets_.size());
    block.contents = key_octets_.data();
    EXPECT_EQ(krb5_k_create_key(nullptr, &block, key_.out()), 0);
    ours_ = CreateOpenSslMessageCrypto(block);
    EXPECT_NE(ours_, nullptr);
    auto theirs = CreateLibkrb5MessageCrypto(pool_, key_.get());
    EXPECT_OK(theirs);
    theirs_ = *std::move(theirs);
  }

  std::vector<uint8_t> key_octets_;
  std::shared_ptr<ContextPool> pool_;
  OwnedKey key_{nullptr};
  std::unique_ptr<MessageCrypto> ours_;
  std::unique_ptr<MessageCrypto> theirs_;
};

INSTANTIATE_TEST_SUITE_P(EveryType, MessageCryptoTest, testing::ValuesIn(kByOpenSsl),
                         [](const auto& test) {
                           return "Type" + std::to_string(test.param.number);
                         });

TEST_P(MessageCryptoTest, HasTheSameSizes) {
  EXPECT_EQ(ours_->sizes().confounder, theirs_->sizes().confounder);
  EXPECT_EQ(ours_->sizes().trailer, theirs_->sizes().trailer);
  EXPECT_EQ(ours_->sizes().checksum, theirs_->sizes().checksum);
}

TEST_P(MessageCryptoTest, EachDecryptsWhatTheOtherEncrypted) {
  std::vector<size_t> sizes = {1000, 1024, 65'535, 65'536};
  for (size_t size = 0; size < 70; ++size) {
    sizes.push_back(size);
  }
  for (const KeyUsage usage : {KeyUsage::kAcceptorSeal, KeyUsage::kInitiatorSeal}) {
    for (const size_t size : sizes) {
      Sealed by_us(ours_->sizes(), size);
      ASSERT_OK(ours_->Encrypt(usage, by_us.parts()));
      EXPECT_FALSE(by_us.IsPlain());
      EXPECT_TRUE(theirs_->Decrypt(usage, by_us.parts())) << size;
      EXPECT_TRUE(by_us.IsPlain()) << size;
      Sealed by_them(ours_->sizes(), size);
      ASSERT_OK(theirs_->Encrypt(usage, by_them.parts()));
      EXPECT_TRUE(ours_->Decrypt(usage, by_them.parts())) << size;
      EXPECT_TRUE(by_them.IsPlain()) << size;
    }
  }
}

TEST_P(MessageCryptoTest, BothMakeTheSameChecksums) {
  const std::vector<uint8_t> header = Octets(16, 0x90);
  for (const KeyUsage usage : kUsages) {
    for (const size_t size : {0, 1, 15, 16, 17, 1000, 65'536}) {
      const std::vector<uint8_t> message = Octets(static_cast<size_t>(size), 5);
      std::vector<uint8_t> by_us(ours_->sizes().checksum);
      std::vector<uint8_t> by_them(ours_->sizes().checksum);
      ASSERT_OK(ours_->MakeChecksum(usage, {message, header}, by_us));
      ASSERT_OK(theirs_->MakeChecksum(usage, {message, header}, by_them));
      EXPECT_EQ(by_us, by_them) << size;
      EXPECT_TRUE(ours_->VerifyChecksum(usage, {message, header}, by_them));
      by_them.front() ^= 0x80;
      EXPECT_FALSE(ours_->VerifyChecksum(usage, {message, header}, by_them));
    }
  }
}

TEST_P(MessageCryptoTest, UsagesDoNotStandInForEachOther) {
  Sealed sealed(ours_->sizes(), 40);
  ASSERT_OK(ours_->Encrypt(KeyUsage::kAcceptorSeal, sealed.parts()));
  EXPECT_FALSE(ours_->Decrypt(KeyUsage::kInitiatorSeal, sealed.parts()));
}

TEST_P(MessageCryptoTest, EveryTurnedBitIsNoticed) {
  Sealed sealed(ours_->sizes(), 21);
  ASSERT_OK(ours_->Encrypt(KeyUsage::kAcceptorSeal, sealed.parts()));
  for (size_t bit = 0; bit < 8 * sealed.octets.size(); ++bit) {
    Sealed altered = sealed;
    altered.octets[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    EXPECT_FALSE(ours_->Decrypt(KeyUsage::kAcceptorSeal, altered.parts())) << bit;
  }
  EXPECT_TRUE(ours_->Decrypt(KeyUsage::kAcceptorSeal, sealed.parts()));
}

TEST_P(MessageCryptoTest, NoTwoConfoundersAreTheSame) {
  Sealed first(ours_->sizes(), 16);
  Sealed second(ours_->sizes(), 16);
  ASSERT_OK(ours_->Encrypt(KeyUsage::kAcceptorSeal, first.parts()));
  ASSERT_OK(ours_->Encrypt(KeyUsage::kAcceptorSeal, second.parts()));
  EXPECT_NE(first.octets, second.octets);
}

TEST(MessageCryptoOfOtherTypes, IsLibkrb5s) {
  std::vector<uint8_t> octets(32, 1);
  krb5_keyblock block = {};
  block.contents = octets.data();
  block.length = 32;
  block.enctype = ENCTYPE_CAMELLIA256_CTS_CMAC;
  EXPECT_EQ(CreateOpenSslMessageCrypto(block), nullptr);
  block.enctype = ENCTYPE_AES128_CTS_HMAC_SHA1_96;  // of a key that is too long for it
  EXPECT_EQ(CreateOpenSslMessageCrypto(block), nullptr);
}

}  // namespace
}  // namespace epa::kerberos
