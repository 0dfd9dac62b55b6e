// Encryption and checksums of messages with the key of a login (RFC 3961 4).
#ifndef EPA_PROVIDERS_KERBEROS_MESSAGE_CRYPTO_H_
#define EPA_PROVIDERS_KERBEROS_MESSAGE_CRYPTO_H_

#include <krb5/krb5.h>

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "providers/kerberos/context_pool.h"

namespace epa::kerberos {

// RFC 4121 2: what a key is used for. The seal usages are those of Wrap tokens, sealed or not.
enum class KeyUsage : uint8_t {
  kAcceptorSeal = 22,
  kAcceptorSign = 23,
  kInitiatorSeal = 24,
  kInitiatorSign = 25,
};

// What is encrypted together, in this order, and the code over it.
struct SealedParts {
  std::span<uint8_t> confounder;
  std::span<uint8_t> message;
  std::span<uint8_t> header_copy;
  std::span<uint8_t> trailer;
};

// What is signed, in this order.
struct SignedParts {
  std::span<const uint8_t> message;
  std::span<const uint8_t> header;
};

// For one owner at a time.
class MessageCrypto {
 public:
  struct Sizes {
    size_t confounder = 0;
    size_t trailer = 0;
    size_t checksum = 0;
  };

  virtual ~MessageCrypto() = default;
  const Sizes& sizes() const { return sizes_; }

  // Encrypts in place; fills confounder and trailer.
  virtual absl::Status Encrypt(KeyUsage usage, const SealedParts& parts) = 0;
  // Decrypts in place. False where the trailer does not belong to the rest, which then holds
  // nothing of use.
  [[nodiscard]] virtual bool Decrypt(KeyUsage usage, const SealedParts& parts) = 0;
  // `checksum` has sizes().checksum octets.
  virtual absl::Status MakeChecksum(KeyUsage usage, const SignedParts& parts,
                                    std::span<uint8_t> checksum) = 0;
  [[nodiscard]] virtual bool VerifyChecksum(KeyUsage usage, const SignedParts& parts,
                                            std::span<const uint8_t> checksum) = 0;

 protected:
  explicit MessageCrypto(Sizes sizes) : sizes_(sizes) {}

 private:
  Sizes sizes_;
};

// The quickest for `key`, which outlives it.
absl::StatusOr<std::unique_ptr<MessageCrypto>> CreateMessageCrypto(
    std::shared_ptr<ContextPool> pool, krb5_key key);

// By libkrb5, for every key.
absl::StatusOr<std::unique_ptr<MessageCrypto>> CreateLibkrb5MessageCrypto(
    std::shared_ptr<ContextPool> pool, krb5_key key);

// By OpenSSL, which uses the processor's instructions for AES and SHA: for the keys of RFC 3962
// (aes*-cts-hmac-sha1-96) and RFC 8009 (aes*-cts-hmac-sha*). Null for others.
std::unique_ptr<MessageCrypto> CreateOpenSslMessageCrypto(const krb5_keyblock& key);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_MESSAGE_CRYPTO_H_
