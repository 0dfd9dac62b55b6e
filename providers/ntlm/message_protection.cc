#include "providers/ntlm/message_protection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/endian.h"
#include "lib/crypto/digest.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

constexpr size_t kVersionSize = 4;
constexpr size_t kChecksumSize = 8;
constexpr uint32_t kSignatureVersion = 1;
// RC4 through EVP counts octets in an int.
constexpr size_t kMaxMessageSize = size_t{1} << 30;

Direction Opposite(Direction direction) {
  return direction == Direction::kClientToServer ? Direction::kServerToClient
                                                 : Direction::kClientToServer;
}

std::span<uint8_t> ChecksumOf(std::span<uint8_t> signature) {
  return signature.subspan(kVersionSize, kChecksumSize);
}

}  // namespace

AgreedProtection ProtectionOf(uint32_t agreed_flags) {
  const bool sealing = (agreed_flags & kNegotiateSeal) != 0;
  return {sealing || (agreed_flags & kNegotiateSign) != 0, sealing};
}

absl::StatusOr<std::unique_ptr<NtlmMessageProtection>> NtlmMessageProtection::Create(
    uint32_t flags, const Secret<16>& exported_session_key, Direction outgoing) {
  if ((flags & (kNegotiateSign | kNegotiateSeal)) == 0) {
    return absl::FailedPreconditionError("neither signing nor sealing was negotiated");
  }
  if ((flags & kNegotiateExtendedSessionSecurity) == 0) {
    return absl::FailedPreconditionError("extended session security was not negotiated");
  }
  const auto stream = [&](Direction direction) {
    return Stream(SignKey(exported_session_key, direction),
                  SealKey(flags, exported_session_key, direction));
  };
  return std::unique_ptr<NtlmMessageProtection>(
      new NtlmMessageProtection(flags, stream(outgoing), stream(Opposite(outgoing))));
}

NtlmMessageProtection::NtlmMessageProtection(uint32_t flags, Stream outgoing, Stream incoming)
    : key_exchange_((flags & kNegotiateKeyExchange) != 0),
      sealing_((flags & kNegotiateSeal) != 0),
      outgoing_(std::move(outgoing)),
      incoming_(std::move(incoming)) {}

crypto::Rc4& NtlmMessageProtection::Stream::cipher() {
  if (!started_cipher.has_value()) {
    started_cipher.emplace(seal_key.Expose());
  }
  return *started_cipher;
}

NtlmMessageProtection::Mac NtlmMessageProtection::NextMac(Stream& stream,
                                                          std::span<const uint8_t> message) {
  const uint32_t sequence = stream.sequence++;
  return {crypto::HmacMd5(stream.sign_key.Expose(), {LittleEndian(sequence), message}), sequence};
}

void NtlmMessageProtection::WritePlainSignature(const Mac& mac, std::span<uint8_t> signature) {
  const auto version = LittleEndian(kSignatureVersion);
  const auto sequence = LittleEndian(mac.sequence);
  std::copy(version.begin(), version.end(), signature.begin());
  std::copy_n(mac.value.Expose().begin(), kChecksumSize, ChecksumOf(signature).begin());
  std::copy(sequence.begin(), sequence.end(),
            signature.subspan(kVersionSize + kChecksumSize).begin());
}

void NtlmMessageProtection::WriteSignature(Stream& stream, const Mac& mac,
                                           std::span<uint8_t> signature) const {
  WritePlainSignature(mac, signature);
  if (key_exchange_) {
    stream.cipher().Apply(ChecksumOf(signature));
  }
}

void NtlmMessageProtection::WriteMechanismListMic(Stream& stream, std::span<const uint8_t> list,
                                                  std::span<uint8_t> mic) const {
  const Mac mac = NextMac(stream, list);
  WritePlainSignature(mac, mic);
  if (key_exchange_) {
    crypto::Rc4FromStart(stream.seal_key, ChecksumOf(mic));
  }
}

absl::Status NtlmMessageProtection::Sign(std::span<const uint8_t> message,
                                         std::span<uint8_t> signature) {
  if (signature.size() != kSignatureSize) {
    return absl::InvalidArgumentError("a signature has 16 octets");
  }
  WriteSignature(outgoing_, NextMac(outgoing_, message), signature);
  return absl::OkStatus();
}

absl::Status NtlmMessageProtection::CheckSignature(std::span<const uint8_t> message,
                                                   std::span<const uint8_t> signature) {
  std::array<uint8_t, kSignatureSize> expected{};
  WriteSignature(incoming_, NextMac(incoming_, message), expected);
  return Compare(expected, signature);
}

absl::Status NtlmMessageProtection::Compare(std::span<const uint8_t> expected,
                                            std::span<const uint8_t> signature) {
  if (ConstantTimeEquals(expected, signature)) {
    return absl::OkStatus();
  }
  broken_ = true;
  // [MS-NLMP] 2.2.2.9: the number is in clear, and the checksum covers it.
  constexpr size_t kSequence = kVersionSize + kChecksumSize;
  return signature.size() == expected.size() &&
                 !std::ranges::equal(signature.subspan(kSequence), expected.subspan(kSequence))
             ? absl::OutOfRangeError("the message is a replay or out of sequence")
             : absl::DataLossError("the signature does not belong to this message");
}

absl::Status NtlmMessageProtection::Verify(std::span<const uint8_t> message,
                                           std::span<const uint8_t> signature) {
  if (broken_) {
    return absl::DataLossError("an earlier message failed");
  }
  return CheckSignature(message, signature);
}

absl::Status NtlmMessageProtection::Seal(std::span<uint8_t> message, std::span<uint8_t> signature) {
  if (!sealing_) {
    return absl::FailedPreconditionError("sealing was not negotiated");
  }
  if (signature.size() != kSignatureSize || message.size() > kMaxMessageSize) {
    return absl::InvalidArgumentError("a signature has 16 octets, a message at most 1 GiB");
  }
  // The MAC covers the plain text; in the key stream the message comes before the checksum
  // ([MS-NLMP] 3.4.3).
  const Mac mac = NextMac(outgoing_, message);
  outgoing_.cipher().Apply(message);
  WriteSignature(outgoing_, mac, signature);
  return absl::OkStatus();
}

absl::Status NtlmMessageProtection::Unseal(std::span<uint8_t> message,
                                           std::span<const uint8_t> signature) {
  if (!sealing_) {
    return absl::FailedPreconditionError("sealing was not negotiated");
  }
  if (broken_ || message.size() > kMaxMessageSize) {
    return absl::DataLossError(broken_ ? "an earlier message failed" : "the message is too long");
  }
  incoming_.cipher().Apply(message);
  absl::Status status = CheckSignature(message, signature);
  if (!status.ok()) {
    WipeMemory(message);
  }
  return status;
}

std::vector<uint8_t> NtlmMessageProtection::SignMechanismList(std::span<const uint8_t> list) {
  std::vector<uint8_t> mic(kSignatureSize);
  WriteMechanismListMic(outgoing_, list, mic);
  return mic;
}

absl::Status NtlmMessageProtection::VerifyMechanismList(std::span<const uint8_t> list,
                                                        std::span<const uint8_t> mic) {
  if (broken_) {
    return absl::DataLossError("an earlier message failed");
  }
  std::array<uint8_t, kSignatureSize> expected{};
  WriteMechanismListMic(incoming_, list, expected);
  return Compare(expected, mic);
}

}  // namespace epa::ntlm
