#include "lib/crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "epa/base/secret.h"
#include "lib/crypto/check.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

constexpr size_t kLargestCode = 48;

std::string NameOf(HmacDigest digest) {
  switch (digest) {
    case HmacDigest::kSha1:
      return "SHA1";
    case HmacDigest::kSha256:
      return "SHA256";
    case HmacDigest::kSha384:
      return "SHA384";
  }
  std::abort();
}

}  // namespace

size_t HmacSize(HmacDigest digest) {
  switch (digest) {
    case HmacDigest::kSha1:
      return 20;
    case HmacDigest::kSha256:
      return 32;
    case HmacDigest::kSha384:
      return 48;
  }
  std::abort();
}

Hmac::Hmac(HmacDigest digest, std::span<const uint8_t> key)
    : context_(Made(EVP_MAC_CTX_new(OpenSslLibrary::Get().hmac()))) {
  std::string name = NameOf(digest);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
      OSSL_PARAM_construct_end(),
  };
  Check(EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) == 1);
}

void Hmac::ChangeKey(std::span<const uint8_t> key) {
  Check(EVP_MAC_init(context_.get(), key.data(), key.size(), nullptr) == 1);
}

void Hmac::Compute(Parts parts, std::span<uint8_t> out) {
  // Without a key: the same key again, from the start of a message.
  Check(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
  for (const auto part : parts) {
    Check(EVP_MAC_update(context_.get(), part.data(), part.size()) == 1);
  }
  std::array<uint8_t, kLargestCode> code{};
  size_t size = 0;
  Check(EVP_MAC_final(context_.get(), code.data(), &size, code.size()) == 1 && out.size() <= size);
  std::copy_n(code.begin(), out.size(), out.begin());
  WipeMemory(code);
}

bool Hmac::Verify(Parts parts, std::span<const uint8_t> code) {
  std::array<uint8_t, kLargestCode> expected{};
  Check(code.size() <= expected.size());
  const auto computed = std::span(expected).first(code.size());
  Compute(parts, computed);
  const bool equal = ConstantTimeEquals(computed, code);
  WipeMemory(expected);
  return equal;
}

}  // namespace epa::crypto
