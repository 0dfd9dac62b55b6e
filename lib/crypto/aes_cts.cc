#include "lib/crypto/aes_cts.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "epa/base/secret.h"
#include "lib/crypto/check.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

constexpr std::array<uint8_t, kAesBlockSize> kZeros{};

void Xor(std::span<uint8_t> to, std::span<const uint8_t> octets) {
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] ^= octets[i];
  }
}

}  // namespace

AesCts::AesCts(Direction direction, std::span<const uint8_t> key)
    : blocks_(Made(EVP_CIPHER_CTX_new())), direction_(direction) {
  const OpenSslLibrary& library = OpenSslLibrary::Get();
  const bool large = key.size() == 32;
  Check((large || key.size() == 16) &&
        EVP_CipherInit_ex2(blocks_.get(), large ? library.aes256_cbc() : library.aes128_cbc(),
                           key.data(), kZeros.data(), direction == Direction::kEncrypt ? 1 : 0,
                           nullptr) == 1 &&
        EVP_CIPHER_CTX_set_padding(blocks_.get(), 0) == 1);
}

void AesCts::ChangeKey(std::span<const uint8_t> key) {
  Check(key.size() == static_cast<size_t>(EVP_CIPHER_CTX_get_key_length(blocks_.get())) &&
        EVP_CipherInit_ex2(blocks_.get(), nullptr, key.data(), kZeros.data(), -1, nullptr) == 1);
}

void AesCts::Start() {
  Check(EVP_CipherInit_ex2(blocks_.get(), nullptr, nullptr, kZeros.data(), -1, nullptr) == 1);
}

void AesCts::Update(std::span<uint8_t> data) {
  if (data.empty()) {
    return;
  }
  int written = 0;
  Check(EVP_CipherUpdate(blocks_.get(), data.data(), &written, data.data(),
                         static_cast<int>(data.size())) == 1 &&
        written == static_cast<int>(data.size()));
}

void AesCts::ApplyToBlock(Block block) {
  Start();
  Update(block);
}

// Stealing concerns the last block, whole or not, and the one before it. All before those is CBC,
// and its last block of ciphertext chains them to it.
void AesCts::Apply(Block first, std::span<uint8_t> middle, Block last) {
  const size_t past = middle.size() % kAesBlockSize;
  const std::span<uint8_t> before_last =
      middle.empty() ? std::span<uint8_t>(first) : middle.last(past == 0 ? kAesBlockSize : past);
  std::array<uint8_t, kAesBlockSize> chain = kZeros;
  Start();
  if (!middle.empty()) {
    const auto blocks = middle.first(middle.size() - before_last.size());
    std::ranges::copy(blocks.empty() ? first : blocks.last<kAesBlockSize>(), chain.begin());
    Update(first);
    Update(blocks);
  }
  std::array<uint8_t, 2 * kAesBlockSize> joined{};
  const auto end = std::span(joined).first(before_last.size() + last.size());
  std::ranges::copy(before_last, end.begin());
  std::ranges::copy(last, end.last(last.size()).begin());
  if (direction_ == Direction::kEncrypt) {
    EncryptEnd(joined);
  } else {
    DecryptEnd(end, chain);
  }
  std::ranges::copy(end.first(before_last.size()), before_last.begin());
  std::ranges::copy(end.last(last.size()), last.begin());
  WipeMemory(joined);
}

// The last block, filled up with zeros, is encrypted as any other and changes places with the one
// before it, which is cut off.
void AesCts::EncryptEnd(std::span<uint8_t, 2 * kAesBlockSize> end) {
  Update(end);
  std::swap_ranges(end.begin(), end.begin() + kAesBlockSize, end.begin() + kAesBlockSize);
}

// `chain`: the block of ciphertext before them, which the cipher adds to what comes next.
void AesCts::DecryptEnd(std::span<uint8_t> end, Block chain) {
  const std::span<uint8_t> block = end.first(kAesBlockSize);
  const std::span<uint8_t> rest = end.subspan(kAesBlockSize);
  std::array<uint8_t, kAesBlockSize> whole{}, before{};
  std::ranges::copy(block, whole.begin());
  std::ranges::copy(block, before.begin());
  Update(whole);
  Xor(whole, chain);
  // The text of the rest, and the octets that were cut off.
  std::ranges::copy(rest, block.begin());
  Xor(rest, whole);
  std::ranges::copy(std::span(whole).subspan(rest.size()), block.begin() + rest.size());
  Update(block);
  Xor(block, before);
  Xor(block, chain);
  WipeMemory(whole);
}

}  // namespace epa::crypto
