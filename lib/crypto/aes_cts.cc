#include "lib/crypto/aes_cts.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <string>

#include "epa/base/secret.h"
#include "lib/crypto/check.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

constexpr std::array<uint8_t, kAesBlockSize> kZeros{};

CipherContext NewContext(const EVP_CIPHER* cipher, std::span<const uint8_t> key, int encrypt,
                         const OSSL_PARAM* parameters) {
  CipherContext context(Made(EVP_CIPHER_CTX_new()));
  Check(EVP_CipherInit_ex2(context.get(), cipher, key.data(), kZeros.data(), encrypt, parameters) ==
            1 &&
        EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  return context;
}

}  // namespace

AesCts::AesCts(Direction direction, std::span<const uint8_t> key) : direction_(direction) {
  const OpenSslLibrary& library = OpenSslLibrary::Get();
  const bool large = key.size() == 32;
  Check(large || key.size() == 16);
  const int encrypt = direction == Direction::kEncrypt ? 1 : 0;
  std::string mode = "CS3";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_CIPHER_PARAM_CTS_MODE, mode.data(), mode.size()),
      OSSL_PARAM_construct_end(),
  };
  blocks_ = NewContext(large ? library.aes256_cbc() : library.aes128_cbc(), key, encrypt, nullptr);
  stealing_ = NewContext(large ? library.aes256_cbc_cts() : library.aes128_cbc_cts(), key, encrypt,
                         parameters);
}

void AesCts::Start(EVP_CIPHER_CTX* context, const uint8_t* initial_vector) {
  Check(EVP_CipherInit_ex2(context, nullptr, nullptr, initial_vector, -1, nullptr) == 1);
}

void AesCts::Update(EVP_CIPHER_CTX* context, std::span<uint8_t> data) {
  if (data.empty()) {
    return;
  }
  int written = 0;
  Check(EVP_CipherUpdate(context, data.data(), &written, data.data(),
                         static_cast<int>(data.size())) == 1 &&
        written == static_cast<int>(data.size()));
}

void AesCts::ApplyToBlock(Block block) {
  Start(blocks_.get(), kZeros.data());
  Update(blocks_.get(), block);
}

// Stealing concerns the last block, whole or not, and the one before it. All before those is CBC,
// and its last block of ciphertext chains them to it.
void AesCts::Apply(Block first, std::span<uint8_t> middle, Block last) {
  const size_t past = middle.size() % kAesBlockSize;
  const std::span<uint8_t> before_last =
      middle.empty() ? std::span<uint8_t>(first) : middle.last(past == 0 ? kAesBlockSize : past);
  std::array<uint8_t, kAesBlockSize> chain = kZeros;
  if (!middle.empty()) {
    const auto blocks = middle.first(middle.size() - before_last.size());
    const Block chained = blocks.empty() ? first : blocks.last<kAesBlockSize>();
    if (direction_ == Direction::kDecrypt) {
      std::ranges::copy(chained, chain.begin());
    }
    ApplyToBlock(first);
    Update(blocks_.get(), blocks);
    if (direction_ == Direction::kEncrypt) {
      std::ranges::copy(chained, chain.begin());
    }
  }
  std::array<uint8_t, 2 * kAesBlockSize> joined{};
  const auto end = std::span(joined).first(before_last.size() + last.size());
  std::ranges::copy(before_last, end.begin());
  std::ranges::copy(last, end.last(last.size()).begin());
  Start(stealing_.get(), chain.data());
  Update(stealing_.get(), end);
  std::ranges::copy(end.first(before_last.size()), before_last.begin());
  std::ranges::copy(end.last(last.size()), last.begin());
  WipeMemory(joined);
}

}  // namespace epa::crypto
