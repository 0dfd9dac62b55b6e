// Signing and sealing with extended session security ([MS-NLMP] 3.4).
#ifndef EPA_PROVIDERS_NTLM_MESSAGE_PROTECTION_H_
#define EPA_PROVIDERS_NTLM_MESSAGE_PROTECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "epa/core/security_package.h"
#include "lib/crypto/rc4.h"
#include "providers/ntlm/ntlmv2.h"

namespace epa::ntlm {

// Of the flags that both sides have ([MS-NLMP] 2.2.2.5).
AgreedProtection ProtectionOf(uint32_t agreed_flags);

class NtlmMessageProtection : public MessageProtection {
 public:
  // `flags`: what both sides agreed to. FailedPrecondition without signing or sealing, and without
  // extended session security.
  static absl::StatusOr<std::unique_ptr<NtlmMessageProtection>> Create(
      uint32_t flags, const Secret<16>& exported_session_key, Direction outgoing);

  size_t signature_size() const override { return kSignatureSize; }
  size_t seal_signature_size() const override { return kSignatureSize; }
  bool can_seal() const override { return sealing_; }
  void SealUnagreed() override { sealing_ = true; }
  absl::Status Sign(std::span<const uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Verify(std::span<const uint8_t> message,
                      std::span<const uint8_t> signature) override;
  absl::Status Seal(std::span<uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Unseal(std::span<uint8_t> message, std::span<const uint8_t> signature) override;

  // The mechListMIC: signed with sequence number 0 and the start of the key stream, which later
  // messages of that direction start from again ([MS-SPNG] 3.2.5.1); the sequence number does not.
  std::vector<uint8_t> SignMechanismList(std::span<const uint8_t> list);
  absl::Status VerifyMechanismList(std::span<const uint8_t> list, std::span<const uint8_t> mic);

  // For a Negotiate that is not ours and has made the mechListMIC with Sign and Verify: the key
  // stream of one direction begins again, the sequence number goes on.
  void RestartOutgoingKeyStream() { outgoing_.started_cipher.reset(); }
  void RestartIncomingKeyStream() { incoming_.started_cipher.reset(); }

 private:
  friend class MessageProtectionPeer;  // of its test

  // NTLMSSP_MESSAGE_SIGNATURE, [MS-NLMP] 2.2.2.9.2.
  static constexpr size_t kSignatureSize = 16;

  struct Stream {
    Stream(const Secret<16>& signing, const Secret<16>& sealing)
        : sign_key(signing), seal_key(sealing) {}
    crypto::Rc4& cipher();

    Secret<16> sign_key;
    Secret<16> seal_key;
    std::optional<crypto::Rc4> started_cipher;
    uint32_t sequence = 0;
  };

  struct Mac {
    Secret<16> value;
    uint32_t sequence;
  };

  NtlmMessageProtection(uint32_t flags, Stream outgoing, Stream incoming);
  // MAC, [MS-NLMP] 3.4.4.2. Takes the next sequence number.
  static Mac NextMac(Stream& stream, std::span<const uint8_t> message);
  // With the checksum in the clear.
  static void WritePlainSignature(const Mac& mac, std::span<uint8_t> signature);
  // Takes the next 8 octets of the key stream where keys were exchanged.
  void WriteSignature(Stream& stream, const Mac& mac, std::span<uint8_t> signature) const;
  // Leaves the key stream where it is.
  void WriteMechanismListMic(Stream& stream, std::span<const uint8_t> list,
                             std::span<uint8_t> mic) const;
  absl::Status Compare(std::span<const uint8_t> expected, std::span<const uint8_t> signature);
  absl::Status CheckSignature(std::span<const uint8_t> message, std::span<const uint8_t> signature);

  bool key_exchange_;
  bool sealing_;
  // A message that failed leaves the streams out of step: nothing after it can be read.
  bool broken_ = false;
  Stream outgoing_;
  Stream incoming_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGE_PROTECTION_H_
