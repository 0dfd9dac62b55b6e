// Per-message protection (RFC 4121 4.2).
#ifndef EPA_PROVIDERS_KERBEROS_MESSAGE_PROTECTION_H_
#define EPA_PROVIDERS_KERBEROS_MESSAGE_PROTECTION_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "epa/core/security_package.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/message_crypto.h"
#include "providers/kerberos/message_token.h"
#include "providers/kerberos/sequence_window.h"

namespace epa::kerberos {

// What both sides hold once the login is complete.
struct SessionKeys {
  // No context: releasing a key needs none.
  OwnedKey key{nullptr};
  bool acceptor_subkey = false;  // `key` is the acceptor's choice
  uint32_t flags = 0;            // GssFlag
  uint32_t send_sequence = 0;
  uint32_t receive_sequence = 0;

  SecretBytes Export() const;
};

// The flags that the client asked for are wishes: whoever has the keys signs and seals.
class KerberosMessageProtection : public MessageProtection {
 public:
  // FailedPrecondition for the keys of RC4 and DES, whose tokens are others (RFC 4757). `self` is
  // this side. `keys` outlive the object.
  static absl::StatusOr<std::unique_ptr<KerberosMessageProtection>> Create(
      std::shared_ptr<ContextPool> pool, const SessionKeys& keys, Party self);

  size_t signature_size() const override { return kTokenHeaderSize + crypto_->sizes().checksum; }
  size_t seal_signature_size() const override { return kTokenHeaderSize + around_message(); }
  void RequireOrder() override { incoming_.RequireOrder(); }
  absl::Status Sign(std::span<const uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Verify(std::span<const uint8_t> message,
                      std::span<const uint8_t> signature) override;
  // Signature and message together are one Wrap token, rotated so that the message comes last.
  absl::Status Seal(std::span<uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Unseal(std::span<uint8_t> message, std::span<const uint8_t> signature) override;
  absl::Status AppendWrapped(std::span<const uint8_t> message, WrapKind kind,
                             std::vector<uint8_t>& out) override;
  // Takes Wrap tokens of any rotation.
  absl::StatusOr<std::vector<uint8_t>> Unwrap(std::span<const uint8_t> wrapped,
                                              WrapKind kind) override;

 private:
  KerberosMessageProtection(std::unique_ptr<MessageCrypto> crypto, const SessionKeys& keys,
                            Party self);

  // Octets of a sealed Wrap token beside its header and the message.
  size_t around_message() const;
  // What follows the message in one, by which Seal rotates it.
  size_t after_message() const { return kTokenHeaderSize + crypto_->sizes().trailer; }

  // The header of the next token that this side sends.
  TokenHeader NextHeader(TokenKind kind) const;
  // Nothing unless the peer may have sent a token of that kind with such a header.
  std::optional<TokenHeader> ReadHeader(std::span<const uint8_t> octets, TokenKind kind) const;
  absl::Status CheckMessage(std::span<const uint8_t> message) const;
  // Decrypts in place, checks the copy of the header, and takes the sequence number.
  absl::Status Decrypt(const SealedParts& parts, const TokenHeader& header);
  absl::Status AppendSigned(std::span<const uint8_t> message, std::vector<uint8_t>& out);
  absl::StatusOr<std::vector<uint8_t>> UnwrapSigned(std::span<const uint8_t> body,
                                                    const TokenHeader& header);
  absl::StatusOr<std::vector<uint8_t>> UnwrapSealed(std::span<const uint8_t> body,
                                                    const TokenHeader& header);
  absl::Status TakeSequence(uint64_t sequence);

  std::unique_ptr<MessageCrypto> crypto_;
  bool acceptor_subkey_;
  Party self_;
  Party peer_;
  uint64_t next_sequence_;
  SequenceWindow incoming_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_MESSAGE_PROTECTION_H_
