#include "lib/crypto/rc4.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

void Check(int result) {
  if (result != 1) {
    std::abort();
  }
}

}  // namespace

Rc4::Rc4(std::span<const uint8_t> key) : context_(EVP_CIPHER_CTX_new()) {
  Check(EVP_EncryptInit_ex2(context_, OpenSslLibrary::Get().rc4(), nullptr, nullptr, nullptr));
  Restart(key);
}

Rc4::~Rc4() { EVP_CIPHER_CTX_free(context_); }

Rc4::Rc4(Rc4&& other) noexcept
    : context_(std::exchange(other.context_, nullptr)), key_size_(other.key_size_) {}

Rc4& Rc4::operator=(Rc4&& other) noexcept {
  std::swap(context_, other.context_);
  std::swap(key_size_, other.key_size_);
  return *this;
}

void Rc4::Apply(std::span<uint8_t> data) {
  int size = 0;
  Check(
      EVP_EncryptUpdate(context_, data.data(), &size, data.data(), static_cast<int>(data.size())));
}

void Rc4::Restart(std::span<const uint8_t> key) {
  // OpenSSL's own look at the length costs a tenth of the key schedule.
  if (key_size_ != key.size()) {
    Check(EVP_CIPHER_CTX_set_key_length(context_, static_cast<int>(key.size())));
    key_size_ = key.size();
  }
  Check(EVP_EncryptInit_ex2(context_, nullptr, key.data(), nullptr, nullptr));
}

void Rc4FromStart(const Secret<16>& key, std::span<uint8_t> data) {
  thread_local Rc4 cipher(key.Expose());
  cipher.Restart(key.Expose());
  cipher.Apply(data);
}

Secret<16> Rc4WrapKey(const Secret<16>& key, std::span<const uint8_t, 16> in) {
  Secret<16> out(in);
  Rc4FromStart(key, out.ExposeMutable());
  return out;
}

}  // namespace epa::crypto
