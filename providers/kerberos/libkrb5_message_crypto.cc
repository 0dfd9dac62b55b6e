#include <array>
#include <utility>

#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/message_crypto.h"

namespace epa::kerberos {
namespace {

krb5_crypto_iov Piece(krb5_cryptotype type, std::span<const uint8_t> octets) {
  return {type, ViewOf(octets)};
}

std::array<krb5_crypto_iov, 4> PiecesOf(const SealedParts& parts) {
  return {Piece(KRB5_CRYPTO_TYPE_HEADER, parts.confounder),
          Piece(KRB5_CRYPTO_TYPE_DATA, parts.message),
          Piece(KRB5_CRYPTO_TYPE_DATA, parts.header_copy),
          Piece(KRB5_CRYPTO_TYPE_TRAILER, parts.trailer)};
}

std::array<krb5_crypto_iov, 3> PiecesOf(const SignedParts& parts,
                                        std::span<const uint8_t> checksum) {
  return {Piece(KRB5_CRYPTO_TYPE_DATA, parts.message),
          Piece(KRB5_CRYPTO_TYPE_SIGN_ONLY, parts.header),
          Piece(KRB5_CRYPTO_TYPE_CHECKSUM, checksum)};
}

krb5_keyusage NumberOf(KeyUsage usage) { return static_cast<krb5_keyusage>(usage); }

constexpr krb5_cksumtype kMandatoryChecksum = 0;

class Libkrb5MessageCrypto final : public MessageCrypto {
 public:
  Libkrb5MessageCrypto(std::shared_ptr<ContextPool> pool, krb5_key key, Sizes sizes)
      : MessageCrypto(sizes), pool_(std::move(pool)), key_(key) {}

  absl::Status Encrypt(KeyUsage usage, const SealedParts& parts) override {
    EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool_->Acquire());
    auto pieces = PiecesOf(parts);
    return FaultOf(lease.context(), krb5_k_encrypt_iov(lease.context(), key_, NumberOf(usage),
                                                       nullptr, pieces.data(), pieces.size()));
  }

  bool Decrypt(KeyUsage usage, const SealedParts& parts) override {
    const auto lease = pool_->Acquire();
    auto pieces = PiecesOf(parts);
    return lease.ok() && krb5_k_decrypt_iov(lease->context(), key_, NumberOf(usage), nullptr,
                                            pieces.data(), pieces.size()) == 0;
  }

  absl::Status MakeChecksum(KeyUsage usage, const SignedParts& parts,
                            std::span<uint8_t> checksum) override {
    EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool_->Acquire());
    auto pieces = PiecesOf(parts, checksum);
    return FaultOf(lease.context(),
                   krb5_k_make_checksum_iov(lease.context(), kMandatoryChecksum, key_,
                                            NumberOf(usage), pieces.data(), pieces.size()));
  }

  bool VerifyChecksum(KeyUsage usage, const SignedParts& parts,
                      std::span<const uint8_t> checksum) override {
    const auto lease = pool_->Acquire();
    const auto pieces = PiecesOf(parts, checksum);
    krb5_boolean valid = 0;
    return lease.ok() &&
           krb5_k_verify_checksum_iov(lease->context(), kMandatoryChecksum, key_, NumberOf(usage),
                                      pieces.data(), pieces.size(), &valid) == 0 &&
           valid != 0;
  }

 private:
  std::shared_ptr<ContextPool> pool_;
  krb5_key key_;
};

absl::StatusOr<size_t> SizeOf(krb5_context context, krb5_enctype type, krb5_cryptotype part) {
  unsigned int size = 0;
  EPA_RETURN_IF_ERROR(FaultOf(context, krb5_c_crypto_length(context, type, part, &size)));
  return size;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MessageCrypto>> CreateLibkrb5MessageCrypto(
    std::shared_ptr<ContextPool> pool, krb5_key key) {
  MessageCrypto::Sizes sizes;
  {
    EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool->Acquire());
    krb5_context context = lease.context();
    const krb5_enctype type = krb5_k_key_enctype(context, key);
    EPA_ASSIGN_OR_RETURN(sizes.confounder, SizeOf(context, type, KRB5_CRYPTO_TYPE_HEADER));
    EPA_ASSIGN_OR_RETURN(sizes.trailer, SizeOf(context, type, KRB5_CRYPTO_TYPE_TRAILER));
    EPA_ASSIGN_OR_RETURN(sizes.checksum, SizeOf(context, type, KRB5_CRYPTO_TYPE_CHECKSUM));
  }
  return std::make_unique<Libkrb5MessageCrypto>(std::move(pool), key, sizes);
}

absl::StatusOr<std::unique_ptr<MessageCrypto>> CreateMessageCrypto(
    std::shared_ptr<ContextPool> pool, krb5_key key) {
  krb5_keyblock* block = nullptr;
  if (krb5_k_key_keyblock(nullptr, key, &block) == 0) {
    auto quick = CreateOpenSslMessageCrypto(*block);
    krb5_free_keyblock(nullptr, block);
    if (quick != nullptr) {
      return quick;
    }
  }
  return CreateLibkrb5MessageCrypto(std::move(pool), key);
}

}  // namespace epa::kerberos
