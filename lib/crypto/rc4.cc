#include "lib/crypto/rc4.h"

#include <openssl/evp.h>

#include "lib/crypto/check.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

constexpr size_t kDefaultKeySize = 16;  // OpenSSL's

}  // namespace

Rc4::Rc4(std::span<const uint8_t> key) : context_(Made(EVP_CIPHER_CTX_new())) {
  const bool usual_size = key.size() == kDefaultKeySize;
  Check(EVP_EncryptInit_ex2(context_.get(), OpenSslLibrary::Get().rc4(),
                            usual_size ? key.data() : nullptr, nullptr, nullptr));
  if (!usual_size) {
    Check(EVP_CIPHER_CTX_set_key_length(context_.get(), static_cast<int>(key.size())));
    Check(EVP_EncryptInit_ex2(context_.get(), nullptr, key.data(), nullptr, nullptr));
  }
}

void Rc4::Apply(std::span<uint8_t> data) {
  int size = 0;
  Check(EVP_EncryptUpdate(context_.get(), data.data(), &size, data.data(),
                          static_cast<int>(data.size())));
}

void Rc4FromStart(const Secret<16>& key, std::span<uint8_t> data) { Rc4(key.Expose()).Apply(data); }

Secret<16> Rc4WrapKey(const Secret<16>& key, std::span<const uint8_t, 16> in) {
  Secret<16> out(in);
  Rc4FromStart(key, out.ExposeMutable());
  return out;
}

}  // namespace epa::crypto
