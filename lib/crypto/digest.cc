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

// A thread's context for one algorithm. Between two messages it has begun the next one, which
// leaves nothing of the last: neither what was hashed nor the digest.
class Hasher {
 public:
  explicit Hasher(const EVP_MD* digest) : digest_(digest), context_(Made(EVP_MD_CTX_new())) {}

  void Digest(std::span<const uint8_t> first, Parts parts, std::span<uint8_t> out) {
    if (!begun_) {
      Check(EVP_DigestInit_ex2(context_.get(), digest_, nullptr));
    }
    const Ending ending(*this);
    Check(EVP_DigestUpdate(context_.get(), first.data(), first.size()));
    for (const auto part : parts) {
      Check(EVP_DigestUpdate(context_.get(), part.data(), part.size()));
    }
    Check(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr));
  }

 private:
  // Whatever became of the message. Where memory runs out here, the next one begins anew.
  class Ending {
   public:
    explicit Ending(Hasher& hasher) : hasher_(hasher) {}
    ~Ending() {
      hasher_.begun_ = EVP_DigestInit_ex2(hasher_.context_.get(), hasher_.digest_, nullptr) == 1;
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

   private:
    Hasher& hasher_;
  };

  const EVP_MD* const digest_;
  const std::unique_ptr<EVP_MD_CTX, DigestContextDeleter> context_;
  bool begun_ = false;
};

Hasher& ThreadMd5() {
  thread_local Hasher hasher(OpenSslLibrary::Get().md5());
  return hasher;
}

// RFC 2104 over OpenSSL's digests: HMAC through EVP_MAC costs a third more, and this is all NTLM
// does.
template <size_t N>
Secret<N> Hmac(Hasher& hasher, std::span<const uint8_t> key, Parts parts) {
  // The key's block, and behind it the inner digest: what the outer one hashes, in one piece.
  Secret<kBlockSize + N> octets;
  const auto block = octets.ExposeMutable().template first<kBlockSize>();
  const auto inner = octets.ExposeMutable().template last<N>();
  if (key.size() > kBlockSize) {
    hasher.Digest(key, {}, block);
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  const auto exclusive_or = [block](uint8_t value) {
    for (uint8_t& octet : block) {
      octet ^= value;
    }
  };
  exclusive_or(0x36);
  hasher.Digest(block, parts, inner);
  exclusive_or(0x36 ^ 0x5c);
  Secret<N> out;
  hasher.Digest(octets.Expose(), {}, out.ExposeMutable());
  return out;
}

}  // namespace

std::array<uint8_t, 16> Md5(Parts parts) {
  std::array<uint8_t, 16> out{};
  ThreadMd5().Digest({}, parts, out);
  return out;
}

Secret<16> Md4(Parts parts) {
  thread_local Hasher hasher(OpenSslLibrary::Get().md4());
  Secret<16> out;
  hasher.Digest({}, parts, out.ExposeMutable());
  return out;
}

Secret<16> HmacMd5(std::span<const uint8_t> key, Parts parts) {
  return Hmac<16>(ThreadMd5(), key, parts);
}

std::array<uint8_t, 64> Sha512(Parts parts) {
  thread_local Hasher hasher(OpenSslLibrary::Get().sha512());
  std::array<uint8_t, 64> out{};
  hasher.Digest({}, parts, out);
  return out;
}

Secret<32> HmacSha256(std::span<const uint8_t> key, Parts parts) {
  thread_local Hasher hasher(OpenSslLibrary::Get().sha256());
  return Hmac<32>(hasher, key, parts);
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
