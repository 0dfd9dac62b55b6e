#include "lib/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <string>

#include "lib/crypto/check.h"
#include "lib/crypto/error_queue.h"
#include "lib/crypto/openssl_library.h"

namespace epa::crypto {
namespace {

constexpr size_t kBlockSize = 64;  // RFC 2104 2: B, of MD5 and of SHA-256

struct DigestContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// The thread's context, in use for one message. Its state holds what was hashed and the digest:
// OpenSSL wipes it at the end.
class ContextInUse {
 public:
  ContextInUse() {
    thread_local const std::unique_ptr<EVP_MD_CTX, DigestContextDeleter> context(
        Made(EVP_MD_CTX_new()));
    context_ = context.get();
  }
  ~ContextInUse() { EVP_MD_CTX_reset(context_); }
  ContextInUse(const ContextInUse&) = delete;
  ContextInUse& operator=(const ContextInUse&) = delete;

  EVP_MD_CTX* get() const { return context_; }

 private:
  EVP_MD_CTX* context_;
};

void Add(EVP_MD_CTX* context, Parts parts) {
  for (const auto part : parts) {
    Check(EVP_DigestUpdate(context, part.data(), part.size()));
  }
}

void Digest(EVP_MD_CTX* context, const EVP_MD* digest, Parts parts, std::span<uint8_t> out) {
  Check(EVP_DigestInit_ex2(context, digest, nullptr));
  Add(context, parts);
  Check(EVP_DigestFinal_ex(context, out.data(), nullptr));
}

// RFC 2104 over OpenSSL's digests: HMAC through EVP_MAC costs a third more, and this is all NTLM
// does.
template <size_t N>
Secret<N> Hmac(const EVP_MD* digest, std::span<const uint8_t> key, Parts parts) {
  const ContextInUse in_use;
  EVP_MD_CTX* const context = in_use.get();
  // The key's block, and behind it the inner digest: what the outer one hashes, in one piece.
  Secret<kBlockSize + N> octets;
  const auto block = octets.ExposeMutable().template first<kBlockSize>();
  const auto inner = octets.ExposeMutable().template last<N>();
  if (key.size() > kBlockSize) {
    Digest(context, digest, {key}, block);
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  const auto exclusive_or = [block](uint8_t value) {
    for (uint8_t& octet : block) {
      octet ^= value;
    }
  };
  exclusive_or(0x36);
  Check(EVP_DigestInit_ex2(context, digest, nullptr));
  Check(EVP_DigestUpdate(context, block.data(), block.size()));
  Add(context, parts);
  Check(EVP_DigestFinal_ex(context, inner.data(), nullptr));
  exclusive_or(0x36 ^ 0x5c);
  Secret<N> out;
  Digest(context, digest, {octets.Expose()}, out.ExposeMutable());
  return out;
}

}  // namespace

std::array<uint8_t, 16> Md5(Parts parts) {
  std::array<uint8_t, 16> out{};
  Digest(ContextInUse().get(), OpenSslLibrary::Get().md5(), parts, out);
  return out;
}

Secret<16> Md4(Parts parts) {
  Secret<16> out;
  Digest(ContextInUse().get(), OpenSslLibrary::Get().md4(), parts, out.ExposeMutable());
  return out;
}

Secret<16> HmacMd5(std::span<const uint8_t> key, Parts parts) {
  return Hmac<16>(OpenSslLibrary::Get().md5(), key, parts);
}

std::array<uint8_t, 64> Sha512(Parts parts) {
  std::array<uint8_t, 64> out{};
  Digest(ContextInUse().get(), OpenSslLibrary::Get().sha512(), parts, out);
  return out;
}

Secret<32> HmacSha256(std::span<const uint8_t> key, Parts parts) {
  return Hmac<32>(OpenSslLibrary::Get().sha256(), key, parts);
}

absl::StatusOr<std::vector<uint8_t>> Hash(std::string_view digest_name,
                                          std::span<const uint8_t> octets) {
  const OpenSslLibrary& library = OpenSslLibrary::Get();
  const ErrorQueueGuard errors;
  const EVP_MD* digest = library.Digest(digest_name);
  EVP_MD* fetched = nullptr;
  if (digest == nullptr) {
    fetched = EVP_MD_fetch(library.context(), std::string(digest_name).c_str(), nullptr);
    digest = fetched;
  }
  if (digest == nullptr) {
    return absl::NotFoundError("OpenSSL has no digest named " + std::string(digest_name));
  }
  std::vector<uint8_t> out(static_cast<size_t>(EVP_MD_get_size(digest)));
  const int result = EVP_Digest(octets.data(), octets.size(), out.data(), nullptr, digest, nullptr);
  EVP_MD_free(fetched);
  if (result != 1) {
    return absl::InternalError("OpenSSL failed to compute " + std::string(digest_name));
  }
  return out;
}

}  // namespace epa::crypto
