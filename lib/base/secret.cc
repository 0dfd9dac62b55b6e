#include "epa/base/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace epa {

bool ConstantTimeEquals(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

SecretBytes SecretBytes::FromText(std::string_view text) {
  SecretBytes secret(text.size());
  std::copy(text.begin(), text.end(), secret.octets_.begin());
  return secret;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    WipeMemory(octets_);
    octets_ = std::move(other.octets_);
    other.octets_.clear();
  }
  return *this;
}

std::string_view SecretBytes::ExposeText() const {
  return {reinterpret_cast<const char*>(octets_.data()), octets_.size()};
}

}  // namespace epa
