// Per-message tokens (RFC 4121 4.2).
#ifndef EPA_PROVIDERS_KERBEROS_MESSAGE_PROTECTION_H_
#define EPA_PROVIDERS_KERBEROS_MESSAGE_PROTECTION_H_

#include <krb5/krb5.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "epa/core/security_package.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/krb5_handles.h"
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
  enum class Role : uint8_t { kInitiator, kAcceptor };

  // FailedPrecondition for the keys of RC4 and DES, whose tokens are others (RFC 4757). `keys`
  // outlive the object.
  static absl::StatusOr<std::unique_ptr<KerberosMessageProtection>> Create(
      std::shared_ptr<ContextPool> pool, const SessionKeys& keys, Role role);

  size_t signature_size() const override { return kHeaderSize + checksum_size_; }
  size_t seal_signature_size() const override {
    return kHeaderSize + kHeaderSize + trailer_size_ + confounder_size_;
  }
  absl::Status Sign(std::span<const uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Verify(std::span<const uint8_t> message,
                      std::span<const uint8_t> signature) override;
  // Signature and message together are one Wrap token, rotated so that the message comes last.
  absl::Status Seal(std::span<uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Unseal(std::span<uint8_t> message, std::span<const uint8_t> signature) override;
  absl::StatusOr<std::vector<uint8_t>> Wrap(std::span<const uint8_t> message,
                                            WrapKind kind) override;
  // Takes Wrap tokens of any rotation.
  absl::StatusOr<std::vector<uint8_t>> Unwrap(std::span<const uint8_t> wrapped,
                                              WrapKind kind) override;

 private:
  static constexpr size_t kHeaderSize = 16;
  using Header = std::array<uint8_t, kHeaderSize>;

  // The fields of a Wrap token's header that vary, RFC 4121 4.2.6.2.
  struct WrapFields {
    uint16_t extra_count = 0;
    uint16_t rotation = 0;
    uint64_t sequence = 0;
  };

  KerberosMessageProtection(std::shared_ptr<ContextPool> pool, const SessionKeys& keys, Role role);

  Header MicHeader(uint64_t sequence, bool from_peer) const;
  Header WrapHeader(const WrapFields& fields, bool sealed, bool from_peer) const;
  // False unless the header is as a peer's of that kind must be.
  bool ReadMicHeader(std::span<const uint8_t> header, uint64_t& sequence) const;
  bool ReadWrapHeader(std::span<const uint8_t> header, bool sealed, WrapFields& fields) const;
  uint8_t FlagsOf(bool sealed, bool from_peer) const;
  krb5_keyusage Usage(bool sealing, bool from_peer) const;
  absl::Status Checksum(std::span<const uint8_t> message, std::span<const uint8_t> header,
                        krb5_keyusage usage, std::span<uint8_t> checksum);
  absl::Status CheckChecksum(std::span<const uint8_t> message, std::span<const uint8_t> header,
                             krb5_keyusage usage, std::span<const uint8_t> checksum);
  // Decrypts confounder, message, header copy and trailer in place, and checks the copy.
  absl::Status Decrypt(std::span<uint8_t> confounder, std::span<uint8_t> message,
                       std::span<uint8_t> copy, std::span<uint8_t> trailer,
                       const WrapFields& fields);
  absl::StatusOr<std::vector<uint8_t>> UnwrapSigned(std::span<const uint8_t> body,
                                                    const WrapFields& fields);
  absl::StatusOr<std::vector<uint8_t>> UnwrapSealed(std::span<const uint8_t> body,
                                                    const WrapFields& fields);
  absl::Status TakeSequence(uint64_t sequence);

  std::shared_ptr<ContextPool> pool_;
  krb5_key key_;
  bool acceptor_subkey_;
  Role role_;
  size_t checksum_size_ = 0;
  size_t trailer_size_ = 0;
  size_t confounder_size_ = 0;
  uint64_t next_sequence_;
  SequenceWindow incoming_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_MESSAGE_PROTECTION_H_
