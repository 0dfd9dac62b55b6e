#include "providers/kerberos/message_protection.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/faults.h"

namespace epa::kerberos {
namespace {

// RFC 4121 4.2.2.
constexpr uint8_t kSentByAcceptor = 0x01;
constexpr uint8_t kSealed = 0x02;
constexpr uint8_t kAcceptorSubkey = 0x04;
constexpr uint8_t kFiller = 0xFF;
constexpr std::array<uint8_t, 2> kMicTokenId = {0x04, 0x04};
constexpr std::array<uint8_t, 2> kWrapTokenId = {0x05, 0x04};
constexpr size_t kSequenceOffset = 8;
constexpr size_t kMaxMessageSize = size_t{1} << 30;

// RFC 4121 2.
constexpr krb5_keyusage kAcceptorSeal = 22;
constexpr krb5_keyusage kAcceptorSign = 23;
constexpr krb5_keyusage kInitiatorSeal = 24;
constexpr krb5_keyusage kInitiatorSign = 25;

void PutBigEndian(uint64_t value, std::span<uint8_t> out) {
  for (size_t i = out.size(); i > 0; --i) {
    out[i - 1] = static_cast<uint8_t>(value);
    value >>= 8;
  }
}

uint64_t BigEndian(std::span<const uint8_t> octets) {
  uint64_t value = 0;
  for (const uint8_t octet : octets) {
    value = value << 8 | octet;
  }
  return value;
}

krb5_crypto_iov Piece(krb5_cryptotype type, std::span<const uint8_t> octets) {
  return {type, ViewOf(octets)};
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
    std::shared_ptr<ContextPool> pool, const SessionKeys& keys, Role role) {
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool->Acquire());
  const krb5_enctype type = krb5_k_key_enctype(lease.context(), keys.key.get());
  if (IsWeakEncryption(type)) {
    return absl::FailedPreconditionError("messages are protected with AES and Camellia keys only");
  }
  unsigned int header = 0, trailer = 0, checksum = 0;
  krb5_error_code code =
      krb5_c_crypto_length(lease.context(), type, KRB5_CRYPTO_TYPE_HEADER, &header);
  if (code == 0) {
    code = krb5_c_crypto_length(lease.context(), type, KRB5_CRYPTO_TYPE_TRAILER, &trailer);
  }
  if (code == 0) {
    code = krb5_c_crypto_length(lease.context(), type, KRB5_CRYPTO_TYPE_CHECKSUM, &checksum);
  }
  EPA_RETURN_IF_ERROR(FaultOf(lease.context(), code));
  std::unique_ptr<KerberosMessageProtection> protection(
      new KerberosMessageProtection(std::move(pool), keys, role));
  protection->confounder_size_ = header;
  protection->trailer_size_ = trailer;
  protection->checksum_size_ = checksum;
  return protection;
}

KerberosMessageProtection::KerberosMessageProtection(std::shared_ptr<ContextPool> pool,
                                                     const SessionKeys& keys, Role role)
    : pool_(std::move(pool)),
      key_(keys.key.get()),
      acceptor_subkey_(keys.acceptor_subkey),
      role_(role),
      next_sequence_(keys.send_sequence),
      incoming_(keys.receive_sequence, (keys.flags & kSequence) != 0) {}

uint8_t KerberosMessageProtection::FlagsOf(bool sealed, bool from_peer) const {
  const bool by_acceptor = (role_ == Role::kAcceptor) != from_peer;
  return static_cast<uint8_t>((by_acceptor ? kSentByAcceptor : 0) | (sealed ? kSealed : 0) |
                              (acceptor_subkey_ ? kAcceptorSubkey : 0));
}

krb5_keyusage KerberosMessageProtection::Usage(bool sealing, bool from_peer) const {
  const bool by_acceptor = (role_ == Role::kAcceptor) != from_peer;
  if (by_acceptor) {
    return sealing ? kAcceptorSeal : kAcceptorSign;
  }
  return sealing ? kInitiatorSeal : kInitiatorSign;
}

KerberosMessageProtection::Header KerberosMessageProtection::MicHeader(uint64_t sequence,
                                                                       bool from_peer) const {
  Header header;
  header.fill(kFiller);
  std::copy(kMicTokenId.begin(), kMicTokenId.end(), header.begin());
  header[2] = FlagsOf(false, from_peer);
  PutBigEndian(sequence, std::span(header).subspan(kSequenceOffset));
  return header;
}

KerberosMessageProtection::Header KerberosMessageProtection::WrapHeader(const WrapFields& fields,
                                                                        bool sealed,
                                                                        bool from_peer) const {
  Header header;
  std::copy(kWrapTokenId.begin(), kWrapTokenId.end(), header.begin());
  header[2] = FlagsOf(sealed, from_peer);
  header[3] = kFiller;
  PutBigEndian(fields.extra_count, std::span(header).subspan(4, 2));
  PutBigEndian(fields.rotation, std::span(header).subspan(6, 2));
  PutBigEndian(fields.sequence, std::span(header).subspan(kSequenceOffset));
  return header;
}

bool KerberosMessageProtection::ReadMicHeader(std::span<const uint8_t> header,
                                              uint64_t& sequence) const {
  sequence = BigEndian(header.subspan(kSequenceOffset));
  return std::ranges::equal(header, MicHeader(sequence, true));
}

bool KerberosMessageProtection::ReadWrapHeader(std::span<const uint8_t> header, bool sealed,
                                               WrapFields& fields) const {
  fields.extra_count = static_cast<uint16_t>(BigEndian(header.subspan(4, 2)));
  fields.rotation = static_cast<uint16_t>(BigEndian(header.subspan(6, 2)));
  fields.sequence = BigEndian(header.subspan(kSequenceOffset));
  return std::ranges::equal(header, WrapHeader(fields, sealed, true));
}

absl::Status KerberosMessageProtection::Checksum(std::span<const uint8_t> message,
                                                 std::span<const uint8_t> header,
                                                 krb5_keyusage usage, std::span<uint8_t> checksum) {
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool_->Acquire());
  std::array<krb5_crypto_iov, 3> pieces = {Piece(KRB5_CRYPTO_TYPE_DATA, message),
                                           Piece(KRB5_CRYPTO_TYPE_SIGN_ONLY, header),
                                           Piece(KRB5_CRYPTO_TYPE_CHECKSUM, checksum)};
  return FaultOf(lease.context(), krb5_k_make_checksum_iov(lease.context(), 0, key_, usage,
                                                           pieces.data(), pieces.size()));
}

absl::Status KerberosMessageProtection::CheckChecksum(std::span<const uint8_t> message,
                                                      std::span<const uint8_t> header,
                                                      krb5_keyusage usage,
                                                      std::span<const uint8_t> checksum) {
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool_->Acquire());
  const std::array<krb5_crypto_iov, 3> pieces = {Piece(KRB5_CRYPTO_TYPE_DATA, message),
                                                 Piece(KRB5_CRYPTO_TYPE_SIGN_ONLY, header),
                                                 Piece(KRB5_CRYPTO_TYPE_CHECKSUM, checksum)};
  krb5_boolean valid = 0;
  if (krb5_k_verify_checksum_iov(lease.context(), 0, key_, usage, pieces.data(), pieces.size(),
                                 &valid) != 0 ||
      !valid) {
    return Altered("the signature does not belong to this message");
  }
  return absl::OkStatus();
}

absl::Status KerberosMessageProtection::TakeSequence(uint64_t sequence) {
  return incoming_.Take(sequence)
             ? absl::OkStatus()
             : absl::OutOfRangeError("the message is a replay or out of sequence");
}

absl::Status KerberosMessageProtection::Sign(std::span<const uint8_t> message,
                                             std::span<uint8_t> signature) {
  if (signature.size() != signature_size() || message.size() > kMaxMessageSize) {
    return absl::InvalidArgumentError("the signature has the wrong size, or the message 1 GiB");
  }
  const Header header = MicHeader(next_sequence_, false);
  EPA_RETURN_IF_ERROR(
      Checksum(message, header, Usage(false, false), signature.subspan(kHeaderSize)));
  std::copy(header.begin(), header.end(), signature.begin());
  ++next_sequence_;
  return absl::OkStatus();
}

absl::Status KerberosMessageProtection::Verify(std::span<const uint8_t> message,
                                               std::span<const uint8_t> signature) {
  uint64_t sequence = 0;
  if (signature.size() != signature_size() ||
      !ReadMicHeader(signature.first(kHeaderSize), sequence)) {
    return Altered("not a signature of this peer");
  }
  EPA_RETURN_IF_ERROR(CheckChecksum(message, signature.first(kHeaderSize), Usage(false, true),
                                    signature.subspan(kHeaderSize)));
  return TakeSequence(sequence);
}

absl::Status KerberosMessageProtection::Seal(std::span<uint8_t> message,
                                             std::span<uint8_t> signature) {
  if (signature.size() != seal_signature_size() || message.size() > kMaxMessageSize) {
    return absl::InvalidArgumentError("the signature has the wrong size, or the message 1 GiB");
  }
  WrapFields fields;
  fields.sequence = next_sequence_;
  const Header inner = WrapHeader(fields, true, false);
  fields.rotation = static_cast<uint16_t>(kHeaderSize + trailer_size_);
  const Header outer = WrapHeader(fields, true, false);
  std::copy(outer.begin(), outer.end(), signature.begin());
  // Rotated to the right by what follows the message.
  const auto copy = signature.subspan(kHeaderSize, kHeaderSize);
  const auto trailer = signature.subspan(2 * kHeaderSize, trailer_size_);
  const auto confounder = signature.subspan(2 * kHeaderSize + trailer_size_);
  std::copy(inner.begin(), inner.end(), copy.begin());
  std::array<krb5_crypto_iov, 4> pieces = {
      Piece(KRB5_CRYPTO_TYPE_HEADER, confounder), Piece(KRB5_CRYPTO_TYPE_DATA, message),
      Piece(KRB5_CRYPTO_TYPE_DATA, copy), Piece(KRB5_CRYPTO_TYPE_TRAILER, trailer)};
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool_->Acquire());
  EPA_RETURN_IF_ERROR(
      FaultOf(lease.context(), krb5_k_encrypt_iov(lease.context(), key_, Usage(true, false),
                                                  nullptr, pieces.data(), pieces.size())));
  ++next_sequence_;
  return absl::OkStatus();
}

absl::Status KerberosMessageProtection::Decrypt(std::span<uint8_t> confounder,
                                                std::span<uint8_t> message, std::span<uint8_t> copy,
                                                std::span<uint8_t> trailer,
                                                const WrapFields& fields) {
  std::array<krb5_crypto_iov, 4> pieces = {
      Piece(KRB5_CRYPTO_TYPE_HEADER, confounder), Piece(KRB5_CRYPTO_TYPE_DATA, message),
      Piece(KRB5_CRYPTO_TYPE_DATA, copy), Piece(KRB5_CRYPTO_TYPE_TRAILER, trailer)};
  EPA_ASSIGN_OR_RETURN(const ContextPool::Lease lease, pool_->Acquire());
  absl::Status status = absl::OkStatus();
  if (krb5_k_decrypt_iov(lease.context(), key_, Usage(true, true), nullptr, pieces.data(),
                         pieces.size()) != 0) {
    status = Altered("the message does not decrypt");
  }
  // Nothing but this copy vouches for the header (CVE-2024-37370).
  WrapFields expected = fields;
  expected.rotation = 0;
  if (status.ok() && !ConstantTimeEquals(copy, WrapHeader(expected, true, true))) {
    status = Altered("the header was changed");
  }
  if (status.ok()) {
    status = TakeSequence(fields.sequence);
  }
  if (!status.ok()) {
    WipeMemory(message);
  }
  return status;
}

absl::Status KerberosMessageProtection::Unseal(std::span<uint8_t> message,
                                               std::span<const uint8_t> signature) {
  WrapFields fields;
  if (signature.size() != seal_signature_size() ||
      !ReadWrapHeader(signature.first(kHeaderSize), true, fields) || fields.extra_count != 0 ||
      fields.rotation != kHeaderSize + trailer_size_) {
    WipeMemory(message);
    return Altered("not a signature of this peer");
  }
  std::vector<uint8_t> rest(signature.begin() + kHeaderSize, signature.end());
  const std::span<uint8_t> all(rest);
  return Decrypt(all.subspan(kHeaderSize + trailer_size_), message, all.first(kHeaderSize),
                 all.subspan(kHeaderSize, trailer_size_), fields);
}

absl::StatusOr<std::vector<uint8_t>> KerberosMessageProtection::Wrap(
    std::span<const uint8_t> message, WrapKind kind) {
  if (kind == WrapKind::kSealed) {
    return MessageProtection::Wrap(message, kind);
  }
  if (message.size() > kMaxMessageSize) {
    return absl::InvalidArgumentError("a message has at most 1 GiB");
  }
  // RFC 4121 4.2.4: the checksum counts neither the extra count nor the rotation.
  WrapFields fields;
  fields.sequence = next_sequence_;
  const Header covered = WrapHeader(fields, false, false);
  fields.extra_count = static_cast<uint16_t>(checksum_size_);
  const Header header = WrapHeader(fields, false, false);
  std::vector<uint8_t> token;
  token.reserve(kHeaderSize + message.size() + checksum_size_);
  token.insert(token.end(), header.begin(), header.end());
  token.insert(token.end(), message.begin(), message.end());
  token.resize(token.size() + checksum_size_);
  EPA_RETURN_IF_ERROR(
      Checksum(message, covered, Usage(true, false), std::span(token).last(checksum_size_)));
  ++next_sequence_;
  return token;
}

absl::StatusOr<std::vector<uint8_t>> KerberosMessageProtection::Unwrap(
    std::span<const uint8_t> wrapped, WrapKind kind) {
  const bool sealed = kind == WrapKind::kSealed;
  WrapFields fields;
  if (wrapped.size() < kHeaderSize || !ReadWrapHeader(wrapped.first(kHeaderSize), sealed, fields)) {
    return Altered("not a message of this kind from this peer");
  }
  const auto body = wrapped.subspan(kHeaderSize);
  if (sealed) {
    return UnwrapSealed(body, fields);
  }
  std::vector<uint8_t> turned(body.size());
  CopyTurned(body, fields.rotation, 0, turned);
  return UnwrapSigned(turned, fields);
}

absl::StatusOr<std::vector<uint8_t>> KerberosMessageProtection::UnwrapSigned(
    std::span<const uint8_t> body, const WrapFields& fields) {
  if (fields.extra_count != checksum_size_ || body.size() < checksum_size_) {
    return Altered("the message has no room for its checksum");
  }
  WrapFields covered;
  covered.sequence = fields.sequence;
  const auto message = body.first(body.size() - checksum_size_);
  EPA_RETURN_IF_ERROR(CheckChecksum(message, WrapHeader(covered, false, true), Usage(true, true),
                                    body.last(checksum_size_)));
  EPA_RETURN_IF_ERROR(TakeSequence(fields.sequence));
  return std::vector<uint8_t>(message.begin(), message.end());
}

absl::StatusOr<std::vector<uint8_t>> KerberosMessageProtection::UnwrapSealed(
    std::span<const uint8_t> body, const WrapFields& fields) {
  const size_t around = confounder_size_ + kHeaderSize + trailer_size_;
  if (body.size() < around || fields.extra_count > body.size() - around) {
    return Altered("the message is too short");
  }
  std::vector<uint8_t> plain(body.size() - around);
  std::vector<uint8_t> rest(around);
  const auto confounder = std::span(rest).first(confounder_size_);
  const auto after = std::span(rest).subspan(confounder_size_);
  CopyTurned(body, fields.rotation, 0, confounder);
  CopyTurned(body, fields.rotation, confounder_size_, plain);
  CopyTurned(body, fields.rotation, confounder_size_ + plain.size(), after);
  EPA_RETURN_IF_ERROR(
      Decrypt(confounder, plain, after.first(kHeaderSize), after.subspan(kHeaderSize), fields));
  plain.resize(plain.size() - fields.extra_count);
  return plain;
}

}  // namespace epa::kerberos
