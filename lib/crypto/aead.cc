#include "lib/crypto/aead.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "epa/base/secret.h"
#include "lib/crypto/check.h"
#include "lib/crypto/error_queue.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

const EVP_CIPHER* CipherOf(AeadAlgorithm algorithm) {
  const OpenSslLibrary& library = OpenSslLibrary::Get();
  switch (algorithm) {
    case AeadAlgorithm::kAes128Ccm:
      return library.aes128_ccm();
    case AeadAlgorithm::kAes128Gcm:
      return library.aes128_gcm();
    case AeadAlgorithm::kAes256Ccm:
      return library.aes256_ccm();
    case AeadAlgorithm::kAes256Gcm:
      return library.aes256_gcm();
  }
  std::abort();
}

bool IsCcm(AeadAlgorithm algorithm) {
  return algorithm == AeadAlgorithm::kAes128Ccm || algorithm == AeadAlgorithm::kAes256Ccm;
}

int Size(size_t size) { return static_cast<int>(size); }

}  // namespace

size_t AeadKeySize(AeadAlgorithm algorithm) {
  return algorithm == AeadAlgorithm::kAes128Ccm || algorithm == AeadAlgorithm::kAes128Gcm ? 16 : 32;
}

size_t AeadNonceSize(AeadAlgorithm algorithm) { return IsCcm(algorithm) ? 11 : 12; }

Aead::Aead(AeadAlgorithm algorithm, Direction direction, std::span<const uint8_t> key)
    : algorithm_(algorithm), context_(Made(EVP_CIPHER_CTX_new())) {
  const int encrypt = direction == Direction::kSeal ? 1 : 0;
  Check(
      EVP_CipherInit_ex2(context_.get(), CipherOf(algorithm), nullptr, nullptr, encrypt, nullptr));
  Check(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_IVLEN, Size(AeadNonceSize(algorithm)),
                            nullptr));
  if (is_ccm()) {
    Check(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, Size(kAeadTagSize), nullptr));
  }
  Check(EVP_CipherInit_ex2(context_.get(), nullptr, key.data(), nullptr, encrypt, nullptr));
}

bool Aead::is_ccm() const { return IsCcm(algorithm_); }

void Aead::Begin(std::span<const uint8_t> nonce, Parts additional, size_t message_size) {
  Check(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), -1, nullptr));
  int size = 0;
  if (is_ccm()) {  // wants to know first how long the message is
    Check(EVP_CipherUpdate(context_.get(), nullptr, &size, nullptr, Size(message_size)));
  }
  for (const auto part : additional) {
    Check(EVP_CipherUpdate(context_.get(), nullptr, &size, part.data(), Size(part.size())));
  }
}

void Aead::Seal(std::span<const uint8_t> nonce, Parts additional, std::span<uint8_t> message,
                std::span<uint8_t, kAeadTagSize> tag) {
  Begin(nonce, additional, message.size());
  int size = 0;
  if (!message.empty()) {
    Check(EVP_CipherUpdate(context_.get(), message.data(), &size, message.data(),
                           Size(message.size())));
  }
  Check(EVP_CipherFinal_ex(context_.get(), message.data() + size, &size));
  Check(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, Size(tag.size()), tag.data()));
}

bool Aead::Open(std::span<const uint8_t> nonce, Parts additional, std::span<uint8_t> message,
                std::span<const uint8_t, kAeadTagSize> tag) {
  const ErrorQueueGuard errors;
  // OpenSSL only reads the tag.
  Check(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, Size(tag.size()),
                            const_cast<uint8_t*>(tag.data())));
  Begin(nonce, additional, message.size());
  int size = 0;
  bool genuine = !message.empty() || !is_ccm();
  if (!message.empty()) {  // CCM compares the tag here, GCM at the end
    genuine = EVP_CipherUpdate(context_.get(), message.data(), &size, message.data(),
                               Size(message.size())) == 1;
  }
  if (!is_ccm()) {
    genuine = EVP_CipherFinal_ex(context_.get(), message.data() + size, &size) == 1 && genuine;
  }
  if (!genuine) {
    WipeMemory(message);
  }
  return genuine;
}

}  // namespace epa::crypto
