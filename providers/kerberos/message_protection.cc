#include "providers/kerberos/message_protection.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/checksum.h"

namespace epa::kerberos {
namespace {

constexpr size_t kMaxMessageSize = size_t{1} << 30;

KeyUsage SealUsage(Party sender) {
  return sender == Party::kAcceptor ? KeyUsage::kAcceptorSeal : KeyUsage::kInitiatorSeal;
}

KeyUsage SignUsage(Party sender) {
  return sender == Party::kAcceptor ? KeyUsage::kAcceptorSign : KeyUsage::kInitiatorSign;
}

// What the code within a Wrap token covers: the header as it was before there was anything to count
// and to rotate (RFC 4121 4.2.4).
TokenHeaderOctets SignedHeader(TokenHeader header) {
  header.extra_count = 0;
  header.rotation = 0;
  return WriteTokenHeader(header);
}

// The copy within the cipher text: not rotated.
TokenHeaderOctets HeaderCopy(TokenHeader header) {
  header.rotation = 0;
  return WriteTokenHeader(header);
}

absl::Status Altered(const char* what) { return absl::DataLossError(what); }

// Fills `out` from `body` as it is when its rotation to the right is undone, from `offset` on.
void CopyTurned(std::span<const uint8_t> body, size_t rotation, size_t offset,
                std::span<uint8_t> out) {
  if (out.empty()) {
    return;
  }
  const size_t begin = (rotation + offset) % body.size();
  const size_t first = std::min(out.size(), body.size() - begin);
  std::ranges::copy(body.subspan(begin, first), out.begin());
  std::ranges::copy(body.first(out.size() - first), out.subspan(first).begin());
}

MessageOrder OrderOf(uint32_t flags) {
  if ((flags & kSequence) != 0) {
    return MessageOrder::kInOrder;
  }
  return (flags & kReplayDetection) != 0 ? MessageOrder::kOnce : MessageOrder::kUnchecked;
}

}  // namespace

SecretBytes SessionKeys::Export() const {
  krb5_keyblock* block = nullptr;
  if (krb5_k_key_keyblock(nullptr, key.get(), &block) != 0) {
    return SecretBytes();
  }
  SecretBytes octets(OctetsOf(*block));
  krb5_free_keyblock(nullptr, block);
  return octets;
}

absl::StatusOr<std::unique_ptr<KerberosMessageProtection>> KerberosMessageProtection::Create(
    std::shared_ptr<ContextPool> pool, const SessionKeys& keys, Party self) {
  if (IsWeakEncryption(krb5_k_key_enctype(nullptr, keys.key.get()))) {
    return absl::FailedPreconditionError("messages are protected with AES and Camellia keys only");
  }
  EPA_ASSIGN_OR_RETURN(auto crypto, CreateMessageCrypto(std::move(pool), keys.key.get()));
  return std::unique_ptr<KerberosMessageProtection>(
      new KerberosMessageProtection(std::move(crypto), keys, self));
}

KerberosMessageProtection::KerberosMessageProtection(std::unique_ptr<MessageCrypto> crypto,
                                                     const SessionKeys& keys, Party self)
    : crypto_(std::move(crypto)),
      acceptor_subkey_(keys.acceptor_subkey),
      self_(self),
      peer_(self == Party::kAcceptor ? Party::kInitiator : Party::kAcceptor),
      next_sequence_(keys.send_sequence),
      incoming_(keys.receive_sequence, OrderOf(keys.flags)) {}

size_t KerberosMessageProtection::around_message() const {
  return crypto_->sizes().confounder + after_message();
}

TokenHeader KerberosMessageProtection::NextHeader(TokenKind kind) const {
  return {.kind = kind,
          .sender = self_,
          .acceptor_subkey = acceptor_subkey_,
          .sequence = next_sequence_};
}

std::optional<TokenHeader> KerberosMessageProtection::ReadHeader(std::span<const uint8_t> octets,
                                                                 TokenKind kind) const {
  if (octets.size() < kTokenHeaderSize) {
    return std::nullopt;
  }
  const auto header = ReadTokenHeader(octets.first<kTokenHeaderSize>());
  if (!header.has_value() || header->kind != kind || header->sender != peer_ ||
      header->acceptor_subkey != acceptor_subkey_) {
    return std::nullopt;
  }
  return header;
}

absl::Status KerberosMessageProtection::CheckMessage(std::span<const uint8_t> message) const {
  return message.size() <= kMaxMessageSize
             ? absl::OkStatus()
             : absl::InvalidArgumentError("the message exceeds 1 GiB");
}

absl::Status KerberosMessageProtection::TakeSequence(uint64_t sequence) {
  return incoming_.Take(sequence)
             ? absl::OkStatus()
             : absl::OutOfRangeError("the message is a replay or out of sequence");
}

absl::Status KerberosMessageProtection::Sign(std::span<const uint8_t> message,
                                             std::span<uint8_t> signature) {
  EPA_RETURN_IF_ERROR(CheckMessage(message));
  if (signature.size() != signature_size()) {
    return absl::InvalidArgumentError("the signature has the wrong size");
  }
  const TokenHeaderOctets header = WriteTokenHeader(NextHeader(TokenKind::kMic));
  EPA_RETURN_IF_ERROR(crypto_->MakeChecksum(SignUsage(self_), {message, header},
                                            signature.subspan(kTokenHeaderSize)));
  std::ranges::copy(header, signature.begin());
  ++next_sequence_;
  return absl::OkStatus();
}

absl::Status KerberosMessageProtection::Verify(std::span<const uint8_t> message,
                                               std::span<const uint8_t> signature) {
  const auto header = ReadHeader(signature, TokenKind::kMic);
  if (!header.has_value() || signature.size() != signature_size()) {
    return Altered("not a signature of this peer");
  }
  if (!crypto_->VerifyChecksum(SignUsage(peer_), {message, signature.first(kTokenHeaderSize)},
                               signature.subspan(kTokenHeaderSize))) {
    return Altered("the signature does not belong to this message");
  }
  return TakeSequence(header->sequence);
}

absl::Status KerberosMessageProtection::Seal(std::span<uint8_t> message,
                                             std::span<uint8_t> signature) {
  EPA_RETURN_IF_ERROR(CheckMessage(message));
  if (signature.size() != seal_signature_size()) {
    return absl::InvalidArgumentError("the signature has the wrong size");
  }
  TokenHeader header = NextHeader(TokenKind::kSealedWrap);
  header.rotation = static_cast<uint16_t>(after_message());
  const auto rotated = signature.subspan(kTokenHeaderSize);
  const SealedParts parts = {
      .confounder = rotated.subspan(after_message()),
      .message = message,
      .header_copy = rotated.first(kTokenHeaderSize),
      .trailer = rotated.subspan(kTokenHeaderSize, crypto_->sizes().trailer)};
  std::ranges::copy(WriteTokenHeader(header), signature.begin());
  std::ranges::copy(HeaderCopy(header), parts.header_copy.begin());
  EPA_RETURN_IF_ERROR(crypto_->Encrypt(SealUsage(self_), parts));
  ++next_sequence_;
  return absl::OkStatus();
}

absl::Status KerberosMessageProtection::Decrypt(const SealedParts& parts,
                                                const TokenHeader& header) {
  absl::Status status;
  if (!crypto_->Decrypt(SealUsage(peer_), parts)) {
    status = Altered("the message does not decrypt");
  } else if (!ConstantTimeEquals(parts.header_copy, HeaderCopy(header))) {
    // Nothing but this copy vouches for the header (CVE-2024-37370).
    status = Altered("the header was changed");
  } else {
    status = TakeSequence(header.sequence);
  }
  if (!status.ok()) {
    WipeMemory(parts.message);
  }
  return status;
}

absl::Status KerberosMessageProtection::Unseal(std::span<uint8_t> message,
                                               std::span<const uint8_t> signature) {
  const auto header = ReadHeader(signature, TokenKind::kSealedWrap);
  if (!header.has_value() || signature.size() != seal_signature_size() ||
      header->extra_count != 0 || header->rotation != after_message()) {
    WipeMemory(message);
    return Altered("not a signature of this peer");
  }
  std::vector<uint8_t> rest(signature.begin() + kTokenHeaderSize, signature.end());
  const std::span<uint8_t> rotated(rest);
  return Decrypt({.confounder = rotated.subspan(after_message()),
                  .message = message,
                  .header_copy = rotated.first(kTokenHeaderSize),
                  .trailer = rotated.subspan(kTokenHeaderSize, crypto_->sizes().trailer)},
                 *header);
}

absl::Status KerberosMessageProtection::AppendWrapped(std::span<const uint8_t> message,
                                                      WrapKind kind, std::vector<uint8_t>& out) {
  return kind == WrapKind::kSealed ? MessageProtection::AppendWrapped(message, kind, out)
                                   : AppendSigned(message, out);
}

absl::Status KerberosMessageProtection::AppendSigned(std::span<const uint8_t> message,
                                                     std::vector<uint8_t>& out) {
  EPA_RETURN_IF_ERROR(CheckMessage(message));
  const size_t checksum_size = crypto_->sizes().checksum;
  TokenHeader header = NextHeader(TokenKind::kSignedWrap);
  header.extra_count = static_cast<uint16_t>(checksum_size);
  const TokenHeaderOctets octets = WriteTokenHeader(header);
  out.reserve(out.size() + octets.size() + message.size() + checksum_size);
  out.insert(out.end(), octets.begin(), octets.end());
  out.insert(out.end(), message.begin(), message.end());
  out.resize(out.size() + checksum_size);
  EPA_RETURN_IF_ERROR(crypto_->MakeChecksum(SealUsage(self_), {message, SignedHeader(header)},
                                            std::span(out).last(checksum_size)));
  ++next_sequence_;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint8_t>> KerberosMessageProtection::Unwrap(
    std::span<const uint8_t> wrapped, WrapKind kind) {
  const bool sealed = kind == WrapKind::kSealed;
  const auto header = ReadHeader(wrapped, sealed ? TokenKind::kSealedWrap : TokenKind::kSignedWrap);
  if (!header.has_value()) {
    return Altered("not a message of this kind from this peer");
  }
  const auto body = wrapped.subspan(kTokenHeaderSize);
  return sealed ? UnwrapSealed(body, *header) : UnwrapSigned(body, *header);
}

absl::StatusOr<std::vector<uint8_t>> KerberosMessageProtection::UnwrapSigned(
    std::span<const uint8_t> body, const TokenHeader& header) {
  const size_t checksum_size = crypto_->sizes().checksum;
  if (header.extra_count != checksum_size || body.size() < checksum_size) {
    return Altered("the message has no room for its checksum");
  }
  std::vector<uint8_t> message(body.size());
  CopyTurned(body, header.rotation, 0, message);
  const std::vector<uint8_t> checksum(message.end() - static_cast<ptrdiff_t>(checksum_size),
                                      message.end());
  message.resize(message.size() - checksum_size);
  if (!crypto_->VerifyChecksum(SealUsage(peer_), {message, SignedHeader(header)}, checksum)) {
    return Altered("the signature does not belong to this message");
  }
  EPA_RETURN_IF_ERROR(TakeSequence(header.sequence));
  return message;
}

absl::StatusOr<std::vector<uint8_t>> KerberosMessageProtection::UnwrapSealed(
    std::span<const uint8_t> body, const TokenHeader& header) {
  if (body.size() < around_message() || header.extra_count > body.size() - around_message()) {
    return Altered("the message is too short");
  }
  std::vector<uint8_t> plain(body.size() - around_message());
  std::vector<uint8_t> rest(around_message());
  const auto confounder = std::span(rest).first(crypto_->sizes().confounder);
  const auto after = std::span(rest).last(after_message());
  CopyTurned(body, header.rotation, 0, confounder);
  CopyTurned(body, header.rotation, confounder.size(), plain);
  CopyTurned(body, header.rotation, confounder.size() + plain.size(), after);
  EPA_RETURN_IF_ERROR(Decrypt({.confounder = confounder,
                               .message = plain,
                               .header_copy = after.first(kTokenHeaderSize),
                               .trailer = after.subspan(kTokenHeaderSize)},
                              header));
  plain.resize(plain.size() - header.extra_count);
  return plain;
}

}  // namespace epa::kerberos
